"""Prints for a person: counts, price and time, progress, and what is still missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from reconcile.cost import DAY
from reconcile.findings import SENT, Kind
from recording import prices

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from reconcile.comparison import Comparison
    from reconcile.cost import Estimate, FunctionCapacity
    from reconcile.findings import FindingCounts
    from reconcile.sending import Depths
    from reconcile.waiting import WaitingMessage

NAMED = 20  # originals that are named one by one


def comparison(out: Console, found: Comparison) -> None:
    """The counts of each kind, with the first keys of what a person must look at."""
    tally = found.tally
    table = Table("what", "number", "bytes", box=None)
    for kind in Kind:
        if tally.pictures[kind]:
            table.add_row(kind.value, f"{tally.pictures[kind]:,}", f"{tally.sizes[kind]:,}")
    out.print(f"{tally.originals:,} originals and {tally.thumbnails:,} thumbnails were listed.")
    out.print(table)
    for kind in Kind:
        if kind not in (*SENT, Kind.FRESH, Kind.UNDER_WAY) and found.examples.get(kind):
            out.print(f"{kind.value}, the first ones:")
            _keys(out, found.examples[kind])


def price(
    out: Console, estimated: Estimate, pictures: int, function: FunctionCapacity, region: str
) -> None:
    """The cost and the duration of sending."""
    listed = region if region in prices.REGIONS else prices.REGION
    table = Table("item", "US dollars", box=None)
    for item, dollars in estimated.items.items():
        if dollars:
            table.add_row(item, f"{dollars:,.4f}")
    out.print(table)
    out.print(
        f"{pictures:,} pictures cost about ${estimated.dollars:,.2f} (list prices of {listed}, "
        f"{prices.DATE}) and take about {duration(estimated.seconds)} at a concurrency of "
        f"{function.concurrency}."
    )
    if estimated.seconds > DAY:
        needed = round(estimated.seconds / DAY * function.concurrency + 0.5)
        out.print(
            f"That is more than a day. With function.concurrency at {needed} it would take a day, "
            "at the same price; the account's quota of concurrent executions has to allow it."
        )


def listing(out: Console, tally: FindingCounts) -> None:
    """One line while keys are listed: a million of them take a minute or two."""
    out.print(f"listed {tally.originals:,} originals and {tally.thumbnails:,} thumbnails so far")


def progress(out: Console, listed: int, sent: int, before: Depths, now: Depths) -> None:
    """One line of progress; live uploads count as done too, because SQS cannot tell them."""
    done = max(0, sent - max(0, now.waiting - before.waiting))
    out.print(
        f"listed {listed:,}, sent {sent:,}, done {done:,}, refused "
        f"{max(0, now.refused - before.refused):,}, dead {max(0, now.dead - before.dead):,}"
    )


def missing(out: Console, keys: Mapping[str, str], count: int, path: Path) -> None:
    """How many pictures still have no thumbnails, and the first of them, each with the reason."""
    if not count:
        out.print("Every original has its thumbnails.")
        return
    out.print(f"{count:,} originals still lack thumbnails:")
    table = Table("original", "reason", box=None)
    for key, reason in keys.items():
        table.add_row(Text(key), Text(reason))
    out.print(table)
    if count > len(keys):
        out.print(f"and {count - len(keys):,} more; all are in {path}, one a line.")


def messages(
    out: Console, found: Iterable[WaitingMessage], lacking: Sequence[tuple[str, WaitingMessage]]
) -> None:
    """Messages by reason, how many of them still lack thumbnails, and the first that do."""
    table = Table("reason", "messages", "still lack thumbnails", "for example", box=None)
    by_reason: dict[str, list[WaitingMessage]] = {}
    for each in found:
        by_reason.setdefault(each.reason, []).append(each)
    for reason, group in sorted(by_reason.items()):
        example = group[0]
        key = example.keys[0] if example.keys else "(no key)"
        table.add_row(
            Text(reason),
            str(len(group)),
            str(len({id(each) for _, each in lacking if each.reason == reason})),
            Text(f"{key}: {example.says}"),
        )
    if not by_reason:
        out.print("No message waits: no picture was refused, and there is no dead letter.")
        return
    out.print(table)
    if lacking:
        out.print("Originals that still lack thumbnails:")
        _keys(out, (f"{each.reason}: {key}" for key, each in lacking[:NAMED]))
    if len(lacking) > NAMED:
        out.print(f"  and {len(lacking) - NAMED:,} more")


def duration(seconds: float) -> str:
    """A span of time for a person."""
    if seconds < 120:  # noqa: PLR2004 - two minutes
        return f"{seconds:.0f} s"
    if seconds < DAY:
        return str(timedelta(seconds=round(seconds / 60) * 60))[:-3] + " h"
    return f"{seconds / DAY:.1f} days"


def _keys(out: Console, keys: Iterable[str]) -> None:
    for key in keys:
        out.print(Text(f"  {key}"))
