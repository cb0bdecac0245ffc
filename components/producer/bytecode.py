"""Compiles what is deployed to bytecode: which Python does it, and how.

Layer and archive are read-only in Lambda. Without bytecode, each cold start compiles every module
again. This takes longer than everything else in the start, and is billed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pulumi

if TYPE_CHECKING:
    from collections.abc import Iterator

# The only file that names the patch release; the workflows read it too. Every 3.13 can load
# bytecode of another 3.13. Each patch release writes other bytes, however, and other bytes make a
# new version of the layer and of the function.
PATCH = Path(__file__).with_name(".python-version")
SECONDS = 60
PROBE = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.base_prefix, sep='\\n')"


class BytecodeError(pulumi.RunError):
    """No Python that may compile was found; the message gives the remedy."""


@dataclass(frozen=True)
class Python:
    """An interpreter that was started once: its program, its version and its folder."""

    path: str
    version: str
    prefix: str


def named_patch() -> str:
    """Return the patch release that compiles what is deployed, such as 3.13.0."""
    return PATCH.read_text("ascii").strip()


def find_pythons(minor: str) -> Iterator[Python]:
    """Find the interpreters of a minor version that really start, because a pyenv shim may not."""
    seen: set[str] = set()
    for path in _candidates(minor):
        try:
            told = subprocess.run(
                [path, "-c", PROBE], capture_output=True, text=True, check=True, timeout=SECONDS
            ).stdout.splitlines()
        except (OSError, subprocess.SubprocessError):
            continue
        found = Python(path, *told[:2])
        if found.version.startswith(f"{minor}.") and found.prefix not in seen:
            seen.add(found.prefix)
            yield found


def compiler(*, other: bool = False) -> Python:
    """Return the Python of the named patch release; BytecodeError if there is none.

    With `other`, another patch release is accepted if the named one is missing.
    """
    patch = named_patch()
    minor = patch.rpartition(".")[0]
    found = list(find_pythons(minor))
    for each in found:
        if each.version == patch:
            return each
    if found and other:
        return found[0]
    there = ", ".join(f"{each.version} ({each.path})" for each in found)
    raise BytecodeError(
        f"the function is compiled by Python {patch} (components/producer/.python-version), and "
        f"{'only ' + there if there else f'no Python {minor}'} is here; install it: "
        f"`uv python install {patch}` or `pyenv install {patch}`"
        + (
            ". Or say OTHER_PYTHON=1, which accepts that the next deployment elsewhere will update "
            "the function, because another patch release writes other bytes"
            if there
            else ""
        )
    )


def compile_folder(folder: Path, python: Python, deployed: str) -> None:
    """Write `__pycache__` for each module below the folder, which will be at `deployed` in Lambda.

    The bytecode is unchecked, because the dates of source files in an archive are not the original
    ones. One order of files, and one seed for the hashes that order a set's constants, give the
    same bytes for the same sources.
    """
    command = [python.path, "-m", "compileall", "-q", "-f", "-j", "1"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", deployed]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"}
    subprocess.run([*command, str(folder)], env=environment, check=True)


def _candidates(minor: str) -> Iterator[str]:
    yield sys.executable
    if on_path := shutil.which(f"python{minor}"):
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for folder in sorted((pyenv / "versions").glob(f"{minor}.*")):
        yield str(folder / "bin" / f"python{minor}")
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if uv:
        for version in (named_patch(), minor):
            found = subprocess.run(
                [uv, "python", "find", "--offline", "--no-project", version],
                capture_output=True,
                text=True,
                check=False,
            )
            if not found.returncode:
                yield found.stdout.strip()
