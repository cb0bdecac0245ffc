"""Counts calls by action and outcome, with the times of the first and the last call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from audit.evidence.events import TrailEvent


@dataclass(kw_only=True, slots=True)
class Tally:
    """All calls with one action and one outcome (`ok`, or the error code)."""

    action: str
    outcome: str
    times: int
    first: datetime
    last: datetime

    def as_json(self) -> dict[str, Any]:
        """The tally for `--json`."""
        return {
            "action": self.action,
            "outcome": self.outcome,
            "count": self.times,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }


class Tallies:
    """The tallies of one caller; the memory depends on the number of actions, not of calls."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._found: dict[tuple[str, str], Tally] = {}

    def add(self, event: TrailEvent) -> None:
        """Count one call."""
        outcome = event.outcome
        tally = self._found.get((event.name, outcome))
        if tally is None:
            self._found[event.name, outcome] = Tally(
                action=event.name, outcome=outcome, times=1, first=event.time, last=event.time
            )
            return
        tally.times += 1
        tally.first = min(tally.first, event.time)
        tally.last = max(tally.last, event.time)

    @property
    def total(self) -> int:
        """How many calls there were."""
        return sum(each.times for each in self._found.values())

    def sorted(self) -> list[Tally]:
        """The most frequent first; equal counts in alphabetical order."""
        return sorted(
            self._found.values(), key=lambda each: (-each.times, each.action, each.outcome)
        )
