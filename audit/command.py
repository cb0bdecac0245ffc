"""Runs one command: which source, which log, which policy; then asks, and shows the answer."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from audit import terminal
from audit.accounts import permissions
from audit.accounts.clients import connect
from audit.accounts.errors import AuditError, aws_errors
from audit.accounts.names import IMAGES, THUMBX_ROLE, PicturePrefixes
from audit.accounts.wiring import follow
from audit.evidence import sources
from audit.evidence.logs import CloudWatch, LogExport
from audit.evidence.window import Window, between
from audit.options import parser
from audit.questions import who
from audit.questions.bucket_policy import read_policy
from audit.questions.trace import split_uri, trace

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from audit.accounts.clients import AccountClients
    from audit.accounts.wiring import Wiring
    from audit.evidence.logs import Log
    from audit.evidence.sources import Source

COULD_NOT_RUN = 2
WIDE = 180  # columns of a table that goes into a file
BEFORE = timedelta(hours=2)  # a session is an hour old at most when it writes
NO_POLICY = "Who is named in the bucket policy is not known: give it with --policy."


def main(words: Sequence[str]) -> int:
    """Run the command line; the exit code is `checks.report.EXIT`'s for `check`, else 0 or 2."""
    options = parser().parse_args(words)
    try:
        return _Command(options).run()
    except AuditError as error:
        sys.stderr.write(f"{error}\n")
        return COULD_NOT_RUN


class _Command:
    """One run of the program."""

    def __init__(self, options: Namespace) -> None:
        self._options = options
        self._now = datetime.now(UTC)
        self._out = Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)
        self._progress = terminal.reading(Console(stderr=True))

    def run(self) -> int:
        """Run it; the exit code."""
        match self._options.command:
            case "trace":
                return self._trace()
            case "who":
                return self._who()
            case "check":
                return self._check()
            case _:
                return self._policies()

    def _policies(self) -> int:
        account = self._options.account
        partition = self._options.partition
        of_both = {
            each: permissions.policy(grants, partition)
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
            window = self._window("90d")
            prefixes = PicturePrefixes(originals=options.originals, thumbnails=options.thumbnails)
            source = self._source(window, None)
        else:
            access = self._access()
            wiring = follow(access, bucket)
            written = _written(access, bucket, key)
            window = self._window((written - BEFORE).isoformat() if written else "90d")
            prefixes, source = wiring.prefixes, self._source(window, wiring)
            log = log or CloudWatch(access, wiring.log_group, prefixes.originals)
        told = trace(
            options.uri,
            prefixes=prefixes,
            source=source,
            log=log,
            window=window,
            written=written,
        )
        if policy := self._policy(bucket):
            told.note_readers(policy)
        if options.json:
            self._out.print_json(data=told.as_json())
        else:
            terminal.story(self._out, told)
        return 0

    def _who(self) -> int:
        options = self._options
        window = self._window("24h")
        bucket = options.bucket or (IMAGES if options.where else only_bucket(self._access()))
        wiring = None if options.where else follow(self._access(), bucket)
        source = self._source(window, wiring)
        if options.changes:
            made = who.changes(source.changes(window))
            if options.json:
                self._out.print_json(data=who.changes_as_json(made, source, str(window)))
            else:
                terminal.changes(self._out, made, source.says, str(window), source.gaps)
            return 0
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
        given = who.WhoAnswer(
            question="Who assumed ThumbXRole" if options.role else f"Who touched {bucket}",
            expected="function" if options.role else "named",
            source=source.says,
            window=str(window),
            gaps=[*source.gaps, *([] if named or options.role else [NO_POLICY])],
            rows=rows,
        )
        if options.json:
            self._out.print_json(data=who.as_json(given))
        else:
            terminal.answer(self._out, given)
        return 0

    def _check(self) -> int:
        # Imported here, because it brings the program and Pulumi with it.
        from audit.checks import report as check  # noqa: PLC0415
        from audit.checks.expected import recorded  # noqa: PLC0415

        options = self._options
        window = self._window("30d")
        access = self._access()
        report = check.check(
            access,
            options.bucket or only_bucket(access),
            recorded(options.stack),
            lambda wiring: self._source(window, wiring),
            window,
            options.key_days,
        )
        if options.json:
            self._out.print_json(data=report.as_json())
        else:
            terminal.report(self._out, report)
        return check.EXIT[report.status]

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
        # A request for each day, region and account: a minute, for a quarter of a year.
        with Console(stderr=True).status("listing the trail's files"):
            return sources.deployed(
                wiring.bucket, wiring.accounts, self._access(), window, self._progress
            )

    def _policy(self, bucket: str) -> dict[str, Any] | None:
        """The bucket policy: the file's, else the deployed one; None with an export alone."""
        options = self._options
        if options.policy:
            return _read_json(Path(options.policy))
        if options.where:
            return None
        with aws_errors("reading the bucket policy", permissions.STORAGE):
            answer = (
                self._access().client(permissions.STORAGE, "s3").get_bucket_policy(Bucket=bucket)
            )
        return json.loads(answer["Policy"])


def only_bucket(access: AccountClients) -> str:
    """The one bucket of the storage account that the program made; AuditError if not one."""
    listed = access.pages(permissions.STORAGE, "s3", "list_buckets", "Buckets", Prefix=f"{IMAGES}-")
    names = [each["Name"] for each in listed if each["Name"].startswith(f"{IMAGES}-")]
    if len(names) != 1:
        found = ", ".join(names) or "none"
        raise AuditError(
            f"the storage account has {len(names)} buckets {IMAGES}-* ({found}), not one; name it "
            "with --bucket, and the account with --storage-profile"
        )
    return names[0]


def _written(access: AccountClients, bucket: str, key: str) -> datetime | None:
    """When the object was last written, by the listing of the bucket; None if it is not there.

    Listing is a right on the bucket, which its policy refuses nobody; looking at the object is
    one on the object, which it refuses everybody but its readers.
    """
    with aws_errors(f"looking when {key} was written", permissions.STORAGE):
        listed = access.client(permissions.STORAGE, "s3").list_objects_v2(Bucket=bucket, Prefix=key)
    return next((e["LastModified"] for e in listed.get("Contents", []) if e["Key"] == key), None)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AuditError(
            f"{path} is no bucket policy ({error}); make it with aws s3api get-bucket-policy "
            "--bucket <name> --query Policy --output text"
        ) from error
