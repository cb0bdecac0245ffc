"""The calls that could harm the program's resources, by resource type, with CloudTrail's names.

It has one line for each type of `resource_types`; a test compares the two. `python -m audit who
--changes` lists these calls, and `check` compares the settings that they could have changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_BUCKET = "whoever can do this can change the bucket; no such resource is in the program"
NOT_OURS = "the program makes none; only the policy pack or the bootstrap knows the type"
ONLY_SEEN = "a change of it removes only a view; `who --changes` shows the change"


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The calls that could harm resources of one type."""

    source: str
    """The service, as in `<source>.amazonaws.com`."""
    dangerous: tuple[str, ...] = ()
    """Beginnings of event names: some end in an API's date (UpdateFunctionCode20150331v2)."""
    named: bool = True
    """Whether the calls name the resource by a name that the program chose; others have an id."""
    compared: str = ""
    """The line of `check` that compares it."""
    because: str = ""
    """Why no line does, or why no call is dangerous."""


_TAKE_OVER = ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy")
_KEY = (
    "CancelKeyDeletion",
    "CreateGrant",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "EnableKey",
    "PutKeyPolicy",
    "ReplicateKey",
    "RetireGrant",
    "RevokeGrant",
    "ScheduleKeyDeletion",
    "UpdatePrimaryRegion",
)

