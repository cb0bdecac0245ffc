"""Stack configuration as the engine hands it to the program, for tests that run no engine."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime import set_all_config

from components.configuration.settings import Settings, read_settings
from recording.program import PROJECT
from tests.recorded import STACKS


@cache
def declarations() -> dict[str, dict[str, Any]]:
    """The keys that Pulumi.yaml declares for the project, with their type, default and text."""
    config = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"]
    return {key: value for key, value in config.items() if key.startswith("thumbx:")}


@cache
def stack_file(stack: str | Path) -> dict[str, Any]:
    """What a stack file says: the tests' own of this name, or the file itself."""
    file = stack if isinstance(stack, Path) else PROJECT / STACKS / f"Pulumi.{stack}.yaml"
    return yaml.safe_load(file.read_text())["config"]


def configure(
    stack: str | Path, changes: dict[str, Any] | None = None, secrets: tuple[str, ...] = ()
) -> None:
    """Set what the engine would: defaults below the stack file below `changes`; None unsets a key.

    Text stays text and all else becomes JSON, as in the engine's own createConfigValue.
    """
    config = {key: says["default"] for key, says in declarations().items() if "default" in says}
    config |= stack_file(stack) | {f"thumbx:{key}": value for key, value in (changes or {}).items()}
    set_all_config(
        {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in config.items()
            if value is not None
        },
        [f"thumbx:{key}" for key in secrets],
    )


def read(stack: str = "dev", **changes: Any) -> Settings:
    """The settings of a stack with some keys changed."""
    configure(stack, changes)
    return read_settings()


def faults(stack: str | Path = "dev", secrets: tuple[str, ...] = (), **changes: Any) -> list[str]:
    """The lines that a person would read for a stack with some keys changed; none if it is good."""
    configure(stack, changes, secrets)
    try:
        read_settings()
    except pulumi.RunError as error:
        return str(error).splitlines()
    return []
