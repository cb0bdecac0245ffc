"""Prints answers for a person, and shows progress while many files are read.

No value is shortened, because half an ARN is no evidence. The terminal itself wraps long lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from audit.border import plain
from audit.questions.who import MARKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from rich.console import Console

    from audit.checks.report import CheckReport
    from audit.evidence.files import TrailFile
    from audit.questions.reads import ReadsAnswer
    from audit.questions.tally import Tally
    from audit.questions.timeline import Timeline
    from audit.questions.who import Change, WhoAnswer

    Part = str | tuple[str, str]

STYLES = {"pass": "green", "fail": "bold red", "unknown": "yellow", "off": "dim"}
WIDEST = 40  # the column width in characters of an action or outcome
HEADINGS = ("action", "outcome", "times", "first (UTC)", "last (UTC)")


def reading(console: Console) -> Callable[[list[TrailFile]], Iterator[TrailFile]]:
    """Iterates over files and shows how many bytes are read, but only on a terminal."""

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


def timeline(console: Console, found: Timeline) -> None:
    """A thumbnail's steps."""
    _line(console, (f"s3://{found.bucket}/{found.key}", "bold"))
    _line(console, (f"made of {found.original}, by {found.source}", "dim"))
    for step in found.steps:
        when = _moment(step.time)
        if step.time.microsecond:
            when += f".{step.time.microsecond // 1000:03}"
        _line(console)
        _line(console, f"{when}  ", (step.what, "bold"))
        _line(console, f"  {step.who}")
        _line(console, (f"  {step.evidence}", "dim"))
    _line(console)
    for thing, names in found.may_read.items():
        if names is None:
            _line(console, (f"the {thing} is not refused to anybody who has a grant", "red"))
        else:
            _line(console, f"the {thing} is refused to all but: {', '.join(names) or 'nobody'}")
    _gaps(console, found.gaps)


def answer(console: Console, found: WhoAnswer) -> None:
    """Who did what."""
    _heading(console, found.question, found.source, found.window)
    lines = _Columns([tally for row in found.rows for tally in row.tallies])
    lines.head(console)
    for row in found.rows:
        style = "bold red" if row.expected is False else ""
        _line(console)
        _line(console, f"{row.name}  ", (f"{found.expected}: {MARKS[row.expected]}", style))
        for tally in row.tallies:
            lines.show(console, tally)
    if not found.rows:
        _line(console, "nobody")
    _gaps(console, found.gaps)


def reads(console: Console, found: ReadsAnswer) -> None:
    """Who read what, and from where."""
    _heading(console, found.question, found.source, found.window)
    lines = _Columns([tally for row in found.rows for tally in row.tallies])
    lines.head(console)
    for row in found.rows:
        _line(console)
        _line(console, row.key)
        _line(console, "nobody accessed anything")
        for tally in row.tallies:
            lines.show(console, tally)
        for (address, agent), times in row.origins.most_common():
            _line(console, (f"  {times:,} from {address or '?'} with {agent or '?'}", "dim"))
    if not found.rows:
        _line(console, "nobody, and nothing")
    _gaps(console, found.gaps)


def changes(
    console: Console, found: Iterable[Change], source: str, window: str, gaps: Iterable[str]
) -> None:
    """The changes that were made."""
    _heading(console, "What was changed", source, window)
    nothing = True
    for change in found:
        nothing = False
        outcome = (change.outcome, "" if change.outcome == "ok" else "red")
        _line(console)
        harm = ("  can do harm", "bold red") if change.dangerous else ""
        _line(console, f"{_moment(change.time)}  ", (change.what, "bold"), "  ", outcome, harm)
        _line(console, f"  {change.who}")
        _line(console, (f"  {change.evidence}", "dim"))
    if nothing:
        _line(console, "nothing")
    _gaps(console, gaps)


def report(console: Console, found: CheckReport) -> None:
    """The findings of `check`."""
    _line(console, (f"{found.bucket} against stack {found.stack}", "bold"))
    for line in found.lines:
        _line(console, (f"{line.status:<9}", STYLES[line.status]), (line.what, "bold"))
        _line(console, f"         {line.evidence}")
        if line.remedy:
            _line(console, "         ", (line.remedy, "bold"))
    _line(console, (found.summary, STYLES[found.status]))


class _Columns:
    """Columns of counts, as wide as the widest value; they fit 80 columns with S3's usual names."""

    def __init__(self, tallies: Sequence[Tally]) -> None:
        self._empty = not tallies
        self._action, self._outcome, self._times = (
            min(WIDEST, max([len(heading), *map(len, texts)]))
            for heading, texts in (
                (HEADINGS[0], [plain(each.action) for each in tallies]),
                (HEADINGS[1], [plain(each.outcome) for each in tallies]),
                (HEADINGS[2], [f"{each.times:,}" for each in tallies]),
            )
        )

    def head(self, console: Console) -> None:
        """The headings, if any row follows."""
        if not self._empty:
            _line(console, (self._row(*HEADINGS), "bold"))

    def show(self, console: Console, tally: Tally) -> None:
        """One row; refusals are highlighted."""
        row = self._row(
            plain(tally.action),
            plain(tally.outcome),
            f"{tally.times:,}",
            _moment(tally.first),
            _moment(tally.last),
        )
        _line(console, (row, "" if tally.outcome == "ok" else "red"))

    def _row(self, action: str, outcome: str, times: str, first: str, last: str) -> str:
        return (
            f"  {action:<{self._action}}  {outcome:<{self._outcome}}  {times:>{self._times}}"
            f"  {first:<19}  {last}"
        )


def _line(console: Console, *parts: Part) -> None:
    """One line; every text of every answer goes through here, and `plain` escapes it."""
    line = Text()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        line.append(plain(text), style=style)
    console.print(line, soft_wrap=True)


def _heading(console: Console, question: str, source: str, window: str) -> None:
    _line(console, (question, "bold"))
    _line(console, (f"{window}, by {source}", "dim"))


def _gaps(console: Console, gaps: Iterable[str]) -> None:
    for gap in gaps:
        _line(console, (f"not shown: {gap}", "yellow"))


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}"
