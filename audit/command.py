"""Runs one command: chooses source, log and bucket policy, asks, and shows the answer."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from audit import terminal
from audit.accounts import permissions
from audit.accounts.bucket import key_of, only_bucket, policy_of, written_at
from audit.accounts.clients import connect, partition_named
from audit.accounts.errors import AuditError, BrokenEvidenceError, LoginError, WiringError
from audit.accounts.names import IMAGES, THUMBX_ROLE, PicturePrefixes
from audit.accounts.wiring import follow
from audit.border import json_text, plain_lines
from audit.evidence import sources
from audit.evidence.logs import CloudWatch, LogExport
from audit.evidence.window import Window, between
from audit.options import parser
from audit.questions import reads, who
from audit.questions.bucket_policy import read_policy, read_policy_file
from audit.questions.trace import split_uri, trace

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence

    from audit.accounts.clients import AccountClients
    from audit.accounts.wiring import Wiring
    from audit.evidence.logs import Log
    from audit.evidence.sources import Source

COULD_NOT_RUN = 2
BROKEN_EVIDENCE = 3
BEFORE = timedelta(hours=2)  # a session is at most an hour old when it writes
TRAIL_ITSELF = "--from s3://<the trail's bucket>/AWSLogs reads the trail's files all the same"
NO_POLICY = "It is not known who is named in the bucket policy: give the policy with --policy."


def main(words: Sequence[str]) -> int:
    """Run the command line; return the exit code.

    `check` has the exit codes of `checks.report.EXIT`. For other commands, 0 is an answer, 2 is no
    answer, and 3 is an answer that lacks evidence because the evidence cannot be read.
    """
    options = parser().parse_args(words)
    try:
        return _Command(options).run()
    except LoginError as error:
        profile = getattr(options, f"{error.account}_profile") or "<profile>"
        remedy = (
            f"the credentials are not valid or have expired: aws sso login --profile {profile}, "
            f"or name another with --{error.account}-profile"
        )
        sys.stderr.write(f"{plain_lines(f'{error}; {remedy}')}\n")
        return COULD_NOT_RUN
    except WiringError as error:
        sys.stderr.write(plain_lines(f"{error}; {TRAIL_ITSELF}") + "\n")
        return COULD_NOT_RUN
    except AuditError as error:
        sys.stderr.write(f"{plain_lines(str(error))}\n")
        return BROKEN_EVIDENCE if isinstance(error, BrokenEvidenceError) else COULD_NOT_RUN


class _Command:
    """One run."""

    def __init__(self, options: Namespace) -> None:
        self._options = options
        self._now = datetime.now(UTC)
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._progress = terminal.reading(Console(stderr=True))

    def run(self) -> int:
        """Run the command; return the exit code."""
        match self._options.command:
            case "trace":
                return self._trace()
            case "who":
                return self._who()
            case "reads":
                return self._reads()
            case "check":
                return self._check()
            case _:
                return self._policies()

    def _policies(self) -> int:
        account, partition = self._options.account, partition_named(self._options.partition)
        of_both = {
            each: permissions.policy(grants, partition, self._options.bucket)
            for each, grants in permissions.GRANTS.items()
        }
        sys.stdout.write(json.dumps(of_both[account] if account else of_both, indent=2) + "\n")
        return 0

    def _trace(self) -> int:
        options = self._options
        bucket, key = split_uri(options.uri)
        log: Log | None = LogExport(Path(options.logs)) if options.logs else None
        written: datetime | None = None
        if options.where:
            window, prefixes = self._window("90d"), self._prefixes()
            source = self._source(window, None)
        else:
            access = self._access()
            wiring = follow(access, bucket)
            written = written_at(access, bucket, key)
            window = self._window((written - BEFORE).isoformat() if written else "90d")
            prefixes, source = wiring.prefixes, self._source(window, wiring)
            log = log or CloudWatch(access, wiring.log_group, prefixes.originals)
        found = trace(
            options.uri,
            prefixes=prefixes,
            source=source,
            log=log,
            window=window,
            written=written,
        )
        if policy := self._policy(bucket):
            found.note_readers(policy)
        self._show(found.as_json(), lambda: terminal.timeline(self._out, found))
        return BROKEN_EVIDENCE if source.broken or (log and log.broken) else 0

    def _who(self) -> int:
        options = self._options
        window = self._window("24h")
        bucket = options.bucket or (IMAGES if options.where else only_bucket(self._access()))
        wiring = None if options.where else follow(self._access(), bucket)
        source = self._source(window, wiring)
        if options.changes:
            known = wiring.identifiers | key_of(self._access(), bucket) if wiring else ()
            changes = who.changes(source.changes(window, known))
            self._show(
                who.changes_as_json(changes, source, str(window)),
                lambda: terminal.changes(self._out, changes, source.says, str(window), source.gaps),
            )
            return _exit_code(source)
        policy = None if options.role else self._policy(bucket)
        named = read_policy(policy) if policy else None
        rows = (
            who.of_role(
                source.assumptions(THUMBX_ROLE, "", window),
                wiring.execution_role.split(":")[4] if wiring else "",
            )
            if options.role
            else who.of_bucket(source.about_bucket(bucket, window), named)
        )
        found = who.WhoAnswer(
            question="Who assumed ThumbXRole" if options.role else f"Who touched {bucket}",
            expected="function" if options.role else "named",
            source=source.says,
            window=str(window),
            gaps=[*source.gaps, *([] if named or options.role else [NO_POLICY])],
            rows=rows,
        )
        self._show(who.as_json(found), lambda: terminal.answer(self._out, found))
        return _exit_code(source)

    def _reads(self) -> int:
        options = self._options
        window = self._window("90d")
        bucket, key = split_uri(options.uri) if options.uri else (options.bucket, "")
        bucket = bucket or (IMAGES if options.where else only_bucket(self._access()))
        wiring = None if options.where else follow(self._access(), bucket)
        wanted = reads.Wanted(
            key=key,
            by=options.by,
            with_thumbnails=options.thumbnails_too,
            prefixes=wiring.prefixes if wiring else self._prefixes(),
        )
        source = self._source(window, wiring)
        rows = reads.find_reads(source.about_objects(bucket, wanted.is_key, window), bucket, wanted)
        found = reads.ReadsAnswer(
            question=wanted.question(bucket),
            source=source.says,
            window=str(window),
            gaps=[*source.gaps, *wanted.note(rows)],
            rows=rows,
        )
        self._show(found.as_json(), lambda: terminal.reads(self._out, found))
        return _exit_code(source)

    def _show(self, data: dict[str, Any], show: Callable[[], None]) -> None:
        """Print the answer as JSON or as a table."""
        if self._options.json:
            sys.stdout.write(f"{json_text(data)}\n")
        else:
            show()

    def _prefixes(self) -> PicturePrefixes:
        given = self._options
        return PicturePrefixes(originals=given.originals, thumbnails=given.thumbnails)

    def _check(self) -> int:
        # Imported here, because it brings the program and Pulumi with it.
        from audit.checks import report as check  # noqa: PLC0415
        from audit.checks.expected import adopted, recorded  # noqa: PLC0415

        options = self._options
        window = self._window("30d")
        program = recorded(options.stack)
        report = check.check(
            access := self._access(),
            options.bucket or adopted(program) or only_bucket(access),
            program,
            lambda wiring: self._source(window, wiring),
            window,
            options.key_days,
        )
        self._show(report.as_json(), lambda: terminal.report(self._out, report))
        return report.exit_code

    def _access(self) -> AccountClients:
        options = self._options
        if not hasattr(self, "_clients"):
            self._clients = connect(
                options.producer_profile, options.storage_profile, options.region
            )
        return self._clients

    def _window(self, since: str) -> Window:
        return between(self._options.since or since, self._options.until, self._now)

    def _source(self, window: Window, wiring: Wiring | None) -> Source:
        where = self._options.where
        if where or wiring is None:
            return sources.given(where, self._access(), window, self._progress)
        with Console(stderr=True).status("listing the trail's files"):
            return sources.deployed(
                wiring.pictures, wiring.accounts, self._access(), window, self._progress
            )

    def _policy(self, bucket: str) -> dict[str, Any] | None:
        """The bucket policy: the file's, or the deployed one; None if there is only an export."""
        options = self._options
        if options.policy:
            return read_policy_file(Path(options.policy))
        if options.where:
            return None
        return policy_of(self._access(), bucket)


def _exit_code(source: Source) -> int:
    """The exit code; call it after all events were read, when the broken ones are known."""
    return BROKEN_EVIDENCE if source.broken else 0
