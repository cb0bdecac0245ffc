"""One `run`: compares, shows, asks, sends, and compares again."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console

from audit.consent import agreed
from reconcile import removing, sending, show, waiting
from reconcile.comparison import Comparer
from reconcile.cost import estimate
from reconcile.errors import ReconcileError
from reconcile.exits import DONE, LEFT
from reconcile.findings import REMOVED, Rule
from reconcile.worklist import Worklist

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from audit.accounts.clients import AccountClients
    from reconcile.comparison import Comparison
    from reconcile.sending import Depths
    from reconcile.target import ReconciledStack

LOOK = 5.0  # seconds between two checks of a queue that is being emptied
PATIENCE = 3600.0  # seconds: a picture that fails again and again is dead within half of it
QUIET = 3  # checks in a row that must find the queue empty, because SQS's counts lag


class ReconcileRun:
    """One `run`: from the first comparison to the second."""

    def __init__(self, access: AccountClients, target: ReconciledStack, options: Namespace) -> None:
        self._access = access
        self._target = target
        self._options = options
        self._out = Console(highlight=False, soft_wrap=True)
        self._list = Worklist(folder=options.work / target.bucket)
        self._leftovers: Path = self._list.folder / "leftovers"
        self._missing: Path = self._list.folder / "missing"

    def run(self) -> int:
        """Run it; return the exit code."""
        if self._list.is_there:
            return self._go_on()
        rule, found = self._compare()
        if self._options.remove:
            removed = self._remove(found)
            if removed is None:
                return LEFT
            if removed:
                # An original may have been uploaded again in the meantime, and its thumbnails
                # deleted too.
                rule, found = self._compare()
        pictures = found.tally.to_send
        if not pictures:
            return DONE
        function = self._target.function
        region = self._target.region
        estimated = estimate(found.tally, function, region)
        show.price(self._out, estimated, pictures, function, region)
        most = self._options.max
        if most is not None and pictures > most:
            self._out.print(f"Nothing is sent, because {pictures:,} are more than --max {most:,}.")
            return LEFT
        if not self._agreed(f"Send {pictures:,} pictures?"):
            return LEFT
        mean = found.tally.bytes_to_read / pictures
        about = {
            "request": self._request(),
            "run": uuid.uuid4().hex,
            "began": rule.began.isoformat(),
            "pictures": pictures,
            "listed": found.tally.originals,
            "rate": function.rate(mean),
        }
        self._list.finish(about)
        return self._send(about)

    def _go_on(self) -> int:
        about = self._list.about
        if about["request"] != self._request():
            raise ReconcileError(
                f"a run with other options ({about['request']}) is not finished; give the same "
                f"options, or delete {self._list.folder} to give it up"
            )
        self._out.print(
            f"The run of {about['began']} goes on: {self._list.sent():,} of {about['pictures']:,} "
            "pictures were sent."
        )
        return self._send(about)

    def _compare(self) -> tuple[Rule, Comparison]:
        rule = self._rule(datetime.now(UTC))
        with (
            self._list.writing() as to_send,
            self._leftovers.open("w", encoding="utf-8") as to_remove,
        ):
            found = self._comparer(rule).compare(to_send, to_remove)
        show.comparison(self._out, found)
        return rule, found

    def _comparer(self, rule: Rule) -> Comparer:
        options = self._options
        return Comparer(
            access=self._access,
            target=self._target,
            rule=rule,
            prefix=options.prefix,
            verify=options.verify,
            progress=lambda tally: show.listing(self._out, tally),
        )

    def _rule(self, began: datetime) -> Rule:
        options = self._options
        return Rule(
            names=self._target.names,
            began=began,
            everything=options.all,
            before=options.before,
        )

    def _request(self) -> dict[str, Any]:
        """The options that must be the same for a stopped run to continue."""
        options = self._options
        return {
            "all": options.all,
            "before": options.before.isoformat() if options.before else None,
            "verify": options.verify,
            "prefix": options.prefix,
            "names": sorted(self._target.names),
        }

    def _agreed(self, question: str) -> bool:
        return agreed(self._out, question, yes=self._options.yes)

    def _send(self, about: dict[str, Any]) -> int:
        access, target = self._access, self._target
        before, already = target.depths(access), self._list.sent()

        def progress(sent: int, now: Depths) -> None:
            show.progress(self._out, about["listed"], already + sent, before, now)

        sender = sending.Sender(
            access=access,
            queue_url=target.uploads_url,
            run=about["run"],
            rate=about["rate"],
            depths=lambda: target.depths(access),
            progress=progress,
        )
        bodies = (
            [sending.message(target.bucket, key, about["run"]) for key in batch]
            for batch in self._list.batches()
        )
        sent = sender.send(bodies)
        self._wait_until_empty(about["rate"], lambda now: progress(sent, now))
        self._list.forget()
        return self._look_again(datetime.fromisoformat(about["began"]))

    def _wait_until_empty(self, rate: float, progress: Callable[[Depths], None]) -> None:
        """Wait until the function has taken every message, or for twice the time that it needs.

        The limit is needed because live uploads may keep the queue from ever being empty.
        """
        last = now = self._target.depths(self._access)
        ends = time.monotonic() + 2 * now.waiting / rate + PATIENCE
        quiet = 0
        while quiet < QUIET:
            if time.monotonic() > ends:
                self._out.print("The queue is still busy, most likely with live uploads.")
                return
            quiet = 0 if now.waiting else quiet + 1
            if now.waiting and now != last:
                progress(now)
            time.sleep(LOOK)
            last, now = now, self._target.depths(self._access)

    def _look_again(self, began: datetime) -> int:
        """List again, and name each key that still lacks thumbnails, with the reason."""
        rule = replace(self._rule(began), everything=False, before=self._options.before)
        reasons: dict[str, str] | None = None
        shown, count = dict[str, str](), 0
        with self._missing.open("w", encoding="utf-8") as lines:
            for count, key in enumerate(self._comparer(rule).missing(), 1):
                reasons = self._reasons() if reasons is None else reasons
                reason = reasons.get(
                    key, "neither refused nor among the dead letters; it may still be in work"
                )
                lines.write(json.dumps({"key": key, "reason": reason}) + "\n")
                if count <= show.NAMED:
                    shown[key] = reason
        show.missing(self._out, shown, count, self._missing)
        return LEFT if count else DONE

    def _reasons(self) -> dict[str, str]:
        """The reasons why originals are refused or dead, by whole key."""
        found = waiting.all_of(self._access, self._target)
        waiting.show_again(self._access, found)
        return {key: f"{each.reason}: {each.says}" for each in found for key in each.keys}

    def _remove(self, found: Comparison) -> int | None:
        """Delete the leftovers after a yes; return how many, or None if the answer was no."""
        count = sum(found.tally.pictures[kind] for kind in REMOVED)
        if not count:
            return 0
        self._out.print(f"All {count:,} keys are in {self._leftovers}, one a line.")
        if not self._agreed(f"Delete {count:,} thumbnails?"):
            return None
        bucket, owner = self._target.bucket, self._target.owner
        keys: Iterator[str] = self._leftover_keys()
        if self._target.is_adopted:
            keys = removing.written_by_us(self._access, bucket, owner, keys)
        removed = removing.remove(self._access, bucket, owner, keys)
        self._out.print(f"{removed:,} thumbnails were deleted.")
        return removed

    def _leftover_keys(self) -> Iterator[str]:
        with self._leftovers.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)
