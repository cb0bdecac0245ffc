"""Topics, who may publish to them and who is told."""

from __future__ import annotations

from sandbox.providers.request import Created, Order


def topic(order: Order) -> Created:
    """A topic with the policy that SNS gives it."""
    arn = order.target.client("sns").create_topic(Name=order.physical_name())["TopicArn"]
    return Created(id=arn, outputs={"arn": arn, "name": arn.rpartition(":")[2]})


def topic_policy(order: Order) -> Created:
    """Who may publish, instead of SNS's own policy."""
    arn = order.need("arn")
    order.target.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=order.need("policy")
    )
    return Created(id=arn)


def subscription(order: Order) -> Created:
    """Who is told; the emulator sends no mail."""
    made = order.target.client("sns").subscribe(
        TopicArn=order.need("topic"),
        Protocol=order.need("protocol"),
        Endpoint=order.need("endpoint"),
        ReturnSubscriptionArn=True,
    )
    return Created(id=made["SubscriptionArn"], outputs={"arn": made["SubscriptionArn"]})
