"""`python -m proof`: write the access matrix (make matrix), show it, compare two versions.

Exit codes of `diff`: 0 nothing changed; 1 somebody can do what they could not; 3 something else
changed. Of all: 2 for what a person can mend, in a sentence.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from proof import markdown, terminal
from proof.changes import NOBODY, changes
from proof.errors import ProofError
from proof.making import make, unexplained
from proof.matrix import JSON, MARKDOWN, Matrix
from recording.errors import RecordingError
from sandbox.deployment import deployed
from sandbox.errors import SandboxError

SAME, WIDER, MENDABLE, CHANGED = 0, 1, 2, 3


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write", help="make docs/access-matrix.md and .json anew")
    shown = commands.add_parser("show", help="print the matrix that docs/ holds")
    shown.add_argument("principal", nargs="?", help="only this row, with the statements")
    compared = commands.add_parser("diff", help="say in plain words what changed")
    compared.add_argument("old", type=Path)
    compared.add_argument("new", type=Path, nargs="?", default=JSON)
    chosen = parser.parse_args()
    try:
        match chosen.command:
            case "write":
                return _write()
            case "show":
                return _show(chosen.principal)
            case _:
                return _diff(chosen.old, chosen.new)
    except (ProofError, RecordingError, SandboxError) as error:
        sys.stderr.write(f"{error}\n")
        return MENDABLE


def _write() -> int:
    with deployed() as deployment:
        matrix = make(deployment)
    faults = unexplained(matrix)
    if faults:
        raise ProofError("\n".join(faults))
    if JSON.is_file():
        for line in changes(Matrix.read(JSON), matrix).lines():
            print(line)
    JSON.parent.mkdir(exist_ok=True)
    JSON.write_text(matrix.text(), "utf-8")
    MARKDOWN.write_text(markdown.render(matrix), "utf-8")
    print(f"{len(matrix.cells)} cells in {MARKDOWN.relative_to(Path.cwd())} and {JSON.name}")
    return SAME


def _show(principal: str | None) -> int:
    console, matrix = Console(highlight=False), Matrix.read(JSON)
    if principal:
        terminal.show_principal(matrix, principal, console)
    else:
        terminal.show(matrix, console)
    return SAME


def _diff(old: Path, new: Path) -> int:
    found = changes(Matrix.read(old), Matrix.read(new))
    for line in found.lines() or [NOBODY]:
        print(line)
    if found.wider:
        return WIDER
    return CHANGED if found else SAME


if __name__ == "__main__":
    sys.exit(main())
