"""The bootstrap, the plan flow and the sandbox, on the real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sandbox.actors import Actors
from sandbox.emulator import Emulator
from sandbox.stack import Stack
from tests.engine.engine import EngineError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.engine import Start

_OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::222222222222:role/reader"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::BUCKET/*",
            }
        ],
    }
)

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.mark.parametrize("stack", ["dev-producer", "dev-storage"])
def test_the_bootstrap_comes_and_goes(start: Start, stack: str) -> None:
    """Its roles go; GitHub's provider and the state's bucket stay, where they are protected."""
    engine = start(stack, project="bootstrap")
    foreseen = engine.preview()
    made = engine.up()
    assert made.names("create") == foreseen.names("create") != set()
    engine.clean()
    protected = [each["urn"] for each in engine.resources() if each.get("protect")]
    assert protected
    there = list(engine.cloud)
    with pytest.raises(EngineError, match="protected"):
        engine.destroy()
    assert list(engine.cloud) == there
    for urn in protected:
        engine.unprotect(urn)
    engine.destroy()
    assert list(engine.cloud) == []


def test_a_plan_is_carried_out_as_it_was_made(start: Start) -> None:
    """`pulumi preview --save-plan`, then `pulumi up --plan`."""
    engine = start("dev")
    plan = str(engine.folder / "plan.json")
    engine.preview(plan=plan)
    engine.up(plan=plan)
    engine.clean()
    engine.options["function.memory"] = 1024
    planned = engine.preview(plan=plan).names("update")
    assert "ThumbX-function" in planned
    assert engine.up(plan=plan).names("update") == planned
    engine.clean()


def test_a_plan_refuses_what_came_in_between(start: Start) -> None:
    """A person has seen only the plan."""
    engine = start("dev")
    engine.up()
    plan = str(engine.folder / "plan.json")
    engine.options["function.memory"] = 1024
    engine.preview(plan=plan)
    engine.options["function.memory"] = 2048
    with pytest.raises(EngineError, match="plan"):
        engine.up(plan=plan)


def test_the_sandbox_comes_and_goes(start: Start, tmp_path: Path) -> None:
    """Made, read, changed and deleted in the emulator, as `pulumi up --stack sandbox` does it."""
    stack = Stack.read()
    with Emulator(log=tmp_path / "emulator.log") as emulator:
        Actors(emulator.clients, stack).seed()
        at = stack.at(emulator.clients.endpoint, str(emulator.clients.ca_bundle))
        engine = start("sandbox", options=at)
        engine.up()
        engine.clean()
        outputs = engine.outputs()
        s3 = emulator.clients.client("s3", stack.storage, stack.region)
        bucket = outputs["bucket"]
        policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]

        s3.put_bucket_policy(Bucket=bucket, Policy=_OPEN.replace("BUCKET", bucket))
        assert engine.up().names("update") == {"thumbx-images-policy"}
        assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(policy)

        engine.options["function.memory"] = 1024
        engine.options["retention.logDays"] = 30
        assert engine.up().names("update") >= {"ThumbX-function", "ThumbX-logs"}
        function = emulator.clients.client("lambda", stack.producer, stack.region)
        configured = function.get_function_configuration(FunctionName=outputs["function_name"])
        assert configured["MemorySize"] == 1024
        engine.clean()

        engine.destroy()
        assert list(engine.cloud) == []
        assert s3.list_buckets()["Buckets"] == []
        sqs = emulator.clients.client("sqs", stack.producer, stack.region)
        assert not sqs.list_queues().get("QueueUrls")
