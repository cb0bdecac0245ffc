"""Faults that are refused before the first resource is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.engine import EngineError

if TYPE_CHECKING:
    from tests.engine.engine import Start


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_missing_layer_is_refused_before_the_first_resource(
    start: Start, architecture: str
) -> None:
    """Otherwise somebody has to delete thirty resources, including roles and the bucket."""
    engine = start("dev", options={"function.architecture": architecture})
    engine.layers = "nothing"
    with pytest.raises(EngineError, match=f"run `make layer ARCH={architecture}`"):
        engine.up()
    assert list(engine.cloud) == []
