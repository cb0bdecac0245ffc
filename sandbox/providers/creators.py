"""Which function makes which resource type; a new type is a function and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.providers import cloudwatch, function, iam, kms, s3, sns, sqs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.providers.request import Created, Order

CREATORS: Mapping[str, Callable[[Order], Created]] = {
    "aws:cloudwatch/dashboard:Dashboard": cloudwatch.dashboard,
    "aws:cloudwatch/logGroup:LogGroup": function.log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": cloudwatch.alarm,
    "aws:iam/role:Role": iam.role,
    "aws:iam/rolePolicy:RolePolicy": iam.role_policy,
    "aws:kms/key:Key": kms.key,
    "aws:lambda/eventSourceMapping:EventSourceMapping": function.event_source,
    "aws:lambda/function:Function": function.function,
    "aws:s3/bucket:Bucket": s3.bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": s3.lifecycle,
    "aws:s3/bucketNotification:BucketNotification": s3.notification,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": s3.ownership_controls,
    "aws:s3/bucketPolicy:BucketPolicy": s3.policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": s3.public_access_block,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        s3.encryption
    ),
    "aws:s3/bucketVersioning:BucketVersioning": s3.versioning,
    "aws:sns/topic:Topic": sns.topic,
    "aws:sns/topicPolicy:TopicPolicy": sns.topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": sns.subscription,
    "aws:sqs/queue:Queue": sqs.queue,
    "aws:sqs/queuePolicy:QueuePolicy": sqs.queue_policy,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": sqs.redrive_allow_policy,
    "aws:sqs/redrivePolicy:RedrivePolicy": sqs.redrive_policy,
}
