"""The order of resources, on an engine that makes many in parallel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.engine import Engine, Start

pytestmark = [pytest.mark.engine, pytest.mark.timeout(3000)]

ROLE = "aws:iam/role:Role"


@pytest.mark.parametrize("stack", ["dev", "production"])
def test_no_order_is_refused_however_long_a_call_takes(start: Start, stack: str) -> None:
    """Each call waits for up to half a second; the cloud refuses a call that comes too early."""
    engine = start(stack, delay=0.5)
    engine.up()
    engine.clean()
    engine.options["storage.deletable"] = True
    engine.up()
    engine.destroy()
    assert list(engine.cloud) == []


def test_the_trust_follows_a_producer_role_that_is_replaced(start: Start) -> None:
    """The path is a part of the ARN; every policy that names the role gets the new ARN in the
    same update.
    """
    engine = start("dev")
    engine.up()
    old = engine.named("ThumbX-producer", ROLE).outputs["arn"]
    engine.options["producer.rolePath"] = "/teams/pictures/"
    engine.up()
    new = engine.named("ThumbX-producer", ROLE).outputs["arn"]
    assert new != old
    assert "/teams/pictures/" in new
    assert _trusted(engine) == {new}
    assert old not in json.dumps([each.inputs for each in engine.cloud], default=str)
    engine.clean()


def test_the_trust_follows_a_producer_role_that_was_deleted_by_hand(start: Start) -> None:
    """IAM treats a role with the same name as another role, and a new name is in no policy yet."""
    engine = start("dev")
    engine.up()
    role = engine.named("ThumbX-producer", ROLE)
    for each in engine.cloud:
        if each.inputs.get("role") == role.id:
            engine.cloud.remove(each.token, each.id, each.account, each.region)
    engine.cloud.remove(ROLE, role.id, role.account, "")
    engine.up()
    assert _trusted(engine) == {engine.named("ThumbX-producer", ROLE).outputs["arn"]}
    engine.clean()


def _trusted(engine: Engine) -> set[str]:
    """Whom ThumbXRole trusts."""
    trust = engine.named("ThumbXRole", ROLE).document("assumeRolePolicy")
    return {str(each["Principal"]["AWS"]) for each in trust}
