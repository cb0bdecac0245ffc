"""What the provider's plugin calls to refresh and to delete a resource that was made before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.providers.target import Target


@dataclass(frozen=True)
class Call:
    """One call about a resource; `by` are the arguments that its id, cut at colons, fills.

    With `many` the call takes a list of ids.
    """

    service: str
    operation: str
    by: tuple[str, ...]
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    many: bool = False

    def make(self, target: Target, physical: str) -> None:
        """Make the call; ClientError where it is refused."""
        parts: list[Any] = list(physical.split(":", len(self.by) - 1))
        if self.many:
            parts = [parts]
        client: Any = target.client
        operation = getattr(client(self.service), self.operation)
        operation(**dict(zip(self.by, parts, strict=True)), **self.more)


def _s3(operation: str, **more: Any) -> Call:
    return Call("s3", operation, ("Bucket",), more)


def _setting(reads: str, deletion: Call) -> tuple[tuple[Call, ...], Call]:
    return (_s3(reads),), deletion


def _attribute(name: str) -> tuple[tuple[Call, ...], Call]:
    read = Call("sqs", "get_queue_attributes", ("QueueUrl",), {"AttributeNames": [name]})
    # There is no call to delete an attribute; without it, it is empty.
    return (read,), Call("sqs", "set_queue_attributes", ("QueueUrl",), {"Attributes": {name: ""}})


_ROLE, _POLICY, _QUEUE = ("RoleName",), ("RoleName", "PolicyName"), ("QueueUrl",)
_ALL_ATTRIBUTES = {"AttributeNames": ["All"]}

# By resource type: what a refresh reads, and what a destroy calls.
UPKEEP: dict[str, tuple[tuple[Call, ...], Call]] = {
    "aws:cloudwatch/dashboard:Dashboard": (
        (Call("cloudwatch", "get_dashboard", ("DashboardName",)),),
        Call("cloudwatch", "delete_dashboards", ("DashboardNames",), many=True),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        (Call("logs", "describe_log_groups", ("logGroupNamePrefix",)),),
        Call("logs", "delete_log_group", ("logGroupName",)),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        (Call("cloudwatch", "describe_alarms", ("AlarmNames",), many=True),),
        Call("cloudwatch", "delete_alarms", ("AlarmNames",), many=True),
    ),
    "aws:iam/role:Role": (
        (
            Call("iam", "get_role", _ROLE),
            Call("iam", "list_role_policies", _ROLE),
            Call("iam", "list_attached_role_policies", _ROLE),
        ),
        Call("iam", "delete_role", _ROLE),
    ),
    "aws:iam/rolePolicy:RolePolicy": (
        (Call("iam", "get_role_policy", _POLICY),),
        Call("iam", "delete_role_policy", _POLICY),
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        (Call("lambda", "get_event_source_mapping", ("UUID",)),),
        Call("lambda", "delete_event_source_mapping", ("UUID",)),
    ),
    "aws:lambda/function:Function": (
        (
            Call("lambda", "get_function", ("FunctionName",)),
            Call("lambda", "list_versions_by_function", ("FunctionName",)),
        ),
        Call("lambda", "delete_function", ("FunctionName",)),
    ),
    "aws:s3/bucket:Bucket": (
        (
            _s3("head_bucket"),
            _s3("get_bucket_acl"),
            _s3("get_bucket_location"),
            _s3("get_bucket_logging"),
            _s3("get_bucket_request_payment"),
            _s3("get_bucket_versioning"),
            _s3("get_bucket_encryption"),
            _s3("get_bucket_policy"),
            _s3("get_bucket_lifecycle_configuration"),
        ),
        _s3("delete_bucket"),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        "get_bucket_lifecycle_configuration", _s3("delete_bucket_lifecycle")
    ),
    "aws:s3/bucketNotification:BucketNotification": _setting(
        "get_bucket_notification_configuration",
        _s3("put_bucket_notification_configuration", NotificationConfiguration={}),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(
        "get_bucket_ownership_controls", _s3("delete_bucket_ownership_controls")
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _setting("get_bucket_policy", _s3("delete_bucket_policy")),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(
        "get_public_access_block", _s3("delete_public_access_block")
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _setting("get_bucket_encryption", _s3("delete_bucket_encryption"))
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _setting(
        "get_bucket_versioning",
        _s3("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
    ),
    "aws:sns/topic:Topic": (
        (
            Call("sns", "get_topic_attributes", ("TopicArn",)),
            Call("sns", "list_tags_for_resource", ("ResourceArn",)),
        ),
        Call("sns", "delete_topic", ("TopicArn",)),
    ),
    "aws:sns/topicPolicy:TopicPolicy": (
        (Call("sns", "get_topic_attributes", ("TopicArn",)),),
        # The provider puts the policy back that SNS gives a new topic.
        Call(
            "sns",
            "set_topic_attributes",
            ("TopicArn",),
            {"AttributeName": "Policy", "AttributeValue": '{"Statement": []}'},
        ),
    ),
    "aws:sqs/queue:Queue": (
        (
            Call("sqs", "get_queue_attributes", _QUEUE, _ALL_ATTRIBUTES),
            Call("sqs", "list_queue_tags", _QUEUE),
        ),
        Call("sqs", "delete_queue", _QUEUE),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _attribute("Policy"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _attribute("RedriveAllowPolicy"),
    "aws:sqs/redrivePolicy:RedrivePolicy": _attribute("RedrivePolicy"),
}
