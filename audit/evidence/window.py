"""The time span of a question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from audit.accounts.errors import AuditError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# "A log file delivered at a specific time can contain records written at any point before that
# time" (CloudTrail user guide). The average delay is five minutes, so one hour is a wide margin.
LATE = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Window:
    """From `start` to `end`, both included, in UTC."""

    start: datetime
    end: datetime

    def holds(self, time: datetime) -> bool:
        """Whether it was then."""
        return self.start <= time <= self.end

    def may_be_in(self, delivered: datetime | None) -> bool:
        """Whether a file that was delivered at that time may hold events of the window; None means
        a file without a time in its name."""
        return delivered is None or self.start <= delivered <= self.end + LATE

    def days(self) -> list[str]:
        """The folders, YYYY/MM/DD, that may hold the window's files: by the day of delivery, in
        UTC.
        """
        count = ((self.end + LATE).date() - self.start.date()).days
        return [f"{self.start + timedelta(days=each):%Y/%m/%d}" for each in range(count + 1)]

    def __str__(self) -> str:
        """For tables."""
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"


def moment(text: str, now: datetime) -> datetime:
    """Parse `24h`, `7d`, `90m` or `2w` (ago), or a date or time; AuditError for anything else."""
    ago = re.fullmatch(r"(\d+)([mhdw])", text)
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise AuditError(
            f"'{text}' is not a time; write how long ago (90m, 24h, 7d, 2w) or when (2026-11-24, "
            "2026-11-24T08:30)"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def between(since: str, until: str | None, now: datetime) -> Window:
    """The window from two options; AuditError if it ends before it begins."""
    window = Window(start=moment(since, now), end=moment(until, now) if until else now)
    if window.start >= window.end:
        raise AuditError(f"--since {since} is not before the end, {window.end:%Y-%m-%d %H:%M} UTC")
    return window
