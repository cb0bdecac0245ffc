"""The programs that the pipeline starts: `pulumi`, `gh` and `git`."""

from __future__ import annotations

import shutil
import subprocess
import sys

from pipeline.errors import PipelineError
from recording.program import PROJECT

REMEDIES = {
    "pulumi": "install the Pulumi CLI (pulumi.com/docs/install) and start a new shell",
    "gh": "install GitHub's CLI (cli.github.com); GitHub's own runners have it",
    "git": "install git",
}


def path_of(tool: str) -> str:
    """Return the program's path; PipelineError with the remedy if it is missing."""
    found = shutil.which(tool)
    if found is None:
        raise PipelineError(f"{tool} is not on the PATH; {REMEDIES[tool]}")
    return found


def output_of(tool: str, *arguments: str, given: str | None = None) -> str:
    """Run a program in the project and return its output; PipelineError if it fails."""
    done = subprocess.run(
        [path_of(tool), *arguments],
        cwd=PROJECT,
        input=given,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise PipelineError(
            f"`{tool} {' '.join(arguments)}` ended with {done.returncode}: "
            f"{done.stderr.strip() or done.stdout.strip()}"
        )
    return done.stdout


def watched(tool: str, *arguments: str) -> tuple[int, str]:
    """Run a program, show its output while it runs, and return its exit code and output."""
    command = [path_of(tool), *arguments]
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as running:
        for line in running.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    return running.returncode, "".join(lines)
