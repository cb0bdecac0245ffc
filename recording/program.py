"""The real `__main__.py`, run without Pulumi's engine under a monitor of our choice.

Pulumi's runtime in a process is not reusable after a failed run, so a process runs the program
once: `run` is for the one who starts such a process (`recording.recorder`, the deployment).
"""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pulumi
import pulumi.runtime
from pulumi.runtime.stack import run_pulumi_func

from components.producer import package
from recording import stack_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.runtime.mocks import MockMonitor, Mocks

PROJECT = Path(__file__).resolve().parent.parent


def configuration(
    stack: str,
    overrides: Mapping[str, Any] | None = None,
    project: Path = PROJECT,
    stacks: Path | None = None,
) -> dict[str, str]:
    """Return the stack's configuration as the engine hands it to a program: text by full key.

    Defaults of `Pulumi.yaml`, then `Pulumi.<stack>.yaml`, then `overrides`, each of which
    replaces a value whole; None among these takes one away. `stacks` is the folder of the stack
    file, if it is not `project`.
    """
    about = stack_file.load(project / "Pulumi.yaml")
    declared: dict[str, Any] = about["config"]
    values: dict[str, Any] = {}
    for key, declaration in declared.items():
        typed = isinstance(declaration, dict)
        values[key] = cast("Any", declaration).get("default") if typed else declaration
    values |= stack_file.values((stacks or project) / f"Pulumi.{stack}.yaml", about["name"])
    values |= overrides or {}
    return {key: stack_file.text(value) for key, value in values.items() if value is not None}


def run(
    mocks: Mocks,
    monitor: MockMonitor,
    *,
    stack: str,
    overrides: Mapping[str, Any] | None = None,
    preview: bool = False,
    project: Path = PROJECT,
    stacks: Path | None = None,
) -> dict[str, Any]:
    """Run the program once and return its exports; errors of the program and the mocks pass.

    With `preview` an output that the mock does not answer is unknown, as in a first preview, and
    so are the exports made of it (None); without it such an output is None itself. `project` is
    the folder of a Pulumi.yaml, `stacks` that of the stack file if it is another.
    """
    values = configuration(stack, overrides, project, stacks)
    name: str = stack_file.load(project / "Pulumi.yaml")["name"]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # before set_mocks, which registers the stack in it
    pulumi.runtime.set_mocks(mocks, project=name, stack=stack, preview=preview, monitor=monitor)
    pulumi.runtime.set_all_config(values)
    exports: dict[str, Any] = {}

    def main() -> None:
        runpy.run_path(str(project / "__main__.py"), run_name="__main__")

    async def export() -> None:
        root = cast("Any", pulumi.runtime.get_root_resource())
        for name, value in root.outputs.items():
            exports[name] = await pulumi.Output.from_input(value).future()

    try:
        # Nothing is deployed to AWS from here.
        with package.plain():
            loop.run_until_complete(run_pulumi_func(main))
            loop.run_until_complete(export())
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    return exports
