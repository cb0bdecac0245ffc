"""The sandbox refuses by name what it does not carry out, or lists it with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

from recording.errors import RecordingError
from sandbox.errors import SandboxError
from sandbox.providers.monitor import Monitor
from sandbox.providers.target import PROVIDER
from sandbox.providers.without_effect import PROPERTIES, TYPES

if TYPE_CHECKING:
    from sandbox.deployment import Deployment

EMULATED = {
    "allowedAccountIds": '["111111111111"]',
    "region": "eu-central-1",
    "endpoints": json.dumps([{"sqs": "https://localhost:1"}]),
}


def register(
    token: str,
    name: str,
    inputs: dict[str, Any],
    provider: dict[str, Any] | None = None,
) -> None:
    """Register a resource as Pulumi's runtime does, behind a provider of these inputs."""
    monitor = Monitor()
    if provider is not None:
        monitor.new_resource(MockResourceArgs(PROVIDER, "a", provider, custom=True))
    urn = f"urn:pulumi:sandbox::thumbx::{PROVIDER}::a::a-id" if provider is not None else ""
    monitor.new_resource(MockResourceArgs(token, name, inputs, provider=urn, custom=True))


def test_a_type_that_it_cannot_make_is_refused_by_name() -> None:
    """If it were skipped without an error, a new kind of resource would seem deployed and
    tested.
    """
    with pytest.raises(RecordingError, match="add its line to TYPES in recording/resource_types"):
        register("aws:ec2/instance:Instance", "server", {}, EMULATED)
    with pytest.raises(SandboxError, match="cannot make aws:iam/groupPolicy:GroupPolicy 'all'"):
        register("aws:iam/groupPolicy:GroupPolicy", "all", {"group": "g"}, EMULATED)


@pytest.mark.slow
def test_a_property_that_it_does_not_know_is_refused_by_name(deployment: Deployment) -> None:
    """The emulator would make the resource without it, and the tests would test something else."""
    provider = EMULATED | {
        "endpoints": json.dumps([{"sqs": deployment.clients.endpoint}]),
        "customCaBundle": str(deployment.clients.ca_bundle),
    }
    with pytest.raises(SandboxError, match=r"carry out fifoQueue of aws:sqs/queue:Queue 'odd'"):
        register("aws:sqs/queue:Queue", "odd", {"fifoQueue": True}, provider)


def test_nothing_is_made_without_a_provider_of_the_program() -> None:
    """It would have no account; on AWS it would use the account of the shell's credentials."""
    with pytest.raises(SandboxError, match="'stray' names no provider"):
        register("aws:sqs/queue:Queue", "stray", {})


@pytest.mark.parametrize("endpoints", ["[]", '[{"sqs": "https://sqs.eu-central-1.amazonaws.com"}]'])
def test_nothing_is_made_on_aws(endpoints: str) -> None:
    """The machine may have somebody's credentials; a demo must not make anything with them."""
    with pytest.raises(SandboxError, match="makes resources only on this machine"):
        register("aws:sqs/queue:Queue", "real", {}, EMULATED | {"endpoints": endpoints})


def test_the_program_asks_nobody_anything_while_it_is_defined() -> None:
    """A look-up would need credentials in every preview, and the tests on recordings would not
    see it.
    """
    with pytest.raises(SandboxError, match="calls aws:iam/getPolicyDocument"):
        Monitor().call(MockCallArgs("aws:iam/getPolicyDocument:getPolicyDocument", {}, ""))


@pytest.mark.slow
def test_the_list_of_what_has_no_effect_is_the_program_s(deployment: Deployment) -> None:
    """An outdated line would let the property back in unnoticed."""
    left_out = {(each.token, key) for each in deployment.resources for key in each.left_out}
    deployed = {each.token for each in deployment.resources}
    listed = {(token, key) for token in deployed for key in PROPERTIES.get(token, {})}
    assert left_out == listed
    assert {each.token for each in deployment.resources if not each.made} == (deployed & set(TYPES))


@pytest.mark.slow
def test_each_account_has_its_own_side_of_the_program(deployment: Deployment) -> None:
    """A resource with the other provider would work here and open the wrong account on AWS."""
    stack, clients = deployment.stack, deployment.clients
    of_b = clients.client("s3", stack.storage, stack.region).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in of_b] == [deployment.bucket]
    assert clients.client("s3", stack.producer, stack.region).list_buckets()["Buckets"] == []
    queues_of_b = clients.client("sqs", stack.storage, stack.region).list_queues()
    assert not queues_of_b.get("QueueUrls")
    assert deployment.exports["queue_url"] in deployment.sqs.list_queues()["QueueUrls"]
