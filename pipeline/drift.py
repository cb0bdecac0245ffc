"""Checks whether what is deployed is still what the program says."""

from __future__ import annotations

from pipeline.comments import fenced, issue
from pipeline.errors import PipelineError
from pipeline.preflight import preflight
from pipeline.preview import CI
from pipeline.stack import full_name
from pipeline.tools import watched

# the exit code of `pulumi preview --expect-no-changes`; any other code is a failure
CLEAN, CHANGED = 0, 7


def drift(stack: str, repository: str | None) -> bool:
    """Compare a stack with its accounts; if they differ, open or update one issue.

    Returns whether they differ. Without a repository (`owner/name`) no issue is written. Raises
    PipelineError if Pulumi fails for another reason, because no answer does not mean "no
    difference".
    """
    preflight(stack, *(["gh"] if repository else []))
    code, output = watched(
        "pulumi", "preview", "--stack", full_name(stack), "--refresh", "--expect-no-changes",
        "--diff", *CI,
    )  # fmt: skip
    if code not in {CLEAN, CHANGED}:
        raise PipelineError(f"`pulumi preview --stack {stack}` ended with {code}; see above")
    if code == CHANGED and repository:
        text = (
            f"The accounts of stack `{stack}` are not as the program says. Somebody changed "
            f"something by hand, or a deployment stopped half-way. `make up STACK={stack}` asks "
            "the accounts and puts back what the program says, and so does the next deployment. "
            "To keep the change, write it into the program.\n\n"
        )
        title = f"Stack {stack} has drifted"
        print(issue(repository, f"drift:{stack}", title, text + fenced(output, "diff")))
    return code == CHANGED
