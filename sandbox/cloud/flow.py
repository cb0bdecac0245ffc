"""Refusals of SQS, SNS and Lambda, each with its page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.cloud.identity import ROLE_POLICY, principals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.cloud.things import Cloud, Thing

FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"


def queue_setting(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"""
    if not cloud.find(QUEUE, thing.inputs["queueUrl"], thing.account, thing.region):
        yield f"QueueDoesNotExist: {thing.inputs['queueUrl']}"
    yield from principals(cloud, thing)


def redrive(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"""
    yield from queue_setting(cloud, thing)
    dead = cloud.with_arn(json.loads(thing.inputs["redrivePolicy"])["deadLetterTargetArn"])
    if not dead:
        yield "InvalidParameterValue: the dead-letter queue does not exist"
        return
    token = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"  # noqa: S105 - a type
    allowed = cloud.find(token, dead.id, dead.account, dead.region)
    source = cloud.find(QUEUE, thing.inputs["queueUrl"], thing.account, thing.region)
    if allowed and source:
        sources = json.loads(allowed.inputs["redriveAllowPolicy"]).get("sourceQueueArns", [])
        if source.outputs["arn"] not in sources:
            yield "InvalidParameterValue: the dead-letter queue does not allow this source"


def function(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""
    if not cloud.exists(thing.inputs["role"]):
        yield f"InvalidParameterValueException: {thing.inputs['role']} cannot be assumed by Lambda"
    layers: list[str] = thing.inputs.get("layers") or []
    for layer in layers:
        if not cloud.exists(layer):
            yield f"ResourceNotFoundException: layer version {layer} does not exist"
    for mapping in cloud.of(MAPPING):
        if mapping.inputs["functionName"] in (thing.outputs["arn"], thing.inputs["name"]):
            yield from _visibility(cloud, mapping, thing)


def mapping(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """Lambda checks that the function's role may receive, and the queue's visibility timeout.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    named = thing.inputs["functionName"]
    called = next(
        (each for each in cloud.of(FUNCTION) if named in (each.outputs["arn"], each.id)), None
    )
    queue = cloud.with_arn(thing.inputs["eventSourceArn"])
    if not called or not queue:
        yield f"ResourceNotFoundException: {named} or {thing.inputs['eventSourceArn']}"
        return
    owner = called.inputs["role"].rpartition("/")[2]
    if not any(
        each.account == thing.account
        and each.inputs["role"] == owner
        and "sqs:ReceiveMessage" in each.inputs["policy"]
        and queue.outputs["arn"] in each.inputs["policy"]
        for each in cloud.of(ROLE_POLICY)
    ):
        yield (
            "InvalidParameterValueException: The function execution role does not have "
            "permissions to call ReceiveMessage on SQS"
        )
    for each in cloud.of(MAPPING):
        same = each.inputs["eventSourceArn"] == thing.inputs["eventSourceArn"]
        if each.id != thing.id and same and each.inputs["functionName"] == named:
            yield "ResourceConflictException: an event source mapping of both exists already"
    yield from _visibility(cloud, thing, called)


def _visibility(cloud: Cloud, mapping: Thing, called: Thing) -> Iterator[str]:
    queue = cloud.with_arn(mapping.inputs["eventSourceArn"])
    waits = queue.inputs.get("visibilityTimeoutSeconds", 30) if queue else 30
    if waits < called.inputs.get("timeout", 3):
        yield (
            f"InvalidParameterValueException: Queue visibility timeout: {waits} seconds is less "
            f"than Function timeout: {called.inputs.get('timeout', 3)} seconds"
        )


def of_topic(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html"""
    arn = thing.inputs.get("topic") or thing.inputs["arn"]
    if not cloud.exists(arn):
        yield f"NotFound: Topic does not exist: {arn}"
    yield from principals(cloud, thing)


SAVING: Mapping[str, Callable[[Cloud, Thing], Iterator[str]]] = {
    QUEUE_POLICY: queue_setting,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": queue_setting,
    "aws:sqs/redrivePolicy:RedrivePolicy": redrive,
    FUNCTION: function,
    MAPPING: mapping,
    "aws:sns/topicPolicy:TopicPolicy": of_topic,
    "aws:sns/topicSubscription:TopicSubscription": of_topic,
}
