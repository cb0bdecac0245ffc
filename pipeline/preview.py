"""`pulumi preview` of one stack with its plan; deploys by a plan, or as a person does."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from pipeline import layer
from pipeline.errors import PipelineError
from pipeline.preflight import POLICY_PACK, preflight
from pipeline.stack import full_name
from pipeline.tools import path_of, watched
from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

PLANS = PROJECT / "build" / "plans"
CI = ("--non-interactive", "--color", "never")


def preview(stack: str, *tools: str, refresh: bool = True) -> str:
    """Check the requirements, preview with the policy pack, save the plan; return the output.

    `Pulumi.yaml` makes Pulumi refresh, both here and when the plan is carried out, because a plan
    without a refresh fails half-way if somebody has changed something by hand. `refresh` is off in
    pull requests, because their comment shows only the effect of the change; a separate job checks
    drift.
    """
    preflight(stack, *tools)
    PLANS.mkdir(parents=True, exist_ok=True)
    plan = _plan_path(stack)
    for path in (plan, _layer_path(stack)):
        path.unlink(missing_ok=True)  # the file of an earlier preview must not be used for this one
    code, output = watched(
        "pulumi", "preview", "--stack", full_name(stack), "--diff", *CI,
        "--policy-pack", POLICY_PACK, "--save-plan", str(plan),
        *([] if refresh else ["--refresh=false"]),
    )  # fmt: skip
    if code:
        raise PipelineError(f"`pulumi preview --stack {stack}` ended with {code}; see above")
    _layer_path(stack).write_text(layer.digest(stack), "ascii")
    return output


def up(stack: str) -> None:
    """Check the requirements, then deploy as a person does: Pulumi shows its preview and asks."""
    preflight(stack)
    code = subprocess.run(
        [path_of("pulumi"), "up", "--stack", full_name(stack), "--policy-pack", POLICY_PACK],
        cwd=PROJECT,
        check=False,
    ).returncode
    if code:
        raise PipelineError(f"`pulumi up --stack {stack}` ended with {code}; see above")


def deploy(stack: str) -> None:
    """Deploy exactly the plan that the preview of this stack saved, or fail during the update.

    Pulumi compares each resource with the plan when it comes to it, not all of them before the
    update.
    """
    plan = _plan_path(stack)
    if not (plan.is_file() and _layer_path(stack).is_file()):
        raise PipelineError(
            f"{plan.relative_to(PROJECT)} does not exist; run `make preview STACK={stack}` first, "
            "here or in the job that passes the plan on"
        )
    preflight(stack)
    previewed, here = _layer_path(stack).read_text("ascii"), layer.digest(stack)
    if here != previewed:
        raise PipelineError(
            f"the layer here is {here[:12]}, but the plan was made with {previewed[:12]}; build it "
            f"from the same commit: make stack-layer STACK={stack}"
        )
    code, _ = watched(
        "pulumi", "up", "--stack", full_name(stack), "--yes", "--skip-preview", *CI,
        "--policy-pack", POLICY_PACK, "--plan", str(plan),
    )  # fmt: skip
    if code:
        raise PipelineError(
            f"`pulumi up --stack {stack}` ended with {code}; if it says `violates plan`, the "
            "program or the stack is not what was previewed: preview again"
        )


def _plan_path(stack: str) -> Path:
    return PLANS / f"{stack}.json"


def _layer_path(stack: str) -> Path:
    """The file beside a plan that holds the digest of the plan's layer."""
    return PLANS / f"{stack}.layer"
