"""The function's layer for a stack: made for its architecture, and told from another by its bytes.

A plan holds the layer's hash, so the machine that carries a plan out must have the same bytes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from components.producer import package
from pipeline.stack import settings_of

if TYPE_CHECKING:
    from pathlib import Path


def build(stack: str) -> Path:
    """Make the layer that the stack's function needs, unless it is there; return its path."""
    return package.build_layer(settings_of(stack).function.architecture)


def digest(stack: str) -> str:
    """Return the SHA-256 of the layer, in hex; LayerError where it is missing or stale."""
    architecture = settings_of(stack).function.architecture
    package.layer_archive(architecture)
    return hashlib.sha256(package.layer_path(architecture).read_bytes()).hexdigest()
