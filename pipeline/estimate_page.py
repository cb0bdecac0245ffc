"""The estimate as text for a terminal, and as a page with a bar for each item."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pipeline.estimate import DAY, MONTH, Load, Shape, bounds, items, savings
from recording import prices
from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

PAGE = PROJECT / "build" / "estimate" / "index.html"
MACHINE = "a box of 1,769 MB on two cores of an Intel Xeon, x86_64 (docs/handler.md has the table)"
SAVED = 3  # settings that are named
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
td { padding: .15rem .6rem; vertical-align: top } td.n { text-align: right; white-space: nowrap }
.bar { background: #2f6fb5; height: .8rem; min-width: 1px } td.b { width: 40% }
"""


def lines(stack: str, shape: Shape, load: Load) -> list[str]:
    """Return the estimate as lines of text."""
    found = items(shape, load)
    total = sum(found.values())
    listed = shape.region if shape.region in prices.REGIONS else f"{prices.REGION}, not listed"
    text = [
        (
            f"{stack}: {load.pictures:,.0f} pictures of {load.megabytes:g} MB a month, "
            f"{total:,.2f} USD by the list prices of {prices.DATE} ({listed})"
        ),
        *(
            f"{dollars:14,.2f}  {dollars / total:4.0%}  {name}"
            for name, dollars in sorted(found.items(), key=lambda each: -each[1])
            if dollars
        ),
        "What bounds the throughput, in pictures a second:",
        *(f"{rate:14,.0f}        {name}" for name, rate in bounds(shape, load).items()),
    ]
    rate = min(bounds(shape, load).values())
    average = load.pictures / MONTH / DAY
    text.append(f"On average {average:,.2f} pictures a second arrive; {_enough(rate, average)}.")
    text += [
        f"A backlog of {backlog:,.0f} takes {_time(backlog / rate)}, if nothing else arrives."
        for backlog in sorted({1e4, 1e6, load.pictures})
    ]
    text.append("What would save most, and what it gives up:")
    saved = savings(shape, load)
    text += [f"{dollars:14,.2f}        {what}" for dollars, what in saved[:SAVED]]
    text.append("What each choice of watch.dataEvents and watch.trail saves and no longer shows:")
    logged = [each for each in saved if each[1].startswith(("watch.dataEvents", "watch.trail"))]
    text += [f"{dollars:14,.2f}        {what}" for dollars, what in logged]
    text.append(f"Where the prices were read, on {prices.READ}:")
    text += [f"  {what}: {page}; {how}." for what, page, how in prices.SOURCES]
    text.append(f"Durations are those of {MACHINE}. Free tiers are not counted.")
    text.append(
        "Thumbnails are stored on: each further month adds the first month's storage again."
    )
    return text


def write(stack: str, shape: Shape, load: Load) -> Path:
    """Draw the page and return its path."""
    found = items(shape, load)
    largest = max(found.values())
    rows = "".join(
        f'<tr><td>{escape(name)}<td class="n">{dollars:,.2f}<td class="b">'
        f'<div class="bar" style="width: {dollars / largest:.1%}"></div>'
        for name, dollars in sorted(found.items(), key=lambda each: -each[1])
    )
    head, *rest = lines(stack, shape, load)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>thumbx: estimate</title>'
        f"<style>{STYLE}</style><h1>What a month costs</h1><p>{escape(head)}</p>"
        f"<table>{rows}</table><pre>{escape(chr(10).join(rest))}</pre>",
        "utf-8",
    )
    return PAGE


def _enough(rate: float, average: float) -> str:
    if rate >= 2 * average:
        return "the tightest bound has room for peaks"
    if rate > average:
        return "the tightest bound leaves no room for peaks, which wait in the queue"
    return "the tightest bound is below that: the queue grows, and old messages are lost"


def _time(seconds: float) -> str:
    for unit, size in (("days", DAY), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} seconds"
