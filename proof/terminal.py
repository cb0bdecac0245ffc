"""The matrix for a terminal: a table for each group, or one principal with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from proof.errors import ProofError

if TYPE_CHECKING:
    from rich.console import Console

    from proof.matrix import Matrix, Outcome


def show(matrix: Matrix, console: Console) -> None:
    """Print all of it: attempts down, principals across by number."""
    numbers = {name: str(number) for number, name in enumerate(matrix.principals, 1)}
    for title, principals, columns in matrix.groups():
        table = Table(title=title, title_justify="left", title_style="bold", box=None)
        table.add_column()
        for principal in principals:
            table.add_column(numbers[principal], justify="center")
        for column in columns:
            cells = [_mark(matrix.cells.get((each, column.key))) for each in principals]
            table.add_row(column.name, *cells)
        console.print(table)
        console.print()
    legend = Table.grid(padding=(0, 2))
    for name, number in numbers.items():
        legend.add_row(Text(number, justify="right"), Text(name))
    console.print(legend)
    console.print("\n* the sandbox answers otherwise, ° cannot be asked:", style="yellow")
    for name, reason in matrix.differences.items():
        console.print(Text(f"  {name}: {reason}", style="dim"))


def show_principal(matrix: Matrix, principal: str, console: Console) -> None:
    """Print one row with the statements responsible; ProofError if there is no such row."""
    if principal not in matrix.principals:
        raise ProofError(
            f"the matrix has no principal '{principal}'; its principals are: "
            + "; ".join(matrix.principals)
        )
    table = Table(title=Text(principal), title_justify="left", title_style="bold", box=None)
    table.add_column()
    table.add_column()
    for column in matrix.columns:
        outcome = matrix.cells.get((principal, column.key))
        if outcome:
            words = Text(outcome.words, style="green" if outcome.allowed else "red")
            if outcome.allowed:
                words.append(f" by {', '.join(outcome.because)}", style="dim")
            if outcome.differs:
                words.append(f" (sandbox: {outcome.sandbox})", style="yellow")
            table.add_row(Text(column.key), words)
    console.print(table)


def _mark(outcome: Outcome | None) -> Text:
    if outcome is None:
        return Text("·", style="dim")
    mark = Text("yes", style="bold green") if outcome.allowed else Text("no", style="red")
    return mark.append(outcome.mark, style="yellow")
