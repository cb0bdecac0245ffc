"""What the program makes in each account: resource types, and how the names of its own begin.

Written down and not recorded while the bootstrap is defined, so that a reviewer sees a new right
in a diff. A test holds it against the recorded program, both ways.
"""

from __future__ import annotations

from dataclasses import dataclass

# Pulumi appends seven letters or digits to a name, so these are beginnings.
NAME = "ThumbX-"
FIXED = "thumbx-"  # of what the program names by itself: trails, analyzers, dashboards

_ROLES = ("aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy")
_WATCH = (
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription",
)


@dataclass(frozen=True, kw_only=True)
class Made:
    """One account's share; a deploy role can touch no other role and no other bucket."""

    types: tuple[str, ...]
    worker: str  # the role that touches pictures or messages
    forwarder: str  # the role that takes events from one region to another
    buckets: tuple[str, ...] = ()


SIDES = {
    "producer": Made(
        types=(
            *_ROLES,
            *_WATCH,
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            "aws:lambda/function:Function",
            "aws:lambda/layerVersion:LayerVersion",
            "aws:sqs/queue:Queue",
            "aws:sqs/queuePolicy:QueuePolicy",
            "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
            "aws:sqs/redrivePolicy:RedrivePolicy",
        ),
        worker="ThumbX-producer-",
        forwarder="ThumbX-pipeline-forwarding-",
    ),
    "storage": Made(
        types=(
            *_ROLES,
            *_WATCH,
            "aws:accessanalyzer/archiveRule:ArchiveRule",
            "aws:kms/key:Key",
            "aws:s3/bucket:Bucket",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "aws:s3/bucketNotification:BucketNotification",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
            "aws:s3/bucketPolicy:BucketPolicy",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "aws:s3/bucketVersioning:BucketVersioning",
        ),
        worker="ThumbXRole-",
        forwarder="ThumbX-storage-forwarding-",
        buckets=("thumbx-images-", "thumbx-logs-"),
    ),
}
