"""Queues, their policies and who may redrive into them."""

from __future__ import annotations

from typing import Any

from sandbox.providers.request import Created, Order


def queue(order: Order) -> Created:
    """A queue; every attribute is a text to SQS."""
    name = order.physical_name()
    attributes: Any = order.present(
        DelaySeconds="delaySeconds",
        MaximumMessageSize="maxMessageSize",
        MessageRetentionPeriod="messageRetentionSeconds",
        ReceiveMessageWaitTimeSeconds="receiveWaitTimeSeconds",
        SqsManagedSseEnabled="sqsManagedSseEnabled",
        VisibilityTimeout="visibilityTimeoutSeconds",
    )
    url = order.target.client("sqs").create_queue(
        QueueName=name,
        Attributes={key: _text(value) for key, value in attributes.items()},
    )["QueueUrl"]
    arn = f"arn:aws:sqs:{order.target.region}:{order.target.account}:{name}"
    return Created(id=url, outputs={"name": name, "url": url, "arn": arn})


def queue_policy(order: Order) -> Created:
    """Who may send."""
    return _attribute(order, "Policy", "policy")


def redrive_allow_policy(order: Order) -> Created:
    """Which queues may use this one for their dead letters."""
    return _attribute(order, "RedriveAllowPolicy", "redriveAllowPolicy")


def redrive_policy(order: Order) -> Created:
    """Where a queue's messages go that fail too often."""
    return _attribute(order, "RedrivePolicy", "redrivePolicy")


def _attribute(order: Order, attribute: str, key: str) -> Created:
    url = order.need("queueUrl")
    attributes: Any = {attribute: order.need(key)}
    order.target.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)
    return Created(id=url)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
