"""The function's log: from a session to its log stream, and to the very line of one upload."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from audit.accounts.errors import AuditError
from audit.accounts.names import read_session
from audit.accounts.permissions import PRODUCER
from audit.evidence.files import needle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from audit.accounts.clients import AccountClients
    from audit.evidence.window import Window

# Fields of handler.report.CheckReport, which writes the lines; a test holds them together.
KEY, SESSION, OUTCOME = "key", "session", "outcome"
MESSAGE_ID, REQUEST_ID = "message_id", "request_id"
FIELDS = (KEY, SESSION, OUTCOME, MESSAGE_ID, REQUEST_ID)

# The clocks of S3 and Lambda are not one, and CloudTrail cuts its times to whole seconds.
CLOCKS = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line that the function wrote about one upload."""

    time: datetime
    stream: str
    fields: dict[str, Any]

    def get(self, field: str) -> str:
        """A field as text; empty where the line lacks it."""
        return str(self.fields.get(field, ""))


class Log(Protocol):
    """The function's log, wherever it is read."""

    says: str

    def lines(self, key: str, session: str, window: Window) -> Iterable[LogLine]:
        """The lines about the original of that key, in no order; `session` may be empty."""
        ...


class CloudWatch:
    """The log group itself."""

    def __init__(self, access: AccountClients, group: str, originals: str) -> None:
        """`group` is the log group's name, `originals` the prefix that all keys begin with."""
        self._access = access
        self._originals = originals
        self._group = group
        self.says = f"the log group {group}"

    def lines(self, key: str, session: str, window: Window) -> list[LogLine]:
        """By the session's own stream where there is one, else by the text in any stream."""
        streams = self._streams(session)
        narrowed: dict[str, Any] = {"logStreamNames": streams} if streams else {}
        # A quoted term is matched as it stands; keys may hold letters that JSON writes otherwise.
        found = self._access.pages(
            PRODUCER,
            "logs",
            "filter_log_events",
            "events",
            logGroupName=self._group,
            filterPattern=f'"{session or needle(key.removeprefix(self._originals))}"',
            startTime=_milliseconds(window.start),
            endTime=_milliseconds(window.end),
            **narrowed,
        )
        return _about(found, key, session)

    def _streams(self, session: str) -> list[str]:
        """The streams of the session's container; one on AWS, none in the emulator.

        Lambda's names are `YYYY/MM/DD/[version]<hex>` or, in a log group of one's own,
        `YYYY/MM/DD/<function>[<version>][<hex>]`.
        """
        parts = read_session(session)
        if not parts:
            return []
        named = self._access.pages(
            PRODUCER,
            "logs",
            "describe_log_streams",
            "logStreams",
            logGroupName=self._group,
            logStreamNamePrefix=f"{parts.day}/",
        )
        names = [each["logStreamName"] for each in named]
        return [name for name in names if parts.container in name]


class LogExport:
    """What `aws logs filter-log-events` printed, in a file."""

    def __init__(self, path: Path) -> None:
        """AuditError where the file is not that."""
        self.says = str(path)
        try:
            self._events: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["events"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise AuditError(
                f"{path} is no export of a log ({error}); make one with aws logs "
                "filter-log-events --log-group-name <the function's> --output json"
            ) from error

    def lines(self, key: str, session: str, window: Window) -> list[LogLine]:
        """From the file."""
        first, last = _milliseconds(window.start), _milliseconds(window.end)
        within = [each for each in self._events if first <= each["timestamp"] <= last]
        return _about(within, key, session)


def line_after(lines: Iterable[LogLine], moment: datetime) -> LogLine | None:
    """The line that tells of a write at that moment: the first after it, or else the last.

    The function writes the line of an upload when all its thumbnails are written.
    """
    ordered = sorted(lines, key=lambda line: line.time)
    later = [line for line in ordered if line.time >= moment - CLOCKS]
    return later[0] if later else (ordered[-1] if ordered else None)


def _about(events: Iterable[dict[str, Any]], key: str, session: str) -> list[LogLine]:
    found: list[LogLine] = []
    for each in events:
        try:
            fields = json.loads(each["message"])
        except ValueError:
            continue  # Lambda's own START, END and REPORT, where they are not JSON
        if fields.get(KEY) == key and session in ("", fields.get(SESSION)):
            found.append(
                LogLine(
                    time=datetime.fromtimestamp(each["timestamp"] / 1000, UTC),
                    stream=each.get("logStreamName", ""),
                    fields=fields,
                )
            )
    return found


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
