"""A stack from nothing to nothing, on the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.engine import Engine


@pytest.mark.timeout(600)
@pytest.mark.parametrize("stack", ["dev"])
def test_a_stack_comes_and_goes(start: Callable[..., Engine], stack: str) -> None:
    """As people do it: a preview, an up, a look for drift."""
    engine = start(stack)
    foreseen = engine.preview()
    made = engine.up()
    assert made.names("create") == foreseen.names("create") != set()
    engine.clean()
