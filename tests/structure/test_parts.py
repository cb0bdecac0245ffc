"""`make test` is the sum of its parts, and a part needs only what it tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

MAKEFILE = (PROJECT / "Makefile").read_text("utf-8")
PARTS = {
    name: folders.split()
    for name, folders in re.findall(r"(?m)^(test-[a-z]+): PART = (.+?) ## ", MAKEFILE)
}


def test_every_folder_of_tests_belongs_to_one_part() -> None:
    """If no part contains a folder, only `make test` runs it."""
    there = sorted(
        {
            "/".join(path.relative_to(PROJECT).parts[:2])
            for path in (PROJECT / "tests").rglob("test_*.py")
        }
    )
    assert sorted(folder for folders in PARTS.values() for folder in folders) == there


def test_help_and_contributing_name_every_part() -> None:
    """A person who has changed one part can run that part's tests, and find them in the expected
    folder.
    """
    command = ["make", "--no-print-directory", "help"]
    shown = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    contributing = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
    assert len(PARTS) >= 8
    for name in PARTS:
        assert re.search(rf"(?m)^{name} ", shown), name
        assert f"`make {name}`" in contributing, name
    assert "ARGS" in contributing


@pytest.mark.slow
def test_the_handler_s_tests_need_no_layer_and_no_program(tmp_path: Path) -> None:
    """They are run after each change of the handler, also on machines without access to a
    package index.
    """
    for folder in ("handler", "benchmarks", "docs", "samples", "tests/handler"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    for file in ("pyproject.toml", "tests/__init__.py", "tests/conftest.py", "tests/filled.py"):
        shutil.copyfile(PROJECT / file, tmp_path / file)
    command = [sys.executable, "-m", "pytest", "tests/handler", "-k", "test_events"]
    done = subprocess.run(
        command,  # collects every module of them
        cwd=tmp_path,
        env=os.environ | {"PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "build").exists()
