"""A stack from nothing to nothing, on the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recording.resource_types import TYPES
from tests.engine.engine import EngineError

if TYPE_CHECKING:
    from tests.engine.engine import Engine, Start

pytestmark = pytest.mark.timeout(600)


def life_cycle(engine: Engine) -> None:
    """As people do it: a preview, an up, a look for drift; then the end, on purpose."""
    foreseen = engine.preview()
    made = engine.up()
    assert made.names("create") == foreseen.names("create") != set()
    engine.clean()
    there = {(each.token, each.id) for each in engine.cloud}
    pictures = engine.named("thumbx-images").id
    engine.cloud.objects[pictures] = 3

    with pytest.raises(EngineError, match="protected"):
        engine.destroy()
    assert {(each.token, each.id) for each in engine.cloud} == there

    engine.options["storage.deletable"] = True
    assert "thumbx-images" in engine.up().names("update")
    engine.destroy()
    assert list(engine.cloud) == []


def test_the_stack_dev_comes_and_goes(start: Start) -> None:
    """The protected destroy deletes nothing; `deletable`, up, destroy leave nothing."""
    life_cycle(start("dev"))


@pytest.mark.engine
def test_the_stack_production_comes_and_goes(start: Start) -> None:
    """The same with the options of production."""
    life_cycle(start("production"))


@pytest.mark.engine
def test_the_state_holds_no_secret(start: Start) -> None:
    """Whoever may read the state may read all that is in it, encrypted or not."""
    engine = start("dev")
    engine.up()
    state = engine.state()
    secret = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - how the engine marks one
    assert secret not in state
    assert "ciphertext" not in state
    assert "secretKey" not in state
    assert {each.token for each in engine.cloud} <= set(TYPES)
