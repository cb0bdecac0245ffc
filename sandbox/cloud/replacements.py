"""Which inputs make a new resource when they change, and which names can be used only once.

Each entry has its source: the page of the call that would change the input but does not accept it,
or the docstring of the provider's class. An input that is in no list is changed by an update.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_API = "https://docs.aws.amazon.com/"
DOCSTRING = "the docstring of its class in pulumi_aws"

_S3 = f"{_API}AmazonS3/latest/API/"
_SQS = f"{_API}AWSSimpleQueueService/latest/APIReference/"
_IAM = f"{_API}IAM/latest/APIReference/"
_LAMBDA = f"{_API}lambda/latest/api/"
_EVENTS = f"{_API}eventbridge/latest/APIReference/"
_WATCH = f"{_API}AmazonCloudWatch/latest/APIReference/"
_LOGS = f"{_API}AmazonCloudWatchLogs/latest/APIReference/"
_SNS = f"{_API}sns/latest/api/"
_ANALYZER = f"{_API}access-analyzer/latest/APIReference/"


def _setting(page: str) -> Mapping[str, str]:
    """A setting of a bucket names its bucket in the call."""
    return {"bucket": f"{_S3}{page}"}


_QUEUE_SETTING = {"queueUrl": f"{_SQS}API_SetQueueAttributes.html"}

# Input to source, by type.
REPLACED_BY: Mapping[str, Mapping[str, str]] = {
    "aws:accessanalyzer/analyzer:Analyzer": {
        "analyzerName": f"{_ANALYZER}API_UpdateAnalyzer.html",
        "type": f"{_ANALYZER}API_UpdateAnalyzer.html",
    },
    "aws:accessanalyzer/archiveRule:ArchiveRule": {
        "analyzerName": f"{_ANALYZER}API_UpdateArchiveRule.html",
        "ruleName": f"{_ANALYZER}API_UpdateArchiveRule.html",
    },
    "aws:cloudtrail/trail:Trail": {
        "name": f"{_API}awscloudtrail/latest/APIReference/API_UpdateTrail.html"
    },
    "aws:cloudwatch/dashboard:Dashboard": {"dashboardName": f"{_WATCH}API_PutDashboard.html"},
    "aws:cloudwatch/eventRule:EventRule": {
        "name": f"{_EVENTS}API_PutRule.html",
        "eventBusName": f"{_EVENTS}API_PutRule.html",
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
        "rule": f"{_EVENTS}API_PutTargets.html",
        "targetId": f"{_EVENTS}API_PutTargets.html",
        "eventBusName": f"{_EVENTS}API_PutTargets.html",
    },
    "aws:cloudwatch/logGroup:LogGroup": {"name": f"{_LOGS}API_CreateLogGroup.html"},
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {
        "policyName": f"{_LOGS}API_PutResourcePolicy.html"
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"name": f"{_WATCH}API_PutMetricAlarm.html"},
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "url": f"{_IAM}API_CreateOpenIDConnectProvider.html"
    },
    "aws:iam/policy:Policy": {
        "name": f"{_IAM}API_CreatePolicyVersion.html",
        "path": f"{_IAM}API_CreatePolicyVersion.html",
        "description": f"{_IAM}API_CreatePolicyVersion.html",
    },
    "aws:iam/role:Role": {
        "name": f"{_IAM}API_UpdateRole.html",
        "path": f"{_IAM}API_UpdateRole.html",
    },
    "aws:iam/rolePolicy:RolePolicy": {
        "name": f"{_IAM}API_PutRolePolicy.html",
        "role": f"{_IAM}API_PutRolePolicy.html",
    },
    "aws:kms/key:Key": {
        "customerMasterKeySpec": f"{_API}kms/latest/APIReference/API_CreateKey.html",
        "keyUsage": f"{_API}kms/latest/APIReference/API_CreateKey.html",
        "multiRegion": f"{_API}kms/latest/APIReference/API_CreateKey.html",
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        "eventSourceArn": f"{_LAMBDA}API_UpdateEventSourceMapping.html"
    },
    "aws:lambda/function:Function": {
        "name": f"{_LAMBDA}API_UpdateFunctionConfiguration.html",
        "packageType": f"{_LAMBDA}API_UpdateFunctionConfiguration.html",
    },
    "aws:lambda/layerVersion:LayerVersion": {
        "code": DOCSTRING,
        "compatibleArchitectures": DOCSTRING,
        "compatibleRuntimes": DOCSTRING,
        "description": DOCSTRING,
        "layerName": DOCSTRING,
        "licenseInfo": DOCSTRING,
        "sourceCodeHash": DOCSTRING,
    },
    "aws:s3/bucket:Bucket": {
        "bucket": f"{_API}AmazonS3/latest/userguide/bucketnamingrules.html",
        "objectLockEnabled": f"{_S3}API_CreateBucket.html",
    },
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _setting("API_PutBucketCors.html"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        "API_PutBucketLifecycleConfiguration.html"
    ),
    "aws:s3/bucketNotification:BucketNotification": _setting(
        "API_PutBucketNotificationConfiguration.html"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(
        "API_PutBucketOwnershipControls.html"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _setting("API_PutBucketPolicy.html"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(
        "API_PutPublicAccessBlock.html"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _setting("API_PutBucketEncryption.html")
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _setting("API_PutBucketVersioning.html"),
    "aws:sns/topic:Topic": {
        "name": f"{_SNS}API_SetTopicAttributes.html",
        "fifoTopic": f"{_SNS}API_SetTopicAttributes.html",
    },
    "aws:sns/topicPolicy:TopicPolicy": {"arn": f"{_SNS}API_SetTopicAttributes.html"},
    "aws:sns/topicSubscription:TopicSubscription": {
        "endpoint": f"{_SNS}API_SetSubscriptionAttributes.html",
        "protocol": f"{_SNS}API_SetSubscriptionAttributes.html",
        "topic": f"{_SNS}API_SetSubscriptionAttributes.html",
    },
    "aws:sqs/queue:Queue": {
        "name": f"{_SQS}API_SetQueueAttributes.html",
        "fifoQueue": f"{_SQS}API_CreateQueue.html",
    },
    "aws:sqs/queuePolicy:QueuePolicy": _QUEUE_SETTING,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _QUEUE_SETTING,
    "aws:sqs/redrivePolicy:RedrivePolicy": _QUEUE_SETTING,
}

# Types whose names are unique (in an account and region, or in the world).
UNIQUE_NAMES: Mapping[str, str] = {
    "aws:accessanalyzer/analyzer:Analyzer": f"{_ANALYZER}API_CreateAnalyzer.html",
    "aws:accessanalyzer/archiveRule:ArchiveRule": f"{_ANALYZER}API_CreateArchiveRule.html",
    "aws:cloudtrail/trail:Trail": f"{_API}awscloudtrail/latest/APIReference/API_CreateTrail.html",
    "aws:cloudwatch/logGroup:LogGroup": f"{_LOGS}API_CreateLogGroup.html",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        f"{_IAM}API_CreateOpenIDConnectProvider.html"
    ),
    "aws:iam/policy:Policy": f"{_IAM}API_CreatePolicy.html",
    "aws:iam/role:Role": f"{_IAM}API_CreateRole.html",
    "aws:lambda/function:Function": f"{_LAMBDA}API_CreateFunction.html",
    "aws:s3/bucket:Bucket": f"{_API}AmazonS3/latest/userguide/bucketnamingrules.html",
    "aws:sqs/queue:Queue": f"{_SQS}API_CreateQueue.html",
}
