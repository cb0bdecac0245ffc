"""A stack for the pipeline: its checked settings, and its name for Pulumi's commands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError
from recording import stack_file
from recording.errors import RecordingError
from recording.program import PROJECT, configuration, settings_from

if TYPE_CHECKING:
    from components.configuration.settings import Settings

NAME = "thumbx"  # of the project, in Pulumi.yaml
# Of Pulumi Cloud. An organization's token belongs to no user whose default organization could be
# used.
ORGANIZATION = "PULUMI_ORGANIZATION"


def settings_of(stack: str) -> Settings:
    """Read `Pulumi.<stack>.yaml` as the program does; PipelineError with every fault."""
    if not (PROJECT / f"Pulumi.{stack}.yaml").is_file():
        known = sorted(path.name[7:-5] for path in PROJECT.glob("Pulumi.*.yaml"))
        raise PipelineError(
            f"Pulumi.{stack}.yaml is not there; the stacks here are {', '.join(known)}: "
            "name one of them, or copy its file"
        )
    try:
        written = stack_file.values(PROJECT / f"Pulumi.{stack}.yaml", NAME)
        return settings_from(configuration(stack), stack_file.secrets(written))
    except RecordingError as error:
        raise PipelineError(str(error)) from error


def full_name(stack: str) -> str:
    """Return the stack name for Pulumi's commands: with the organization, if one is named."""
    organization = os.environ.get(ORGANIZATION)
    return f"{organization}/{stack}" if organization else stack
