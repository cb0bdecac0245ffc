"""The function's log: finds a session's log stream, and the log line of one upload."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast

from audit.accounts.errors import AuditError
from audit.accounts.names import read_session
from audit.accounts.permissions import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from audit.accounts.clients import AccountClients
    from audit.evidence.window import Window

# Fields of handler.report.CheckReport, which writes the lines; a test compares the two.
KEY, SESSION, OUTCOME = "key", "session", "outcome"
MESSAGE_ID, REQUEST_ID = "message_id", "request_id"
FIELDS = (KEY, SESSION, OUTCOME, MESSAGE_ID, REQUEST_ID)

# S3's and Lambda's clocks differ, and CloudTrail cuts its times to whole seconds.
CLOCKS = timedelta(seconds=2)
# milliseconds from 1970 to the year 10000, the first that no date can hold
_LATEST = 253_402_300_800_000


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line that the function wrote about one upload."""

    time: datetime
    stream: str
    fields: dict[str, Any]

    def get(self, field: str) -> str:
        """A field as text; empty if the line lacks it."""
        return str(self.fields.get(field, ""))


class Log(Protocol):
    """The function's log, from any source."""

    says: str

    def lines(self, key: str, session: str, window: Window) -> Iterable[LogLine]:
        """The lines about the original with that key, in any order; `session` may be empty."""
        ...

    @property
    def broken(self) -> list[str]:
        """The log's unreadable parts, as sentences."""
        ...


class CloudWatch:
    """The log group itself."""

    def __init__(self, access: AccountClients, group: str, originals: str) -> None:
        """`group` is the log group's name, and `originals` is the prefix of all original keys."""
        self._access = access
        self._originals = originals
        self._group = group
        self.says = f"the log group {group}"
        self.broken = list[str]()

    def lines(self, key: str, session: str, window: Window) -> list[LogLine]:
        """Search the session's own stream if there is one, otherwise all streams by text."""
        streams = self._streams(session)
        narrowed: dict[str, Any] = {"logStreamNames": streams} if streams else {}
        # A quoted term is matched literally; keys may hold characters that JSON writes in another
        # way.
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
        """The streams of the session's container; AWS has one, the emulator none.

        Lambda names streams `YYYY/MM/DD/[version]<hex>` or, in a custom log group,
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
    """The output of `aws logs filter-log-events`, in a file."""

    def __init__(self, path: Path) -> None:
        """AuditError if the file is not such output."""
        self.says = str(path)
        try:
            events: list[Any] = list(json.loads(path.read_text("utf-8"))["events"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise AuditError(
                f"{path} is not an export of a log ({error}); make one with aws logs "
                "filter-log-events --log-group-name <the function's> --output json"
            ) from error
        self._events = [each for each in events if _is_event(each)]
        self.broken = (
            [f"{len(events) - len(self._events):,} events of {path} are malformed and not shown."]
            if len(self._events) < len(events)
            else []
        )

    def lines(self, key: str, session: str, window: Window) -> list[LogLine]:
        """From the file."""
        first, last = _milliseconds(window.start), _milliseconds(window.end)
        within = [each for each in self._events if first <= each["timestamp"] <= last]
        return _about(within, key, session)


def line_after(lines: Iterable[LogLine], moment: datetime) -> LogLine | None:
    """The line about a write at that time: the first line after it, or else the last line.

    The function writes an upload's line after all its thumbnails are written.
    """
    ordered = sorted(lines, key=lambda line: line.time)
    later = [line for line in ordered if line.time >= moment - CLOCKS]
    return later[0] if later else (ordered[-1] if ordered else None)


def _about(events: Iterable[dict[str, Any]], key: str, session: str) -> list[LogLine]:
    found: list[LogLine] = []
    for each in events:
        fields = _fields(each["message"])
        if fields.get(KEY) == key and session in ("", fields.get(SESSION)):
            found.append(
                LogLine(
                    time=datetime.fromtimestamp(each["timestamp"] / 1000, UTC),
                    stream=str(each.get("logStreamName", "")),
                    fields=fields,
                )
            )
    return found


def _fields(message: str) -> dict[str, Any]:
    """The fields of the line; empty for Lambda's own START, END and REPORT lines, which may not
    be JSON.
    """
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", fields) if isinstance(fields, dict) else {}


def _is_event(event: Any) -> bool:
    """Whether it has the fields of a log event, and a timestamp that can be a time."""
    match event:
        case {"message": str(), "timestamp": int(time)}:
            return 0 <= time < _LATEST
        case _:
            return False


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def needle(text: str) -> str:
    """The longest part of a text that every JSON writer leaves unescaped."""
    return max(re.findall(r"[A-Za-z0-9._ -]+", text), key=len, default="")
