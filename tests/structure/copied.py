"""A copy of the repository to change, as a user or a contributor would."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "build", "__pycache__", ".*_cache", "samples")


def copy_of_the_project(folder: Path) -> Path:
    """The copy; it shares the built files, because they depend only on their sources."""
    copy = folder / "thumbx"
    shutil.copytree(PROJECT, copy, ignore=NOT_COPIED)
    for name in ("build", "samples", ".venv"):
        (copy / name).symlink_to(PROJECT / name)
    return copy


def run_tests(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in the copy, by itself: the worker that runs this test is one of several."""
    environment = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
