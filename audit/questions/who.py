"""Who did what: with the bucket, with ThumbXRole, and with the program's resources."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from audit.accounts.names import EXECUTION_ROLE, FUNCTION, is_named, read_session
from audit.evidence.changes import is_dangerous
from audit.questions.tally import Tallies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from audit.evidence.events import TrailEvent
    from audit.evidence.sources import Source
    from audit.questions.bucket_policy import PolicyPrincipals
    from audit.questions.tally import Tally

# True, False and None (the record does not identify the caller), as words for tables and JSON.
MARKS = {True: "yes", False: "NO", None: "?"}


@dataclass(kw_only=True)
class CallerRow:
    """One caller: its calls, and whether the caller is an expected one."""

    name: str
    expected: bool | None
    tallies: list[Tally]


@dataclass(kw_only=True)
class WhoAnswer:
    """The rows of one question; unexpected callers come first."""

    question: str
    expected: str
    """The meaning of the mark."""
    source: str
    window: str
    gaps: list[str]
    rows: list[CallerRow]

    @property
    def events(self) -> int:
        """How many were counted."""
        return sum(tally.times for row in self.rows for tally in row.tallies)


def count(
    events: Iterable[TrailEvent],
    judge: Callable[[TrailEvent], bool | None],
    name: Callable[[TrailEvent], str] = lambda event: event.principal.name,
) -> list[CallerRow]:
    """Rows by caller; `judge` decides whether a caller is expected.

    The memory depends on the number of rows (callers times actions), not on the number of events.
    """
    found: dict[tuple[str, bool | None], Tallies] = {}
    for event in events:
        key = (name(event), judge(event))
        tallies = found.get(key)
        if tallies is None:
            tallies = found[key] = Tallies()
        tallies.add(event)
    order = {False: 0, None: 1, True: 2}
    return [
        CallerRow(name=name, expected=expected, tallies=tallies.sorted())
        for (name, expected), tallies in sorted(
            found.items(), key=lambda each: (order[each[0][1]], -each[1].total, each[0][0])
        )
    ]


def of_bucket(events: Iterable[TrailEvent], named: PolicyPrincipals | None) -> list[CallerRow]:
    """Who called the bucket; the bucket policy names the expected callers."""
    return count(events, lambda event: named.includes(event.principal) if named else None)


def of_role(events: Iterable[TrailEvent], account: str = "") -> list[CallerRow]:
    """Who assumed ThumbXRole; only the function with its own session name is expected.

    `account` is the function's account, if it is known.
    """
    return count(events, lambda event: is_function(event, account), _caller)


def is_function(event: TrailEvent, account: str = "") -> bool:
    """Whether the function made this AssumeRole call.

    The record in account A names the execution role. Both records have the role's session, which
    Lambda names after the function. The record in account B has only the role's unique id; the
    trust policy ensures that it is the execution role's, and `check` compares the trust policy.
    """
    caller = event.principal
    by_role = not caller.arn or is_named(caller.arn, EXECUTION_ROLE)
    by_session = is_named(caller.session, FUNCTION) and account in ("", caller.account)
    by_key = caller.kind == "Unknown"  # in the emulator only the session name tells
    if not by_key and not (by_role and by_session):
        return False
    # A refused call of the function counts as the function's, although its record has no name.
    return read_session(event.session) is not None or (event.refused and not event.session)


def _caller(event: TrailEvent) -> str:
    who = event.principal.name
    if event.principal.session:
        who += f", session {event.principal.session}"
    if event.session and read_session(event.session) is None:
        who += f", as session {event.session}"
    return who


@dataclass(frozen=True, kw_only=True)
class Change:
    """One management call that changed something, or tried to."""

    time: datetime
    who: str
    what: str
    outcome: str
    evidence: str
    dangerous: bool
    """Whether the call is one of those that can do harm: `recording.resource_calls`."""

    def as_json(self) -> dict[str, Any]:
        """The change for `--json`."""
        return asdict(self) | {"time": self.time.isoformat()}


def changes(events: Iterable[TrailEvent]) -> list[Change]:
    """In order of time."""
    found = [
        Change(
            time=event.time,
            who=event.principal.name,
            what=f"{event.source.partition('.')[0]} {event.name}",
            outcome=event.outcome,
            evidence=f"event {event.id} of account {event.account}, from {event.address}",
            dangerous=is_dangerous(event.source, event.name),
        )
        for event in events
    ]
    return sorted(found, key=lambda change: change.time)


def changes_as_json(found: list[Change], source: Source, window: str) -> dict[str, Any]:
    """The changes for `--json`."""
    return {
        "question": "What was changed",
        "source": source.says,
        "window": window,
        "gaps": source.gaps,
        "changes": [change.as_json() for change in found],
    }


def as_json(answer: WhoAnswer) -> dict[str, Any]:
    """The answer for `--json`."""
    return {
        "question": answer.question,
        "source": answer.source,
        "window": answer.window,
        "events": answer.events,
        "gaps": answer.gaps,
        "rows": [
            {
                "principal": row.name,
                answer.expected: row.expected,
                "counts": [tally.as_json() for tally in row.tallies],
            }
            for row in answer.rows
        ],
    }
