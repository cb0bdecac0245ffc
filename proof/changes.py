"""The changes between two versions of the matrix, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proof.matrix import Matrix, Outcome

NOBODY = "Nobody can do more or less than before."


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Sentences, sorted by what a reviewer has to read first."""

    wider: tuple[str, ...]
    """Somebody can do what they could not."""
    narrower: tuple[str, ...]
    other: tuple[str, ...]
    """Other reasons for the same answer, other rows or columns, other answers of the sandbox."""

    def __bool__(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.wider or self.narrower or self.other)

    def lines(self) -> list[str]:
        """All sentences, under headings."""
        return [
            line
            for heading, sentences in (
                ("Wider:", self.wider),
                ("Narrower:", self.narrower),
                ("Otherwise changed:", self.other),
            )
            if sentences
            for line in (heading, *(f"  {each}" for each in sentences))
        ]


def changes(old: Matrix, new: Matrix) -> Changes:
    """Compare two matrices; a new principal or a new attempt counts as wider if it is allowed
    something.
    """
    says = {column.key: column.says for column in (*old.columns, *new.columns)}
    wider: list[str] = []
    narrower: list[str] = []
    other: list[str] = []
    for cell in dict.fromkeys((*old.cells, *new.cells)):
        principal, key = cell
        before, after = old.cells.get(cell), new.cells.get(cell)
        could, can = bool(before and before.allowed), bool(after and after.allowed)
        if can and not could:
            wider.append(f"{principal} can now {says[key]}{_by(after)}{_unasked(before)}")
        elif could and not can:
            gone = _now(after) if after else "; this is no longer asked"
            narrower.append(f"{principal} can no longer {says[key]}{gone}")
        elif before and after:
            other += _same_answer(f"{principal}, '{key}'", before, after)
    other += _listed("principal", old.principals, new.principals)
    other += _listed("attempt", (each.key for each in old.columns), (c.key for c in new.columns))
    return Changes(wider=tuple(wider), narrower=tuple(narrower), other=tuple(other))


def _by(outcome: Outcome | None) -> str:
    return f" (by {', '.join(outcome.because)})" if outcome and outcome.because else ""


def _unasked(before: Outcome | None) -> str:
    return "" if before else "; this was not asked before"


def _now(outcome: Outcome) -> str:
    return f" (refused: {outcome.words})"


def _same_answer(who: str, before: Outcome, after: Outcome) -> list[str]:
    found: list[str] = []
    if before.because != after.because:
        verdict = "still allowed" if after.allowed else "still refused"
        found.append(f"{who}: {verdict}, {_reason(before)} before and {_reason(after)} now")
    if before.sandbox != after.sandbox:
        found.append(f"{who}: the sandbox said {before.sandbox} and now says {after.sandbox}")
    return found


def _reason(outcome: Outcome) -> str:
    return "by " + " and ".join(outcome.because) if outcome.because else "by the lack of a grant"


def _listed(kind: str, old: Iterable[str], new: Iterable[str]) -> list[str]:
    before, after = list(old), list(new)
    return [f"{kind} '{each}' is new" for each in after if each not in before] + [
        f"{kind} '{each}' is no longer asked about" for each in before if each not in after
    ]
