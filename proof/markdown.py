"""The matrix as a document, for reviewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proof.matrix import Column, Matrix, Outcome

HEAD = """\
# The access matrix

Who may do what. `make matrix` writes this page, and `make check` fails if a fresh one differs.
To compare two versions: `.venv/bin/python -m proof diff OLD.json NEW.json`.

A cell holds AWS's answer, which is IAM's rules applied to the documents of stack dev:
**allowed**, or the Sids of the statements that refuse the call, or *no grant* if nothing refuses it
and nothing grants it. Each call was also made in the sandbox, by that principal. If the sandbox
answered differently, or could not make the call, a footnote gives the reason. A dot marks a
combination that makes no sense.

{cells} cells: {allowed} allowed, {refused} refused. In {differ} cells the sandbox answers
differently, and {untried} calls cannot be made there, for {reasons} known reasons in all.

A is the producer's account, B the one that owns the pictures. Administrators and deployers are
roles with AdministratorAccess, so that only the documents of this program can stop them. B's
administrator is named in `thumbx:access.administrators`; the deployer in B is not. The preview,
drift and deploy roles are those that `bootstrap/` makes for the workflows.
"""


def render(matrix: Matrix) -> str:
    """The document."""
    outcomes = matrix.cells.values()
    allowed = sum(outcome.allowed for outcome in outcomes)
    parts = [
        HEAD.format(
            cells=len(outcomes),
            allowed=allowed,
            refused=len(outcomes) - allowed,
            differ=sum(outcome.mark == "*" for outcome in outcomes),
            untried=sum(outcome.mark == "°" for outcome in outcomes),
            reasons=len(matrix.differences),
        )
    ]
    for title, principals, columns in matrix.groups():
        shared = _shared(matrix, principals, columns)
        rows = [["", *(column.name for column in columns)], ["---"] * (len(columns) + 1)]
        rows += [_row(matrix, principal, columns, shared) for principal in principals]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        parts.append(f"## {title}{_footnote(shared)}\n\n{table}\n")
    parts.append(
        "\n".join(f"[^{name}]: {reason}" for name, reason in matrix.differences.items()) + "\n"
    )
    return "\n".join(parts)


def _row(matrix: Matrix, principal: str, columns: Sequence[Column], shared: str) -> list[str]:
    """A row; a difference that all its cells share is named once, at the beginning."""
    whole = _shared(matrix, [principal], columns)
    head = principal.replace("*", r"\*") + ("" if whole == shared else _footnote(whole))
    cells = [matrix.cells.get((principal, column.key)) for column in columns]
    return [head, *(_cell(each, whole or shared) for each in cells)]


def _shared(matrix: Matrix, principals: Sequence[str], columns: Sequence[Column]) -> str:
    """The difference that all of these cells show, so that it is named once; empty if there is
    none.
    """
    keys = [(principal, column.key) for principal in principals for column in columns]
    found = {matrix.cells[key].difference for key in keys if key in matrix.cells}
    return found.pop() if len(found) == 1 else ""


def _cell(outcome: Outcome | None, shared: str) -> str:
    if outcome is None:
        return "·"
    mark = "" if outcome.difference == shared else _footnote(outcome.difference)
    if outcome.allowed:
        return f"**allowed**{mark}"
    return ("<br>".join(outcome.because) or "*no grant*") + mark


def _footnote(difference: str) -> str:
    return f"[^{difference}]" if difference else ""
