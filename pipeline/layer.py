"""The function's layer for a stack: built for its architecture, and identified by its bytes.

A plan holds the layer's hash, so the machine that carries out a plan must have the same bytes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from components.producer import package
from pipeline.stack import settings_of
from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    import pulumi


def build(stack: str, *, other_python: bool = False) -> list[Path]:
    """Make what the stack's function needs, unless it exists: layer and bytecode.

    BytecodeError if the Python that compiles is missing. A stack on an emulator has no bytecode.
    """
    settings = settings_of(stack)
    architecture = settings.function.architecture
    if settings.producer.endpoint:
        return [package.build_layer(architecture)]
    return package.build_deployed(architecture, other=other_python)


def digest(stack: str) -> str:
    """Return the SHA-256 of layer and archive, in hex; LayerError if one is missing or stale."""
    digest = hashlib.sha256()
    for path in files(stack):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def files(stack: str) -> list[Path]:
    """Return the files that would be deployed as code; LayerError if one is missing or stale."""
    settings = settings_of(stack)
    compiled = not settings.producer.endpoint
    architecture = settings.function.architecture
    archive = package.function_archive(architecture, compiled=compiled)
    sources = [cast("pulumi.FileAsset", each).path for each in archive.assets.values()]
    layer = package.layer_archive(architecture, compiled=compiled).path
    return [PROJECT / path for path in (layer, *sources)]
