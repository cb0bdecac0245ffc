"""Stack configuration in the form in which the engine passes it to the program, for tests
without an engine.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime import set_all_config

from components.configuration.settings import Settings, read_settings
from recording import program
from recording.program import PROJECT
from tests.recorded import STACKS


@cache
def declarations() -> dict[str, dict[str, Any]]:
    """The keys that Pulumi.yaml declares for the project, with their type, default and text."""
    config = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]
    return {key: value for key, value in config.items() if key.startswith("thumbx:")}


@cache
def values(stack: str | Path) -> dict[str, Any]:
    """The values of a stack file and Pulumi.yaml: the tests' own stack file of this name, or the
    given file.
    """
    if isinstance(stack, Path):
        return program.values_of(stack.suffixes[-2][1:], PROJECT, stack.parent)
    return program.values_of(stack, PROJECT, PROJECT / STACKS)


def configure(
    stack: str | Path, changes: dict[str, Any] | None = None, secrets: tuple[str, ...] = ()
) -> None:
    """Set what the engine would: defaults below the stack file below `changes`, by their paths."""
    config = program.encoded(values(stack), changes or {}, "thumbx")
    set_all_config(config, [f"thumbx:{key}" for key in secrets])


def read(changes: dict[str, Any] | None = None, stack: str | Path = "dev") -> Settings:
    """The settings of a stack with some values changed."""
    configure(stack, changes)
    return read_settings()


def faults(
    changes: dict[str, Any] | None = None,
    stack: str | Path = "dev",
    secrets: tuple[str, ...] = (),
) -> list[str]:
    """The lines that a person would read for a stack with some values changed; none if good."""
    configure(stack, changes, secrets)
    try:
        read_settings()
    except pulumi.RunError as error:
        return str(error).splitlines()
    return []
