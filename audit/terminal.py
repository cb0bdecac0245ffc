"""Answers for a person: tables in the terminal, and progress while many files are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from audit.questions.who import MARKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import Console

    from audit.checks.report import CheckReport
    from audit.evidence.files import TrailFile
    from audit.questions.timeline import Timeline
    from audit.questions.who import Change, WhoAnswer

STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow", "off": "dim"}


def reading(console: Console) -> Callable[[list[TrailFile]], Iterator[TrailFile]]:
    """Passes files on and shows how many bytes of them are read, on a terminal only."""

    def each(files: list[TrailFile]) -> Iterator[TrailFile]:
        columns = (
            TextColumn("reading the trail"),
            BarColumn(),
            DownloadColumn(),
            TimeRemainingColumn(),
        )
        with Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as progress:
            task = progress.add_task("", total=sum(file.size for file in files))
            for file in files:
                yield file
                progress.advance(task, file.size)

    return each


def story(console: Console, told: Timeline) -> None:
    """A thumbnail's timeline."""
    console.print(Text(f"s3://{told.bucket}/{told.key}", style="bold"))
    console.print(Text(f"made of {told.original}, by {told.source}", style="dim"))
    table = _table("when (UTC)", "what", "who", "evidence")
    for step in told.steps:
        when = f"{step.time:%Y-%m-%d %H:%M:%S}"
        if step.time.microsecond:
            when += f".{step.time.microsecond // 1000:03}"
        table.add_row(when, Text(step.what), Text(step.who), Text(step.evidence, style="dim"))
    console.print(table)
    for thing, names in told.may_read.items():
        if names is None:
            console.print(Text(f"the {thing} is refused to nobody who has a grant", style="red"))
        else:
            console.print(f"the {thing} is refused to all but: {', '.join(names) or 'nobody'}")
    _gaps(console, told.gaps)


def answer(console: Console, given: WhoAnswer) -> None:
    """Who did what."""
    _heading(console, given.question, given.source, given.window)
    table = _table("principal", given.expected, "action", "outcome", "times", "last (UTC)")
    table.columns[4].justify = "right"
    for row in given.rows:
        mark = Text(MARKS[row.expected], style="bold red" if row.expected is False else "")
        name: Text | str = Text(row.name)
        for (action, outcome), number in row.counts.most_common():
            shown = Text(outcome, style="" if outcome == "ok" else "red")
            table.add_row(name, mark, action, shown, f"{number:,}", f"{row.last:%m-%d %H:%M:%S}")
            name, mark = "", Text("")
    console.print(table if given.rows else "nobody")
    _gaps(console, given.gaps)


def changes(
    console: Console, made: Iterable[Change], source: str, window: str, gaps: Iterable[str]
) -> None:
    """What was changed."""
    _heading(console, "What was changed", source, window)
    table = _table("when (UTC)", "what", "outcome", "who", "evidence")
    for change in made:
        table.add_row(
            f"{change.time:%Y-%m-%d %H:%M:%S}",
            change.what,
            Text(change.outcome, style="" if change.outcome == "ok" else "red"),
            Text(change.who),
            Text(change.evidence, style="dim"),
        )
    console.print(table if table.rows else "nothing")
    _gaps(console, gaps)


def report(console: Console, found: CheckReport) -> None:
    """What `check` found."""
    console.print(Text(f"{found.bucket} against stack {found.stack}", style="bold"))
    table = _table("", "what", "evidence")
    for line in found.lines:
        told = Text(line.evidence)
        if line.remedy:
            told.append(f"\n{line.remedy}", style="bold")
        table.add_row(Text(line.status, style=STYLES[line.status]), line.what, told)
    console.print(table)
    console.print(Text(found.summary, style=STYLES[found.status]))


def _table(*columns: str) -> Table:
    """A table that folds what is too long: half an ARN is no evidence."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column.endswith("(UTC)"))
    return table


def _heading(console: Console, question: str, source: str, window: str) -> None:
    console.print(Text(question, style="bold"))
    console.print(Text(f"{window}, by {source}", style="dim"))


def _gaps(console: Console, gaps: Iterable[str]) -> None:
    for gap in gaps:
        console.print(Text(f"not shown: {gap}", style="yellow"))
