"""Runs the real `__main__.py` without Pulumi's engine, under a monitor of our choice.

Pulumi's runtime cannot be used again in a process after a failed run, so a process runs the program
once. `run` is for code that starts such a process (`recording.recorder`, the deployment).
"""

from __future__ import annotations

import asyncio
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pulumi
import pulumi.runtime
from pulumi.runtime.stack import run_pulumi_func

from components.configuration.settings import read_settings
from components.producer import package
from recording import stack_file
from recording.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi.runtime.mocks import MockMonitor, Mocks

    from components.configuration.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent


def configuration(
    stack: str,
    overrides: Mapping[str, Any] | None = None,
    project: Path = PROJECT,
    stacks: Path | None = None,
) -> dict[str, str]:
    """Return the stack's configuration as the engine gives it to a program: text by full key.

    The values come from the defaults of `Pulumi.yaml`, then `Pulumi.<stack>.yaml`, then `overrides`
    by path, see `override`. `null` counts as missing. `stacks` is the folder of the stack file, if
    it is not `project`.
    """
    values = values_of(stack, project, stacks)
    return encoded(values, overrides or {}, stack_file.load(project / "Pulumi.yaml")["name"])


def values_of(stack: str, project: Path = PROJECT, stacks: Path | None = None) -> dict[str, Any]:
    """Return the values of `configuration` before `overrides`, as YAML gives them."""
    about = stack_file.load(project / "Pulumi.yaml")
    declared: dict[str, Any] = about["config"]
    values: dict[str, Any] = {}
    for key, declaration in declared.items():
        typed = isinstance(declaration, dict)
        values[key] = cast("Any", declaration).get("default") if typed else declaration
    return values | stack_file.values((stacks or project) / f"Pulumi.{stack}.yaml", about["name"])


def encoded(
    values: Mapping[str, Any], overrides: Mapping[str, Any], namespace: str
) -> dict[str, str]:
    """Return the values with the overrides as the engine gives them to a program: text is
    unchanged.
    """
    values = dict(values)
    for path, value in sorted(overrides.items()):
        override(values, path, value, namespace)
    return {key: stack_file.text(value) for key, value in values.items() if value is not None}


def override(values: dict[str, Any], path: str, value: object, namespace: str) -> None:
    """Set one value by its path (`storage.encryption`), as `pulumi config set --path` does.

    A path that is a whole key (`region`, or `thumbx:region`) replaces the whole value; None removes
    a field or a key.
    """
    key, *fields = path.split(".")
    key = key if ":" in key else f"{namespace}:{key}"
    if fields:
        group = values.get(key)
        whole: dict[str, Any] = dict(group) if isinstance(group, dict) else {}  # pyright: ignore[reportUnknownArgumentType]
        if value is None:
            whole.pop(".".join(fields), None)
        else:
            whole[".".join(fields)] = value
        values[key] = whole
    else:
        values[key] = value


def settings_from(config: Mapping[str, str], secrets: Sequence[str] = ()) -> Settings:
    """Read and check a configuration as the program does; RecordingError with every fault.

    `secrets` are the keys that the stack file encrypts.
    """
    pulumi.runtime.set_all_config(dict(config), list(secrets))
    try:
        return read_settings()
    except pulumi.RunError as error:
        raise RecordingError(str(error)) from error


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
    """Run the program once and return its exports; errors of the program and of the mocks are not
    caught.

    With `preview`, an output that the mock does not return is unknown, as in a first preview, and
    exports that depend on it are None. Without `preview`, such an output itself is None. `project`
    is the folder of a Pulumi.yaml; `stacks` is the folder of the stack file if it is another.
    """
    values = configuration(stack, overrides, project, stacks)
    name: str = stack_file.load(project / "Pulumi.yaml")["name"]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # before set_mocks, because set_mocks registers the stack with it
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
