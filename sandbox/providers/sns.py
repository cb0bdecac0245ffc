"""Topics, who may publish to them, and who receives the messages."""

from __future__ import annotations

from dataclasses import replace

from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest


def topic(request: ResourceRequest) -> Created:
    """A topic with the policy that SNS gives it."""
    arn = request.target.client("sns").create_topic(Name=request.need("name"))["TopicArn"]
    return Created(id=arn, outputs={"arn": arn, "name": arn.rpartition(":")[2]})


def topic_policy(request: ResourceRequest) -> Created:
    """Who may publish, instead of SNS's own policy."""
    arn = request.need("arn")
    request.target.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=request.need("policy")
    )
    return Created(id=arn)


def subscription(request: ResourceRequest) -> Created:
    """A subscription; the emulator sends no mail."""
    made = request.target.client("sns").subscribe(
        TopicArn=request.need("topic"),
        Protocol=request.need("protocol"),
        Endpoint=request.need("endpoint"),
        ReturnSubscriptionArn=True,
    )
    return Created(id=made["SubscriptionArn"], outputs={"arn": made["SubscriptionArn"]})


def unchanged(request: ResourceRequest, arn: str) -> None:
    """Do nothing, because no setting that the emulator supports can be changed."""


_ATTRIBUTES = Call("sns", "get_topic_attributes", ("TopicArn",))

DEFINITIONS = {
    "aws:sns/topic:Topic": Definition(
        create=topic,
        update=unchanged,
        read=(_ATTRIBUTES, Call("sns", "list_tags_for_resource", ("ResourceArn",))),
        delete=Call("sns", "delete_topic", ("TopicArn",)),
    ),
    "aws:sns/topicPolicy:TopicPolicy": Definition(
        create=topic_policy,
        read=(replace(_ATTRIBUTES, document=("Attributes", "Policy")),),
        # The provider restores the policy that SNS gives a new topic.
        delete=Call(
            "sns",
            "set_topic_attributes",
            ("TopicArn",),
            {"AttributeName": "Policy", "AttributeValue": '{"Statement": []}'},
        ),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Definition(
        create=subscription,
        update=unchanged,
        read=(Call("sns", "get_subscription_attributes", ("SubscriptionArn",)),),
        delete=Call("sns", "unsubscribe", ("SubscriptionArn",)),
    ),
}
