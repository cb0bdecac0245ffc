"""The actions that docs/upgrade.md forbids: the damage, and that the next `up` repairs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT
from tests.engine.engine import EngineError

if TYPE_CHECKING:
    from tests.engine.engine import Start

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]

PAGE = (PROJECT / "docs" / "upgrade.md").read_text("utf-8")
BUCKET, QUEUE, ROLE = "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:iam/role:Role"
FUNCTION = "aws:lambda/function:Function"


def test_a_destroy_without_a_preview_leaves_roles_and_pictures(start: Start) -> None:
    """It fails at the bucket when queues and function are gone; the queues come back empty."""
    assert "Do not use `pulumi destroy --skip-preview` on a protected stack." in PAGE
    engine = start("dev")
    engine.up()
    before = {each.id for each in engine.cloud}
    queues = {each.id for each in engine.cloud.of(QUEUE)}
    engine.cloud.objects[engine.named("thumbx-images").id] = 3
    with pytest.raises(EngineError, match="protected"):
        engine.destroy(skip_preview=True)
    assert engine.cloud.of(FUNCTION) == []
    assert not queues & {each.id for each in engine.cloud.of(QUEUE)}
    assert {"ThumbXRole", "ThumbX-producer"} <= {each.name for each in engine.cloud.of(ROLE)}
    kept = {each.id for each in engine.cloud.of(BUCKET)}
    assert kept <= before
    engine.up()
    assert len(engine.cloud.of(QUEUE)) == len(queues)
    assert {each.id for each in engine.cloud.of(BUCKET)} == kept
    engine.clean()


def test_what_exists_once_per_parent_is_gone_when_it_is_replaced(start: Start) -> None:
    """The new one is made and then deleted with the old one, and Pulumi reports success."""
    assert "Never replace a policy, a redrive policy, the notification" in PAGE
    engine = start("dev")
    engine.up()
    urns = {urn.rpartition("::")[2]: urn for urn in engine.urns()}
    with pytest.raises(EngineError, match="marked for protection"):
        engine.up(replace=[urns["thumbx-images-policy"]])
    names = {"ThumbX-uploads-policy", "thumbx-images-notification"}
    engine.up(replace=[urns[name] for name in names])
    assert not names & {each.name for each in engine.cloud}
    engine.up()
    assert names <= {each.name for each in engine.cloud}
    engine.clean()
