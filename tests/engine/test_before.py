"""What is refused before the first resource is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from components.producer import package
from tests.engine.engine import EngineError

if TYPE_CHECKING:
    from tests.engine.engine import Start

ARCHITECTURES = ("arm64", "x86_64")


def test_a_missing_layer_is_refused_before_the_first_resource(start: Start) -> None:
    """After thirty resources, roles and bucket included, somebody has to tidy up."""
    missing = [each for each in ARCHITECTURES if not package.layer_path(each).is_file()]
    if not missing:
        pytest.skip("the layers of both architectures are built here")
    engine = start("dev")
    engine.options["function.architecture"] = missing[0]
    with pytest.raises(EngineError, match=f"run `make layer ARCH={missing[0]}`"):
        engine.up()
    assert list(engine.cloud) == []
