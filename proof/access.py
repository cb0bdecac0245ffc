"""Who can do more or less than before, by every stack file of two versions of the program."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proof.changes import NOBODY
from proof.statement_cells import ALLOWED, OTHERS, REFUSED, SET, SPARED, StatementPlace, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = "-"
# Settings of a public access block: each refuses something while it is true.
CLOSING = frozenset(
    {"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"}
)


@dataclass(frozen=True, kw_only=True)
class Side:
    """One version: the cells of each stack that was recorded, and why other stacks could not be
    recorded.
    """

    stacks: Mapping[str, Mapping[StatementPlace, Value]]
    failed: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def names(self) -> set[str]:
        """All stack files, recorded or not."""
        return {*self.stacks, *self.failed}


@dataclass(kw_only=True)
class AccessChange:
    """The changes of access that a reviewer is told."""

    wider: list[str] = field(default_factory=list[str])
    narrower: list[str] = field(default_factory=list[str])
    other: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])
    """Documents that could not be compared, so nobody knows who can do more."""
    stacks: list[str] = field(default_factory=list[str])
    """Stacks that are new or gone."""
    rows: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])
    """Changed cells: who, where, before, after."""
    compared: str = ""

    def words(self) -> str:
        """The sentences, the most important first. It says "nobody" only if everything was
        compared.
        """
        parts: list[str] = []
        for heading, lines in (
            ("Not known:", self.unknown),
            ("Stacks:", self.stacks),
            ("Wider:", self.wider),
            ("Narrower:", self.narrower),
            ("Changed in other ways, so read it:", self.other),
        ):
            if lines:
                parts += [heading, *(f"  {each}" for each in dict.fromkeys(lines))]
        if not parts:
            parts.append(NOBODY if self.compared else "Nothing was compared.")
        return "\n".join([*parts, self.compared] if self.compared else parts)

    def table(self) -> str:
        """The changed cells, one line each under a heading; empty if no cell changed."""
        if not self.rows:
            return ""
        rows = [("who", "where", "before", "now"), *sorted(self.rows)]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        return "\n".join(
            " | ".join([*map(str.ljust, row[:3], widths), row[3]]).rstrip() for row in rows
        )


def compare(base: Side, head: Side) -> AccessChange:
    """Compare two versions stack by stack and cell by cell."""
    found = AccessChange()
    for side, of in ((base, "the base"), (head, "this version")):
        for stack, reason in sorted(side.failed.items()):
            found.unknown.append(
                f"stack {stack} of {of} cannot be recorded, so who can do more there is not known: "
                f"{reason}"
            )
        for stack, cells in side.stacks.items():
            if not cells:
                found.unknown.append(f"stack {stack} of {of} has no document to compare")
    if not head.names:
        found.unknown.append("this version has no stack file to compare")
    for stack in sorted(base.names - head.names):
        found.stacks.append(f"stack {stack} is gone")
    for stack in sorted(head.names - base.names):
        found.stacks.append(f"stack {stack} is new")
    for stack in sorted({*base.stacks, *head.stacks} - {*base.failed, *head.failed}):
        _compare_stack(
            base.stacks.get(stack, {}),
            head.stacks.get(stack, {}),
            found,
            is_new=stack not in base.stacks,
            is_gone=stack not in head.stacks,
        )
    people = {
        place.who for side in (base, head) for cells in side.stacks.values() for place in cells
    }
    if people:
        stacks = ", ".join(sorted({*base.stacks, *head.stacks}))
        found.compared = f"Compared: {len(people)} principals in the documents of {stacks}."
    return found


def _compare_stack(
    before: Mapping[StatementPlace, Value],
    after: Mapping[StatementPlace, Value],
    found: AccessChange,
    *,
    is_new: bool,
    is_gone: bool,
) -> None:
    statements = [{(place.document, place.sid) for place in side} for side in (before, after)]
    for place in sorted({*before, *after}):
        old, new = before.get(place), after.get(place)
        if old == new:
            continue
        statement = (place.document, place.sid)
        both = all(statement in each for each in statements)
        found.rows.append((place.who, _where(place), _shown(old), _shown(new)))
        if is_gone or (is_new and new and new.effect == SET):
            continue  # the sentence about the stack says it already, and the table has the cell
        sentence, rank = _judge(place, old, new, existed=both or is_new)
        {1: found.wider, -1: found.narrower, 0: found.other}[rank].append(sentence)


def _judge(
    place: StatementPlace, old: Value | None, new: Value | None, *, existed: bool
) -> tuple[str, int]:
    """The sentence of one changed cell, and whether it is wider (1), narrower (-1) or neither."""
    value = new or old
    if value is None:  # a cell that differs has a value on at least one side
        return "", 0
    what, where = _does(place, value), f"({_where(place)})"
    if old and new:
        if SET in (old.effect, new.effect):
            return f"{_where(place)} was {old.rest} and is {new.rest}", _opens(place, old, new)
        more = 1 if new.is_broader_than(old) else -1 if old.is_broader_than(new) else 0
        return (
            f"{place.who} was {_shown(old)}, and is {_shown(new)} {where}",
            -more if new.effect == REFUSED else more,
        )
    sentences = {
        (ALLOWED, True): (f"{place.who} is now allowed to {what} {where}", 1),
        (ALLOWED, False): (f"{place.who} is no longer allowed to {what} {where}", -1),
        (SPARED, True): (f"{place.who} is no longer refused to {what} {where}", 1),
        (SPARED, False): (f"{place.who} is now refused to {what} {where}", -1),
        (REFUSED, True): (f"{_others(place)} is now refused to {what} {where}", -1),
        (REFUSED, False): (f"{_others(place)} is no longer refused to {what} {where}", 1),
        (SET, True): (f"{_where(place)} is now {value.rest}", _opens(place, old, new)),
        (SET, False): (
            f"{_where(place)} was {value.rest} and is no longer set",
            _opens(place, old, new),
        ),
    }
    sentence, rank = sentences[value.effect, new is not None]
    if value.effect == SPARED and not existed:
        # The refusal itself was added or removed; it never concerned the callers that it exempts.
        return (
            f"{place.who} is not affected by a refusal that is {'new' if new else 'gone'} {where}",
            0,
        )
    return sentence, rank


def _opens(place: StatementPlace, old: Value | None, new: Value | None) -> int:
    """1 if a setting refused something and no longer does, -1 the other way, 0 if not known."""
    if place.sid not in CLOSING:
        return 0
    before, now = (value is not None and value.rest == "true" for value in (old, new))
    return before - now


def _others(place: StatementPlace) -> str:
    return "everybody whom it does not exempt" if place.who == OTHERS else place.who


def _does(place: StatementPlace, value: Value) -> str:
    if value.trust:
        return f"assume {place.document.rpartition(' ')[2]} by {value.rest}"
    return f"call {value.rest}"


def _where(place: StatementPlace) -> str:
    return f"{place.sid} of {place.document} in stack {place.stack}"


def _shown(value: Value | None) -> str:
    return f"{value.effect}: {value.rest}" if value else NOTHING
