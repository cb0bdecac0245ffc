"""The bootstrap and the plan flow, on the real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.engine import EngineError
from tests.engine.options import option

if TYPE_CHECKING:
    from tests.engine.engine import Start

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.mark.parametrize("stack", ["dev-producer", "dev-storage"])
def test_the_bootstrap_comes_and_stays(start: Start, stack: str) -> None:
    """Its roles, and in one account the bucket of the state, which no destroy takes away."""
    engine = start(stack, project="bootstrap")
    foreseen = engine.preview()
    made = engine.up()
    assert made.names("create") == foreseen.names("create") != set()
    engine.clean()


def test_a_plan_is_carried_out_as_it_was_made(start: Start) -> None:
    """`pulumi preview --save-plan`, then `pulumi up --plan`."""
    engine = start("dev")
    plan = str(engine.folder / "plan.json")
    engine.preview(plan=plan)
    engine.up(plan=plan)
    engine.clean()
    engine.options |= option(engine, "function.memory", 1024)
    engine.preview(plan=plan)
    assert engine.up(plan=plan).names("update") == {"ThumbX-function"}
    engine.clean()


def test_a_plan_refuses_what_came_in_between(start: Start) -> None:
    """Somebody has looked at the plan, and at nothing else."""
    engine = start("dev")
    engine.up()
    plan = str(engine.folder / "plan.json")
    engine.options |= option(engine, "function.memory", 1024)
    engine.preview(plan=plan)
    engine.options |= option(engine, "function.memory", 2048)
    with pytest.raises(EngineError, match="plan"):
        engine.up(plan=plan)
