"""The program with the tests' own stack files, so that a change of the example fails no test."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from components.producer import package
from recording import program, recording
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from recording.recording import Recording

STACKS = "tests/stacks"


def record(
    stack: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    preview: bool = False,
    project: str = ".",
) -> Recording:
    """Record like `recording.recording.record`; build the layer that the program needs."""
    if project == ".":
        build_layer()
    return recording.record(
        stack, overrides, preview=preview, project=project, stacks=f"{STACKS}/{project}"
    )


@cache
def build_layer() -> None:
    """Build what `make layer` builds, if it is not there yet."""
    package.build_layer("x86_64")


def configuration(
    stack: str, overrides: Mapping[str, Any] | None = None, project: str = "."
) -> dict[str, str]:
    """Do what `recording.program.configuration` does, with the tests' stack files."""
    folder = PROJECT / STACKS / project
    return program.configuration(stack, overrides, PROJECT / project, folder)
