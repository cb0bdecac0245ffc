"""One `waiting`: shows refused messages and dead letters, and sends them again if asked to."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from rich.console import Console

from reconcile import sending, show, waiting
from reconcile.exits import DONE, LEFT

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from audit.accounts.clients import AccountClients
    from reconcile.target import ReconciledStack
    from reconcile.waiting import WaitingMessage


class Letters:
    """The refused queue and the dead letters, shown by reason and sent again."""

    def __init__(self, access: AccountClients, target: ReconciledStack, options: Namespace) -> None:
        self._access = access
        self._target = target
        self._options = options
        self._out = Console(highlight=False, soft_wrap=True)

    def run(self) -> int:
        """Run it; return the exit code."""
        found = waiting.all_of(self._access, self._target)
        chosen = [each for each in found if self._is_chosen(each)]
        try:
            self._show(found)
            if self._options.send_again:
                run = uuid.uuid4().hex
                moved = waiting.send_again(
                    self._access,
                    [each for each in chosen if each.keys],
                    self._target.uploads_url,
                    lambda key: sending.message(self._target.bucket, key, run),
                    run,
                )
                self._out.print(f"{moved:,} messages went to the function again.")
                found = [each for each in found if each not in chosen or not each.keys]
        finally:
            waiting.show_again(self._access, found)
        return LEFT if found else DONE

    def _show(self, found: Sequence[WaitingMessage]) -> None:
        """The messages by reason, then the originals without thumbnails; a file has all of them."""
        lacking = [
            (key, each)
            for each in found
            for key in each.keys
            if self._target.lacks(self._access, key)
        ]
        show.messages(self._out, found, lacking)
        if not found:
            return
        names = {key for key, _ in lacking}
        path = self._options.work / self._target.bucket / "waiting"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as lines:
            for each in found:
                for key in each.keys or (None,):
                    told = {"reason": each.reason, "key": key, "says": each.says}
                    lines.write(json.dumps({**told, "lacks": key in names}) + "\n")
        self._out.print(f"All of them are in {path}, one message a line.")

    def _is_chosen(self, message: WaitingMessage) -> bool:
        options = self._options
        if options.key:
            return options.key in message.keys
        return not options.reason or message.reason == options.reason
