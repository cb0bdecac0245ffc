"""Runs one command: compare, say, ask, send, and look again."""

from __future__ import annotations

import json
import sys
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.prompt import Confirm

from audit.accounts.bucket import only_bucket
from audit.accounts.clients import connect
from audit.accounts.errors import AuditError
from audit.accounts.permissions import policy as policy_of
from reconcile import permissions, removing, sending, show, waiting
from reconcile.comparison import Comparer
from reconcile.cost import estimate
from reconcile.errors import ReconcileError
from reconcile.findings import REMOVED, Rule
from reconcile.options import parser
from reconcile.target import read_target
from reconcile.worklist import Worklist

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from audit.accounts.clients import AccountClients
    from reconcile.comparison import Comparison
    from reconcile.sending import Depths
    from reconcile.target import ReconciledStack

DONE, LEFT, COULD_NOT_RUN = 0, 1, 2
INTERRUPTED = 130  # what shells give for Ctrl-C
NAMED = 20  # originals without thumbnails that are named one by one
LOOK = 5.0  # seconds between two looks at a queue that is being emptied
QUIET = 3  # looks at an empty queue until it counts as empty: SQS's counts lag


def main(words: Sequence[str]) -> int:
    """Run the command line; the exit code."""
    options = parser().parse_args(words)
    if options.command == "policy":
        rights = {each: policy_of(permissions.GRANTS[each]) for each in permissions.GRANTS}
        chosen: Any = rights[options.account] if options.account else rights
        sys.stdout.write(json.dumps(chosen, indent=2) + "\n")
        return DONE
    try:
        access = connect(
            options.producer_profile,
            options.storage_profile,
            options.region,
            permissions.operations,
        )
        target = read_target(access, options.bucket or only_bucket(access))
        command = _Waiting if options.command == "waiting" else _Run
        return command(access, target, options).run()
    except (AuditError, ReconcileError) as error:
        sys.stderr.write(f"{error}\n")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the same command goes on where this one ended\n")
        return INTERRUPTED


