"""Queues, their policies, and which queues may use them for dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest

if TYPE_CHECKING:
    from collections.abc import Callable


def queue(request: ResourceRequest) -> Created:
    """A queue; SQS expects every attribute as text."""
    name = request.need("name")
    url = request.target.client("sqs").create_queue(
        QueueName=name, Attributes=_attributes(request)
    )["QueueUrl"]
    arn = f"arn:aws:sqs:{request.target.region}:{request.target.account}:{name}"
    return Created(id=url, outputs={"name": name, "url": url, "arn": arn})


def queue_policy(request: ResourceRequest) -> Created:
    """Who may send."""
    return _attribute(request, "Policy", "policy")


def redrive_allow_policy(request: ResourceRequest) -> Created:
    """Which queues may use this one for their dead letters."""
    return _attribute(request, "RedriveAllowPolicy", "redriveAllowPolicy")


def redrive_policy(request: ResourceRequest) -> Created:
    """The queue to which another queue sends messages that fail too often."""
    return _attribute(request, "RedrivePolicy", "redrivePolicy")


def _attribute(request: ResourceRequest, attribute: str, key: str) -> Created:
    url = request.need("queueUrl")
    attributes: Any = {attribute: request.need(key)}
    request.target.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return Created(id=url)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attributes(request: ResourceRequest) -> Any:
    given = request.present(
        DelaySeconds="delaySeconds",
        MaximumMessageSize="maxMessageSize",
        MessageRetentionPeriod="messageRetentionSeconds",
        ReceiveMessageWaitTimeSeconds="receiveWaitTimeSeconds",
        SqsManagedSseEnabled="sqsManagedSseEnabled",
        VisibilityTimeout="visibilityTimeoutSeconds",
    )
    return {key: _text(value) for key, value in given.items()}


def change_queue(request: ResourceRequest, url: str) -> None:
    """Change its attributes; the name stays."""
    request.target.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=_attributes(request))


_QUEUE = ("QueueUrl",)


def _setting(create: Callable[[ResourceRequest], Created], name: str) -> Definition:
    return Definition(
        create=create,
        read=(
            Call(
                "sqs",
                "get_queue_attributes",
                _QUEUE,
                {"AttributeNames": [name]},
                expects="Attributes",
                document=("Attributes", name) if name == "Policy" else (),
            ),
        ),
        # There is no call to delete an attribute; a deleted attribute is set to empty.
        delete=Call("sqs", "set_queue_attributes", _QUEUE, {"Attributes": {name: ""}}),
    )


DEFINITIONS = {
    "aws:sqs/queue:Queue": Definition(
        create=queue,
        update=change_queue,
        read=(
            Call("sqs", "get_queue_attributes", _QUEUE, {"AttributeNames": ["All"]}),
            Call("sqs", "list_queue_tags", _QUEUE),
        ),
        delete=Call("sqs", "delete_queue", _QUEUE),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _setting(queue_policy, "Policy"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _setting(
        redrive_allow_policy, "RedriveAllowPolicy"
    ),
    "aws:sqs/redrivePolicy:RedrivePolicy": _setting(redrive_policy, "RedrivePolicy"),
}
