"""The IAM actions that the AWS provider needs for each resource type of the program.

From AWS's service authorization reference and the provider's sources. `read` is what a refresh
calls; `write` is the rest of creating, updating and deleting. It includes tags, because the
provider's default tags are on every resource. Actions that delete pictures are not here but in
`bootstrap.grants`. A missing type makes the bootstrap's tests fail and is named by them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Rights:
    """Actions on the resources that `bootstrap.scope` has under the same name."""

    on: str
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()


def _bucket_setting(read: str, *write: str) -> tuple[Rights, ...]:
    return (
        Rights(on="Buckets", read=(f"s3:{read}",), write=tuple(f"s3:{each}" for each in write)),
    )


_QUEUE_ATTRIBUTE = (
    Rights(on="Queues", read=("sqs:GetQueueAttributes",), write=("sqs:SetQueueAttributes",)),
)

RIGHTS: dict[str, tuple[Rights, ...]] = {
    "aws:cloudwatch/logGroup:LogGroup": (
        # The action accepts no log group's ARN: a list by prefix needs permission for all.
        Rights(on="AllLogGroups", read=("logs:DescribeLogGroups",)),
        Rights(
            on="LogGroups",
            read=("logs:ListTagsForResource",),
            write=(
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteRetentionPolicy",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
        ),
    ),
    "aws:iam/role:Role": (
        Rights(
            on="Roles",
            read=(
                "iam:GetRole",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
            ),
            write=(
                "iam:DeleteRole",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ),
        ),
        Rights(on="BoundedRoles", write=("iam:CreateRole", "iam:PutRolePermissionsBoundary")),
    ),
    "aws:iam/rolePolicy:RolePolicy": (
        Rights(on="Roles", read=("iam:GetRolePolicy",)),
        Rights(on="BoundedRoles", write=("iam:DeleteRolePolicy", "iam:PutRolePolicy")),
    ),
    "aws:kms/key:Key": (
        # Not kms:CreateKey. A role that may tag a key when it makes it may tag every key, because
        # AWS accepts no ARN for it. A tag would then prove nothing, and nothing else distinguishes
        # our key from others.
        Rights(
            on="Key",
            read=(
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
            ),
            write=(
                "kms:DisableKeyRotation",
                "kms:EnableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateKeyDescription",
            ),
        ),
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (
        # The mapping's ARN is random, so the condition names the function that it feeds.
        Rights(
            on="EventSources",
            read=("lambda:GetEventSourceMapping",),
            write=("lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"),
        ),
        Rights(on="NewEventSources", write=("lambda:CreateEventSourceMapping",)),
        Rights(
            on="EventSourceTags",
            read=("lambda:ListTags",),
            write=("lambda:TagResource", "lambda:UntagResource"),
        ),
    ),
    "aws:lambda/function:Function": (
        Rights(
            on="Functions",
            read=(
                "lambda:GetFunction",
                "lambda:GetFunctionCodeSigningConfig",
                "lambda:GetFunctionConfiguration",
                "lambda:ListTags",
                "lambda:ListVersionsByFunction",
            ),
            write=(
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ),
        ),
        Rights(on="PassedToLambda", write=("iam:PassRole",)),
    ),
    "aws:lambda/layerVersion:LayerVersion": (
        Rights(
            on="Layers",
            read=("lambda:GetLayerVersion",),
            write=("lambda:DeleteLayerVersion", "lambda:PublishLayerVersion"),
        ),
    ),
    "aws:s3/bucket:Bucket": (
        Rights(
            on="Buckets",
            read=(
                "s3:GetAccelerateConfiguration",
                "s3:GetBucketAcl",
                "s3:GetBucketCORS",
                "s3:GetBucketLocation",
                "s3:GetBucketLogging",
                "s3:GetBucketObjectLockConfiguration",
                "s3:GetBucketPolicy",
                "s3:GetBucketRequestPayment",
                "s3:GetBucketTagging",
                "s3:GetBucketVersioning",
                "s3:GetBucketWebsite",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:GetReplicationConfiguration",
                "s3:ListBucket",  # HeadBucket
                "s3:ListTagsForResource",
            ),
            write=(
                "s3:DeleteBucket",
                "s3:PutBucketTagging",
                "s3:TagResource",
                "s3:UntagResource",
            ),
        ),
        Rights(on="NewBuckets", write=("s3:CreateBucket",)),
    ),
    # S3 checks the Put action when a setting is deleted, except for the bucket policy.
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _bucket_setting(
        "GetBucketCORS", "PutBucketCORS"
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_setting(
        "GetLifecycleConfiguration", "PutLifecycleConfiguration"
    ),
    "aws:s3/bucketNotification:BucketNotification": _bucket_setting(
        "GetBucketNotification", "PutBucketNotification"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_setting(
        "GetBucketOwnershipControls", "PutBucketOwnershipControls"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_setting(
        "GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_setting(
        "GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _bucket_setting("GetEncryptionConfiguration", "PutEncryptionConfiguration")
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _bucket_setting(
        "GetBucketVersioning", "PutBucketVersioning"
    ),
    "aws:sqs/queue:Queue": (
        Rights(
            on="Queues",
            read=("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"),
            write=(
                "sqs:CreateQueue",
                "sqs:DeleteQueue",
                "sqs:SetQueueAttributes",
                "sqs:TagQueue",
                "sqs:UntagQueue",
            ),
        ),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _QUEUE_ATTRIBUTE,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _QUEUE_ATTRIBUTE,
    "aws:sqs/redrivePolicy:RedrivePolicy": _QUEUE_ATTRIBUTE,
}
