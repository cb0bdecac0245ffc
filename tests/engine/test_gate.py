"""How the gate finds the engine, tested with the real script and fake tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

SHELL = ("bash", "dirname", "env")


def gate(folder: Path, *tools: str, ready: bool = False) -> tuple[int, list[str], str]:
    """Run `.ci/run` on a machine with only these tools; return the exit code, the calls and the
    output.
    """
    checkout, bin_folder, called = folder / "checkout", folder / "bin", folder / "called"
    for each in (checkout / ".ci", bin_folder):
        each.mkdir(parents=True)
    shutil.copy(PROJECT / ".ci" / "run", checkout / ".ci")
    for each in SHELL:
        (bin_folder / each).symlink_to(str(shutil.which(each)))
    paths = [bin_folder / each for each in ("make", *tools)]
    if ready:
        paths.append(folder / "shared" / "engine" / "install")
        paths[-1].parent.mkdir(parents=True)
    for path in paths:
        words = f'#!/bin/sh\necho "{path.name} $* with ${{PATH%%:*}}" >> {called}\n'
        path.write_text(words)
        path.chmod(0o755)
    done = subprocess.run(
        [checkout / ".ci" / "run"],
        env={"PATH": str(bin_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = called.read_text().splitlines() if called.is_file() else []
    return done.returncode, [line.replace(str(folder), "") for line in lines], done.stderr


def steps(first: str) -> list[str]:
    return [f"make check with {first}"]


def test_the_engine_of_the_machine_comes_first(tmp_path: Path) -> None:
    """It is the one that people run."""
    assert gate(tmp_path, "pulumi", "go", ready=True) == (0, steps("/bin"), "")


def test_the_engine_that_lies_ready_is_unpacked(tmp_path: Path) -> None:
    """Four seconds instead of minutes."""
    unpacked = "install build/engine with /bin"
    expected = [unpacked, *steps("/checkout/build/engine/bin")]
    assert gate(tmp_path, "go", ready=True) == (0, expected, "")


def test_else_it_is_built(tmp_path: Path) -> None:
    """From source, at the version of go.mod."""
    expected = ["make engine with /bin", *steps("/checkout/build/engine/bin")]
    assert gate(tmp_path, "go") == (0, expected, "")


def test_without_any_it_fails_in_one_sentence(tmp_path: Path) -> None:
    """A gate that skipped the engine would pass without testing anything."""
    code, called, words = gate(tmp_path)
    assert (code, called) == (2, [])
    assert words == (
        "The gate runs Pulumi's engine, and there is neither pulumi nor go on the PATH; "
        "install one.\n"
    )


def test_where_there_is_no_engine_its_tests_say_so_in_one_line(tmp_path: Path) -> None:
    """`make test` passes there, and the line says that the engine was not tested."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "tests/engine/test_life_cycle.py",
        ],
        cwd=PROJECT,
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    assert len(said) == 1
    assert said[0].endswith("no `pulumi` on the PATH; `make engine` builds one")


def test_the_version_stands_in_one_place(tmp_path: Path) -> None:
    """The workflows ask make, and make reads go.mod, which Dependabot updates."""
    command = ["make", "--silent", "engine-version"]
    environment = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(tmp_path / "output")}
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert (tmp_path / "output").read_text() == done.stdout
    version = done.stdout.strip().removeprefix("version=")
    go_mod = (PROJECT / "tests" / "engine" / "source" / "go.mod").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{version} " in go_mod
    command = ["git", "grep", "-lF", version, "--", ".github", "Makefile", ".ci", "pipeline"]
    assert subprocess.run(command, cwd=PROJECT, capture_output=True, check=False).stdout == b""