CALLS: Mapping[str, Calls] = {
    "aws:accessanalyzer/analyzer:Analyzer": Calls(
        source="access-analyzer",
        dangerous=("DeleteAnalyzer", "UpdateAnalyzer"),
        compared="analyzer findings",
    ),
    "aws:accessanalyzer/archiveRule:ArchiveRule": Calls(
        source="access-analyzer",
        dangerous=("CreateArchiveRule", "UpdateArchiveRule", "DeleteArchiveRule", "ApplyArchive"),
        because="it hides findings, and `who --changes` shows who made one",
    ),
    "aws:cloudtrail/trail:Trail": Calls(
        source="cloudtrail",
        dangerous=("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"),
        compared="trail",
    ),
    "aws:cloudwatch/dashboard:Dashboard": Calls(
        source="monitoring", dangerous=("DeleteDashboards", "PutDashboard"), because=ONLY_SEEN
    ),
    "aws:cloudwatch/eventRule:EventRule": Calls(
        source="events",
        dangerous=("DeleteRule", "DisableRule", "PutRule"),
        compared="event rules",
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Calls(
        source="events", dangerous=("PutTargets", "RemoveTargets"), compared="event rules"
    ),
    "aws:cloudwatch/logGroup:LogGroup": Calls(
        source="logs",
        dangerous=(
            "DeleteLogGroup",
            "DeleteLogStream",
            "DeleteRetentionPolicy",
            "PutRetentionPolicy",
            "PutSubscriptionFilter",
        ),
        because="its contents are lost, even if it exists again; `who --changes` shows by whom",
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Calls(
        source="logs",
        dangerous=("PutResourcePolicy", "DeleteResourcePolicy"),
        because="it lets a service write events to a log and opens nothing that can be read",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Calls(
        source="monitoring",
        dangerous=("DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm", "SetAlarmState"),
        compared="alarms",
    ),
    "aws:iam/groupPolicy:GroupPolicy": Calls(source="iam", because=NOT_OURS),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Calls(source="iam", because=NOT_OURS),
    "aws:iam/policy:Policy": Calls(source="iam", dangerous=_TAKE_OVER, because=NOT_OURS),
    "aws:iam/role:Role": Calls(
        source="iam",
        dangerous=(
            "AttachRolePolicy",
            "CreateServiceLinkedRole",
            "DeleteRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        ),
        compared="trust of",
    ),
    "aws:iam/rolePolicy:RolePolicy": Calls(
        source="iam", dangerous=("PutRolePolicy", "DeleteRolePolicy"), compared="grants of"
    ),
    "aws:iam/userPolicy:UserPolicy": Calls(source="iam", because=NOT_OURS),
    "aws:kms/key:Key": Calls(source="kms", dangerous=_KEY, named=False, compared="key"),
    "aws:kms/keyPolicy:KeyPolicy": Calls(
        source="kms", dangerous=("PutKeyPolicy",), named=False, compared="key"
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Calls(
        source="lambda",
        dangerous=(
            "CreateEventSourceMapping",
            "DeleteEventSourceMapping",
            "UpdateEventSourceMapping",
        ),
        named=False,
        compared="event source",
    ),
    "aws:lambda/function:Function": Calls(
        source="lambda",
        dangerous=(
            "AddPermission",
            "CreateFunctionUrlConfig",
            "DeleteFunction",
            "PutFunctionConcurrency",
            "PutFunctionEventInvokeConfig",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ),
        compared="function",
    ),
    "aws:lambda/layerVersion:LayerVersion": Calls(
        source="lambda",
        dangerous=("AddLayerVersionPermission", "DeleteLayerVersion", "PublishLayerVersion"),
        compared="function",
    ),
    "aws:lambda/permission:Permission": Calls(source="lambda", because=NOT_OURS),
    "aws:s3/bucket:Bucket": Calls(
        source="s3",
        dangerous=(
            "DeleteAccountPublicAccessBlock",
            "DeleteBucket",
            "PutAccountPublicAccessBlock",
            "PutBucketAcl",
            "PutBucketReplication",
            "PutBucketWebsite",
        ),
        compared="replication",
    ),
    "aws:s3/bucketAcl:BucketAcl": Calls(
        source="s3", dangerous=("PutBucketAcl",), because=BY_BUCKET
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": Calls(
        source="s3",
        dangerous=("PutBucketCors", "DeleteBucketCors"),
        because="a page can send only what somebody has signed: `who --changes` shows it",
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Calls(
        source="s3",
        dangerous=("PutBucketLifecycle", "DeleteBucketLifecycle"),
        compared="lifecycle",
    ),
    "aws:s3/bucketNotification:BucketNotification": Calls(
        source="s3", dangerous=("PutBucketNotification",), compared="notification"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Calls(
        source="s3",
        dangerous=("PutBucketOwnershipControls", "DeleteBucketOwnershipControls"),
        compared="ownership of uploads",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Calls(
        source="s3",
        dangerous=("PutBucketPolicy", "DeleteBucketPolicy"),
        compared="bucket policy",
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Calls(
        source="s3",
        dangerous=("PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"),
        compared="public access block",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        Calls(
            source="s3",
            dangerous=("PutBucketEncryption", "DeleteBucketEncryption"),
            compared="encryption",
        )
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Calls(
        source="s3", dangerous=("PutBucketVersioning",), compared="versioning"
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": Calls(
        source="secretsmanager", because=NOT_OURS
    ),
    "aws:sns/topic:Topic": Calls(
        source="sns",
        dangerous=("AddPermission", "DeleteTopic", "RemovePermission", "SetTopicAttributes"),
        compared="topics",
    ),
    "aws:sns/topicPolicy:TopicPolicy": Calls(
        source="sns", dangerous=("SetTopicAttributes",), compared="topics"
    ),
    "aws:sns/topicSubscription:TopicSubscription": Calls(
        source="sns",
        dangerous=("Subscribe", "Unsubscribe", "SetSubscriptionAttributes", "ConfirmSub"),
        because="an address confirms by mail at any time; `who --changes` shows who unsubscribed",
    ),
    "aws:sqs/queue:Queue": Calls(
        source="sqs",
        dangerous=("AddPermission", "DeleteQueue", "PurgeQueue", "RemovePermission", "SetQueue"),
        compared="queues",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Calls(
        source="sqs", dangerous=("SetQueueAttributes",), compared="queue policies"
    ),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": Calls(
        source="sqs", dangerous=("SetQueueAttributes",), compared="queues"
    ),
    "aws:sqs/redrivePolicy:RedrivePolicy": Calls(
        source="sqs", dangerous=("SetQueueAttributes",), compared="queues"
    ),
    "pulumi:providers:aws": Calls(source="", because="it is not a resource of AWS"),
}


def endangered(source: str, name: str) -> list[Calls]:
    """The types whose resources a call could harm, by CloudTrail's event source and event name."""
    service = source.removesuffix(".amazonaws.com")
    return [
        each
        for each in CALLS.values()
        if each.source == service and name.startswith(each.dangerous)
    ]
