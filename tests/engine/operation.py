"""One operation of Pulumi's engine on the unchanged program, in a process of its own.

The engine and an inline program share a process, and Pulumi's runtime in it cannot be used again
after a run that failed. `recording.forks` runs `main` in a fork for each.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

from pulumi import automation

from components.producer import package
from recording import recorder
from recording.program import PROJECT

NOTHING = {"same", "read", "refresh"}  # steps that change nothing


def warm_up() -> None:
    """Import what the program will."""
    recorder.warm_up()


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

    def program() -> None:
        with package.plain():  # the layer without bytecode needs no Python of Lambda's
            path = PROJECT / request["project"] / "__main__.py"
            runpy.run_path(str(path), run_name="__main__")

    stack = automation.create_or_select_stack(
        stack_name=request["stack"],
        project_name=request["name"],
        program=program,
        opts=automation.LocalWorkspaceOptions(
            work_dir=str(folder), env_vars=request["environment"]
        ),
    )
    operation = getattr(stack, request["operation"])
    outputs: dict[str, Any] = {}
    try:
        result = operation(on_event=note, **request["arguments"])
        if request["operation"] == "up":
            outputs = {name: each.value for name, each in result.outputs.items()}
    except automation.CommandError as error:
        sys.stderr.write(str(error))
        if not violations:
            raise SystemExit(1) from error
    json.dump({"steps": steps, "outputs": outputs, "violations": violations}, sys.stdout)
