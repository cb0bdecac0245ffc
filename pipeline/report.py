"""What a pull request is told of a stack: who could do more, what it costs, what changes.

Made by the pull request's own code, which may say anything, and written down as three texts. The
job that may comment runs the target branch's code: it reads three texts, and each ends in a fence.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, cast

from pipeline import cost
from pipeline.comments import fenced
from pipeline.errors import PipelineError
from pipeline.tools import output_of
from proof.changes import NOBODY, changes
from proof.errors import ProofError
from proof.matrix import JSON, Matrix
from recording.program import PROJECT

MATRIX = f"docs/{JSON.name}"
FOLDER = PROJECT / "build" / "comments"
LARGEST = 10_000_000  # bytes of a report; a preview of this program is a hundredth of that
ACCESS, COST, DIFF = 12_000, 2_000, 45_000  # characters of each that a comment shows


@dataclass(frozen=True, kw_only=True)
class Report:
    """The three texts, plain."""

    access: str
    cost: str
    diff: str

    @classmethod
    def of(cls, base: str, output: str) -> Self:
        """Make it from what `pulumi preview --diff` printed, against the git revision `base`."""
        return cls(access=access_difference(base), cost=cost.difference(output), diff=output)

    def write(self, stack: str) -> None:
        """Leave it for the job that comments."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        path_of(stack).write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, stack: str) -> Self:
        """Read what was left, trusting nothing: a plain file of three texts, or PipelineError."""
        path = path_of(stack)
        where = path.relative_to(PROJECT)
        if path.is_symlink() or not path.is_file():
            raise PipelineError(f"{where} is not there; `make preview BASE=...` writes it")
        if path.stat().st_size > LARGEST:
            raise PipelineError(f"{where} has {path.stat().st_size} bytes, which no report has")
        try:
            texts: Any = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise PipelineError(f"{where} is no report: {error}") from error
        names = set(cls.__dataclass_fields__)
        if not isinstance(texts, dict) or set(cast("dict[str, Any]", texts)) != names:
            raise PipelineError(f"{where} is no report; it holds {', '.join(sorted(names))}")
        return cls(**{name: str(cast("Any", texts)[name]) for name in names})

    def markdown(self) -> str:
        """Return the three in fences; short enough for GitHub, whatever the texts are."""
        return "\n\n".join(
            [
                f"**Who could do more or less than before**, as `{MATRIX}` says",
                fenced(self.access, longest=ACCESS),
                "**What it costs**",
                fenced(self.cost, longest=COST),
                "<details><summary><code>pulumi preview --diff</code></summary>",
                fenced(self.diff, "diff", longest=DIFF),
                "</details>",
            ]
        )


def comment(stack: str, commit: str, run: str) -> str:
    """Return the comment on a stack: the report that was left, or that there is none.

    `commit` is what was previewed and `run` the address of the run; GitHub says both.
    """
    failed = not os.path.lexists(path_of(stack))
    return "\n\n".join(
        [
            f"### What this pull request changes in `{stack}`",
            f"At {commit}, by [this run]({run}).",
            "**The preview of this commit failed**; the run says why."
            if failed
            else Report.read(stack).markdown(),
        ]
    )


def path_of(stack: str) -> Path:
    """Return where the report of a stack is handed from job to job."""
    return FOLDER / f"{stack}.json"


def access_difference(base: str) -> str:
    """Compare the access matrix with that of the git revision `base`, in words."""
    try:
        old = output_of("git", "show", f"{base}:{MATRIX}")
    except PipelineError:
        return f"{base} has no {MATRIX}, so there is nothing to compare with."
    with tempfile.TemporaryDirectory() as folder:
        before = Path(folder) / "before.json"
        before.write_text(old, "utf-8")
        try:
            lines = changes(Matrix.read(before), Matrix.read(JSON)).lines()
        except ProofError as error:  # said in the comment, whose other parts can still be read
            return f"The matrices of {base} and of here cannot be compared:\n{error}"
    return "\n".join(lines or [NOBODY])
