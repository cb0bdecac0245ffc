"""The repairs that the pages promise: a stack is changed by hand and repaired, and then drift is
clean.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.engine.engine import EngineError
from tests.pipeline.collected import everything_said

if TYPE_CHECKING:
    from tests.engine.engine import Engine, Start

pytestmark = pytest.mark.timeout(600)

# "`make up` puts it back": a command, followed by the words about what it repairs.
PROMISE = re.compile(
    r"`((?:pulumi|make) [^`]*)`[^.;|]{0,60}?\b(?:puts?|back|closes|repairs|makes its|brings)\b"
)
OPEN = '{"Version": "2012-10-17", "Statement": []}'


def change_by_hand(engine: Engine) -> dict[str, str]:
    """Open both policies that refuse others, and widen a role; return the previous documents."""
    hands = {
        "thumbx-images-policy": "policy",
        "ThumbX-uploads-policy": "policy",
        "ThumbXRole": "assumeRolePolicy",
    }
    before: dict[str, str] = {}
    for thing in engine.cloud:
        if thing.name in hands and hands[thing.name] in thing.inputs:
            before[thing.name] = thing.inputs[hands[thing.name]]
            thing.inputs = thing.inputs | {hands[thing.name]: OPEN}
    assert set(before) == set(hands)
    return before


def test_the_texts_name_commands_that_look_at_the_accounts_first() -> None:
    """`make up` is `pulumi up` after the preflight; another command would need its own test
    below.
    """
    promised = {match for text in everything_said() for match in PROMISE.findall(text)}
    promised = {command for command in promised if " up" in command}
    assert promised
    assert {command.partition(" STACK=")[0] for command in promised} <= {"pulumi up", "make up"}


@pytest.mark.engine
def test_up_puts_back_what_somebody_changed_by_hand(start: Start) -> None:
    """Without a refresh Pulumi reports `109 unchanged`, and a bucket that was opened stays open."""
    engine = start("dev")
    engine.up()
    change_by_hand(engine)
    with pytest.raises(EngineError):
        engine.clean()
    repaired = engine.up().names("update")
    assert {"thumbx-images-policy", "ThumbX-uploads-policy", "ThumbXRole"} <= repaired
    engine.clean()


@pytest.mark.engine
def test_a_plan_repairs_what_was_changed_by_hand(start: Start) -> None:
    """Both steps of the plan flow refresh. A plan made without would fail half-way."""
    engine = start("dev")
    engine.up()
    change_by_hand(engine)
    plan = str(engine.folder / "plan.json")
    assert "thumbx-images-policy" in engine.preview(plan=plan).names("update")
    engine.up(plan=plan)
    engine.clean()
