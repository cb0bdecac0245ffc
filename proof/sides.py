"""Compares two versions of the program: a git revision and this folder, each recorded by its own
code.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from proof.access import AccessChange, Side, compare
from proof.errors import ProofError
from proof.statement_cells import cells_of
from recording.program import PROJECT

RUNNER = Path(__file__).with_name("record_here.py")
PROJECTS = (".", "bootstrap")  # folders of a Pulumi.yaml
SECONDS = 120
AT_ONCE = 2
LONGEST = 600  # the number of characters of the reason that are shown


def compare_with(base: str, project: Path = PROJECT) -> AccessChange:
    """Compare the stack files and code of a git revision with those of the folder.

    Raises ProofError if git does not know the revision; the result names the versions that cannot
    be recorded.
    """
    with tempfile.TemporaryDirectory(prefix="thumbx-base-") as folder:
        _unpack(base, project, Path(folder))
        return compare(record_side(Path(folder)), record_side(project))


def record_side(folder: Path) -> Side:
    """The cells of every stack file of the folder."""
    recordings, failed = record_all(folder)
    cells = {name: cells_of(name, recording) for name, recording in recordings.items()}
    return Side(stacks=cells, failed=failed)


def record_all(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The recording of every stack file, each made in a separate process, or the reason why it
    failed.
    """
    stacks = [
        (project, path.name.removeprefix("Pulumi.").removesuffix(".yaml"))
        for project in PROJECTS
        for path in sorted((folder / project).glob("Pulumi.*.yaml"))
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [pool.submit(_record, folder, *each) for each in stacks]
    recordings: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for (project, stack), run in zip(stacks, runs, strict=True):
        name = stack if project == "." else f"{project}/{stack}"
        text, failed_because = run.result()
        if failed_because:
            failed[name] = failed_because
        else:
            recordings[name] = json.loads(text)
    return recordings, failed


def _record(folder: Path, project: str, stack: str) -> tuple[str, str]:
    """The recorder's output, or the reason why it failed."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(
            [sys.executable, str(RUNNER), stack, project],
            cwd=folder,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            return "", _reason(done.stderr)
        json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return "", f"it still runs after {SECONDS} s"
    except ValueError as error:
        return "", f"its recorder does not print JSON ({error})"
    return done.stdout, ""


def _reason(said: str) -> str:
    """The last lines of the output; for a traceback, its error."""
    lines = [line for line in said.strip().splitlines() if line and not line.startswith(" ")]
    return "; ".join(lines[-3:])[-LONGEST:] or "it said nothing"


def _unpack(base: str, project: Path, folder: Path) -> None:
    """Write the files of a revision into a folder; the repository is not changed."""
    git = shutil.which("git")
    if git is None:
        raise ProofError(
            "git is not installed, and the other version is in git's history; install git"
        )
    done = subprocess.run(
        [git, "archive", "--format=tar", "--", base],
        cwd=project,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise ProofError(
            f"git does not know the revision {base}: {reason}; fetch it, or name another"
        )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
