"""One operation of Pulumi's engine on the unchanged program, in a separate process.

The engine and an inline program share a process, and Pulumi's runtime in it cannot be used again
after a run that failed. `recording.forks` runs `main` in a fork for each.
"""

from __future__ import annotations

import json
import runpy
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pulumi import automation

from components.producer import package
from recording import recorder
from recording.program import PROJECT

NOTHING = {"same", "read", "refresh"}  # steps that change nothing


class Workspace(automation.LocalWorkspace):
    """A folder with one stack, which every command names, so that no stack must be selected."""

    def select_stack(self, stack_name: str) -> None:
        if not list(Path(self.work_dir).glob(f"state/.pulumi/stacks/*/{stack_name}.json")):
            self.create_stack(stack_name)


@cache
def command() -> automation.PulumiCommand:
    """The command on the PATH, whose version was checked."""
    return automation.PulumiCommand()


def warm_up() -> None:
    """Import the program's modules, and look for Pulumi."""
    recorder.warm_up()
    command()


def main() -> None:
    """Carry out the request on the command line; print what the engine did as JSON."""
    request: dict[str, Any] = json.loads(sys.argv[1])
    folder = Path(request["folder"])
    steps: list[dict[str, Any]] = []
    violations: list[tuple[str, str]] = []

    def note(event: automation.EngineEvent) -> None:
        if event.policy_event:
            violations.append((event.policy_event.policy_name, event.policy_event.message))
        if event.resource_pre_event:
            metadata = event.resource_pre_event.metadata
            if metadata.op not in NOTHING:
                steps.append(
                    {
                        "operation": str(metadata.op.value),
                        "type": metadata.type,
                        "name": metadata.urn.rpartition("::")[2],
                        "diffs": metadata.diffs or [],
                    }
                )

    package.LAYERS = PROJECT / "build" / request["layers"]

    def program() -> None:
        with package.plain():  # the layer without bytecode needs no Python of Lambda's version
            path = PROJECT / request["project"] / "__main__.py"
            runpy.run_path(str(path), run_name="__main__")

    workspace = Workspace(
        work_dir=str(folder),
        program=program,
        env_vars=request["environment"],
        pulumi_command=command(),
    )
    stack = automation.Stack.create_or_select(request["stack"], workspace)
    # Without this, three commands after each update would print the state.
    done = automation.UpdateSummary("update", datetime.now(UTC), "", {}, {}, "succeeded")
    stack.outputs, stack.info = dict, lambda *_: done
    try:
        getattr(stack, request["operation"])(on_event=note, **request["arguments"])
    except automation.CommandError as error:
        sys.stderr.write(str(error))
        if not violations:
            raise SystemExit(1) from error
    json.dump({"steps": steps, "violations": violations}, sys.stdout)
