"""`python -m proof` writes the access matrix (make matrix) and compares two versions.

Exit codes of `diff`: 0 if nothing changed; 1 if somebody can do what they could not do before; 3 if
something else changed. All commands exit with 2 and a sentence for an error that a person can fix.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from proof import markdown
from proof.changes import NOBODY, changes
from proof.errors import ProofError
from proof.matrix import JSON, MARKDOWN, Matrix
from proof.matrix_builder import build_matrix, unexplained
from proof.sides import compare_with
from recording.errors import RecordingError
from sandbox.deployment import deployed
from sandbox.errors import SandboxError

SAME, WIDER, MENDABLE, CHANGED = 0, 1, 2, 3


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write", help="write docs/access-matrix.md and .json again")
    compared = commands.add_parser("diff", help="say in plain words what changed")
    compared.add_argument("old", type=Path)
    compared.add_argument("new", type=Path, nargs="?", default=JSON)
    against = commands.add_parser("access", help="who can do more or less than at a revision")
    against.add_argument("base", help="a git revision, such as main")
    chosen = parser.parse_args()
    try:
        match chosen.command:
            case "write":
                return _write()
            case "access":
                return _access(chosen.base)
            case _:
                return _diff(chosen.old, chosen.new)
    except (ProofError, RecordingError, SandboxError) as error:
        sys.stderr.write(f"{error}\n")
        return MENDABLE


def _write() -> int:
    with deployed() as deployment:
        matrix = build_matrix(deployment)
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


def _access(base: str) -> int:
    found = compare_with(base)
    for text in filter(None, (found.words(), found.table())):
        sys.stdout.write(f"{text}\n\n")
    return MENDABLE if found.unknown else SAME


def _diff(old: Path, new: Path) -> int:
    found = changes(Matrix.read(old), Matrix.read(new))
    for line in found.lines() or [NOBODY]:
        print(line)
    if found.wider:
        return WIDER
    return CHANGED if found else SAME


if __name__ == "__main__":
    sys.exit(main())
