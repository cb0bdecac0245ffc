"""The text for a pull request about a stack: who could do more, what it costs, what changes.

The pull request's own code makes the report, so its content is untrusted; it is stored as texts.
The job that may comment runs the target branch's code: it reads these texts and puts each into a
code fence.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self, cast

from pipeline import cost
from pipeline.comments import fenced
from pipeline.errors import PipelineError
from proof.errors import ProofError
from proof.sides import compare_with
from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

DRIFT = (
    "**What Pulumi would do**, for this change alone; changes by hand in the accounts are "
    "reported in the issue of the drift workflow"
)
NO_CELL = "No cell changed."
FOLDER = PROJECT / "build" / "comments"
LARGEST = 10_000_000  # bytes of a report; a preview of this program is a hundredth of that
ACCESS, CELLS, COST, DIFF = 10_000, 8_000, 2_000, 38_000  # characters of each that a comment shows


@dataclass(frozen=True, kw_only=True)
class PreviewReport:
    """The texts, plain."""

    access: str
    cells: str
    cost: str
    diff: str

    @classmethod
    def of(cls, base: str, output: str) -> Self:
        """Make the report from `pulumi preview --diff`, compared with the git revision `base`."""
        access, cells = access_change(base)
        return cls(access=access, cells=cells, cost=cost.difference(output), diff=output)

    def write(self, stack: str) -> None:
        """Write the report for the job that comments."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        page_of(stack).write_text(f"{self.access}\n\n{self.cells}\n", "utf-8")
        path_of(stack).write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, stack: str) -> Self:
        """Read a report without trusting it: a plain file of texts, or PipelineError."""
        path = path_of(stack)
        where = path.relative_to(PROJECT)
        if path.is_symlink() or not path.is_file():
            raise PipelineError(f"{where} is not there; `make preview BASE=...` writes it")
        if path.stat().st_size > LARGEST:
            raise PipelineError(f"{where} has {path.stat().st_size} bytes, which no report has")
        try:
            texts: Any = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise PipelineError(f"{where} is not a report: {error}") from error
        names = set(cls.__dataclass_fields__)
        if not isinstance(texts, dict) or set(cast("dict[str, Any]", texts)) != names:
            raise PipelineError(f"{where} is not a report; it holds {', '.join(sorted(names))}")
        return cls(**{name: str(cast("Any", texts)[name]) for name in names})

    def markdown(self, stack: str, run: str) -> str:
        """Return the texts in code fences, short enough for GitHub whatever the texts are."""
        return "\n\n".join(
            [
                "**Who could do more or less than before**, by every stack file of both sides",
                fenced(self.access, longest=ACCESS),
                "<details><summary>The changed cells</summary>",
                fenced(self.cells, longest=CELLS),
                "</details>",
                f"The whole page is in [the artifact `comment-{stack}`]({run}#artifacts).",
                "**What it costs**",
                fenced(self.cost, longest=COST),
                DRIFT,
                "<details><summary><code>pulumi preview --diff</code></summary>",
                fenced(self.diff, "diff", longest=DIFF),
                "</details>",
            ]
        )


def comment(stack: str, commit: str, run: str) -> str:
    """Return the comment on a stack: its report, or a sentence that there is none.

    `commit` is the previewed commit and `run` the address of the run; both come from GitHub.
    """
    failed = not os.path.lexists(path_of(stack))
    return "\n\n".join(
        [
            f"### What this pull request changes in `{stack}`",
            f"At {commit}, by [this run]({run}).",
            "**The preview of this commit failed**; the run says why."
            if failed
            else PreviewReport.read(stack).markdown(stack, run),
        ]
    )


def page_of(stack: str) -> Path:
    """Return the path of the full page about access, for the run's artifact."""
    return FOLDER / f"{stack}-access.txt"


def path_of(stack: str) -> Path:
    """Return the path at which one job leaves the report of a stack for another."""
    return FOLDER / f"{stack}.json"


def access_change(base: str) -> tuple[str, str]:
    """Who can do more or less than at the git revision `base`: in words, and the changed cells."""
    try:
        found = compare_with(base, PROJECT)
    except ProofError as error:  # the comment says so, and its other parts can still be read
        return f"Who can do more or less is not known: {error}", ""
    return found.words(), found.table() or NO_CELL