class _Run:
    """One `run`: from the comparison to the second one."""

    def __init__(self, access: AccountClients, target: ReconciledStack, options: Namespace) -> None:
        self._access = access
        self._target = target
        self._options = options
        self._out = Console(highlight=False)
        self._list = Worklist(folder=options.work / target.bucket)
        self._leftovers: Path = self._list.folder / "leftovers"

    def run(self) -> int:
        """Run it; the exit code."""
        if self._list.is_there:
            return self._go_on()
        rule = self._rule(datetime.now(UTC))
        found = self._compare(rule)
        show.comparison(self._out, found)
        if self._options.remove and not self._remove(found):
            return LEFT
        pictures = found.tally.to_send
        if not pictures:
            return DONE
        function = self._target.function
        show.price(self._out, estimate(found.tally, function), pictures, function)
        most = self._options.max
        if most is not None and pictures > most:
            self._out.print(f"Nothing is sent: {pictures:,} are more than --max {most:,}.")
            return LEFT
        if not self._agreed(f"Send {pictures:,} pictures?"):
            return LEFT
        mean = found.tally.bytes_to_read / pictures
        about = {
            "request": self._request(),
            "run": uuid.uuid4().hex,
            "began": rule.began.isoformat(),
            "pictures": pictures,
            "rate": function.rate(mean),
        }
        self._list.finish(about)
        return self._send(about)

    def _go_on(self) -> int:
        about = self._list.about
        if about["request"] != self._request():
            raise ReconcileError(
                f"a run with other options ({about['request']}) is not finished; give those "
                f"options again, or delete {self._list.folder} to forget it"
            )
        self._out.print(
            f"The run of {about['began']} goes on: {self._list.sent():,} of {about['pictures']:,} "
            "pictures were sent."
        )
        return self._send(about)

    def _compare(self, rule: Rule) -> Comparison:
        comparer = self._comparer(rule)
        with (
            self._list.writing() as to_send,
            self._leftovers.open("w", encoding="utf-8") as to_remove,
        ):
            return comparer.compare(to_send, to_remove)

    def _comparer(self, rule: Rule) -> Comparer:
        options = self._options
        return Comparer(
            access=self._access,
            target=self._target,
            rule=rule,
            prefix=options.prefix,
            verify=options.verify,
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
        """What has to be the same for a run to be continued."""
        options = self._options
        return {
            "all": options.all,
            "before": options.before.isoformat() if options.before else None,
            "verify": options.verify,
            "prefix": options.prefix,
            "names": sorted(self._target.names),
        }

    def _agreed(self, question: str) -> bool:
        if self._options.yes:
            return True
        if not sys.stdin.isatty():
            self._out.print(f"{question} Nobody can be asked here; say --yes to go on.")
            return False
        return Confirm.ask(question, console=self._out, default=False)

    def _send(self, about: dict[str, Any]) -> int:
        access, target = self._access, self._target
        before, already = target.depths(access), self._list.sent()

        def progress(sent: int, now: Depths) -> None:
            show.progress(self._out, already + sent, about["pictures"], before, now)

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
        self._wait_until_empty(lambda now: progress(sent, now))
        self._list.forget()
        return self._look_again(datetime.fromisoformat(about["began"]))

    def _wait_until_empty(self, progress: Callable[[Depths], None]) -> None:
        """Wait until the function has taken everything; live uploads are waited for as well."""
        quiet = 0
        while quiet < QUIET:
            now = self._target.depths(self._access)
            quiet = 0 if now.waiting else quiet + 1
            if now.waiting:
                progress(now)
            time.sleep(LOOK)

    def _look_again(self, began: datetime) -> int:
        """List once more by the plain rule and name what is still missing, with the reason."""
        rule = replace(self._rule(began), everything=False, before=self._options.before)
        keys, count = list[str](), 0
        for count, key in enumerate(self._comparer(rule).missing(), 1):
            if count <= NAMED:
                keys.append(key)
        reasons = self._reasons(keys)
        unknown = "neither refused nor dead; it may be under way"
        show.missing(self._out, {key: reasons.get(key, unknown) for key in keys}, count)
        return LEFT if count else DONE

    def _reasons(self, keys: list[str]) -> dict[str, str]:
        if not keys:
            return {}
        found = list(
            waiting.waiting(self._access, self._target.refused_url, [self._target.dead_url])
        )
        waiting.show_again(self._access, found)
        return {key: f"{each.reason}: {each.says}" for each in found for key in each.keys}

    def _remove(self, found: Comparison) -> bool:
        """Delete the leftovers after a yes; whether the run goes on."""
        count = sum(found.tally.pictures[kind] for kind in REMOVED)
        if not count:
            return True
        self._out.print(f"All {count:,} keys are in {self._leftovers}, one a line.")
        if not self._agreed(f"Delete {count:,} thumbnails?"):
            return False
        bucket, owner = self._target.bucket, self._target.owner
        keys: Iterator[str] = self._leftover_keys()
        if self._target.is_adopted:
            keys = removing.written_by_us(self._access, bucket, owner, keys)
        removed = removing.remove(self._access, bucket, owner, keys)
        self._out.print(f"{removed:,} thumbnails were deleted.")
        return True

    def _leftover_keys(self) -> Iterator[str]:
        with self._leftovers.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


class _Waiting:
    """One `waiting`: what was refused or is dead, and again if asked for."""

    def __init__(self, access: AccountClients, target: ReconciledStack, options: Namespace) -> None:
        self._access = access
        self._target = target
        self._options = options
        self._out = Console(highlight=False)

    def run(self) -> int:
        """Run it; the exit code."""
        target, options = self._target, self._options
        found = list(waiting.waiting(self._access, target.refused_url, [target.dead_url]))
        chosen = [each for each in found if self._is_chosen(each)]
        try:
            show.messages(self._out, found, self._lacking(found))
            if options.send_again:
                run = uuid.uuid4().hex
                moved = waiting.send_again(
                    self._access,
                    [each for each in chosen if each.keys],
                    target.uploads_url,
                    lambda key: sending.message(target.bucket, key, run),
                )
                self._out.print(f"{moved:,} messages went to the function again.")
                found = [each for each in found if each not in chosen or not each.keys]
        finally:
            waiting.show_again(self._access, found)
        return LEFT if found else DONE

    def _is_chosen(self, message: waiting.Message) -> bool:
        options = self._options
        if options.key:
            return options.key in message.keys
        return not options.reason or message.reason == options.reason

    def _lacking(self, found: list[waiting.Message]) -> dict[str, int]:
        """How many messages of each reason are about an original that lacks thumbnails."""
        lacking: dict[str, int] = {}
        for each in found:
            if any(self._target.lacks(self._access, key) for key in each.keys):
                lacking[each.reason] = lacking.get(each.reason, 0) + 1
        return lacking
