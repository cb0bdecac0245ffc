"""The table of every call that the audit may make, with the permission that it needs.

The table has three uses: the clients refuse a call that is not in it, `docs/audit-policy.json` is
generated from it, and a test compares it with the calls that the commands make. The audit therefore
only reads, and its policy grants nothing that the audit does not use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PRODUCER = "producer"
STORAGE = "storage"

Operation = tuple[str, str]
"""botocore's names of a service and its operation."""


@dataclass(frozen=True)
class Permission:
    """One policy statement: the resources, and the operations with the IAM action of each."""

    sid: str
    resources: tuple[str, ...]
    operations: Mapping[Operation, str]


def same(service: str, *operations: str, prefix: str = "") -> dict[Operation, str]:
    """Operations that have the same name as their IAM action, as most do."""
    return {(service, each): f"{prefix or service}:{each}" for each in operations}


# Physical names begin with the program's logical names and end in seven hex digits from Pulumi.
_ROLE = ("GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies")
OWN_BUCKET = "thumbx-images-*"  # where the program makes the pictures' bucket
_IMAGES, _LOGS = f"arn:aws:s3:::{OWN_BUCKET}", "arn:aws:s3:::thumbx-logs-*"
_IN_BOTH = (
    Permission("LookAtUsersKeys", ("arn:aws:iam::*:user/*",), same("iam", "ListAccessKeys")),
    # None of these actions accepts a resource.
    Permission(
        "LookAcrossTheAccount",
        ("*",),
        same("cloudtrail", "DescribeTrails", "LookupEvents")
        | same("sns", "ListTopics")
        | same("events", "ListRules")
        | same("iam", "ListUsers")
        | same("accessanalyzer", "ListAnalyzers", prefix="access-analyzer"),
    ),
    Permission(
        "ReadTheTrails",
        ("arn:aws:cloudtrail:*:*:trail/*",),
        same("cloudtrail", "GetTrailStatus", "GetEventSelectors"),
    ),
    Permission(
        "ReadTheAlarms",
        ("arn:aws:cloudwatch:*:*:alarm:*",),
        same("cloudwatch", "DescribeAlarms"),
    ),
    Permission(
        "ReadTheRules",
        ("arn:aws:events:*:*:rule/*",),
        same("events", "ListTargetsByRule"),
    ),
    Permission("ReadTheTopics", ("arn:aws:sns:*:*:ThumbX-*",), same("sns", "GetTopicAttributes")),
    Permission(
        "ReadFindings",
        ("arn:aws:access-analyzer:*:*:analyzer/*",),
        same("accessanalyzer", "ListFindings", prefix="access-analyzer"),
    ),
)

GRANTS: Mapping[str, tuple[Permission, ...]] = {
    PRODUCER: (
        # The action accepts a queue only as a filter, not as a resource.
        Permission("FindTheFunction", ("*",), same("lambda", "ListEventSourceMappings")),
        Permission(
            "ReadTheFunction",
            ("arn:aws:lambda:*:*:function:ThumbX-function-*",),
            same("lambda", "GetFunctionConfiguration"),
        ),
        Permission(
            "ReadTheQueues",
            ("arn:aws:sqs:*:*:ThumbX-*",),
            same("sqs", "GetQueueUrl", "GetQueueAttributes"),
        ),
        Permission(
            "ReadTheLog",
            # For some calls the resource is the log group; for others it is what the group
            # contains, after a colon.
            ("arn:aws:logs:*:*:log-group:ThumbX-logs-*",),
            same("logs", "DescribeLogStreams", "FilterLogEvents"),
        ),
        Permission(
            "ReadTheExecutionRole",
            ("arn:aws:iam::*:role/ThumbX-producer-*",),
            same("iam", *_ROLE),
        ),
        *_IN_BOTH,
    ),
    STORAGE: (
        # It takes no resource.
        Permission("FindTheBucket", ("*",), {("s3", "ListBuckets"): "s3:ListAllMyBuckets"}),
        Permission(
            "ReadTheBucketsSettings",
            (_IMAGES, _LOGS),
            {
                ("s3", "ListObjectsV2"): "s3:ListBucket",
                ("s3", "GetBucketPolicy"): "s3:GetBucketPolicy",
                ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
                ("s3", "GetBucketOwnershipControls"): "s3:GetBucketOwnershipControls",
                ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
                ("s3", "GetBucketVersioning"): "s3:GetBucketVersioning",
                ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
            },
        ),
        Permission(
            "ReadTheNotification",
            (_IMAGES,),
            {
                ("s3", "GetBucketNotificationConfiguration"): "s3:GetBucketNotification",
                ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
            },
        ),
        Permission(
            "ReadTheKey",
            ("arn:aws:kms:*:*:key/*",),
            same("kms", "DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus"),
        ),
        # The pictures are not included, because an auditor may not read them.
        Permission("ReadTheTrailsFiles", (f"{_LOGS}/*",), {("s3", "GetObject"): "s3:GetObject"}),
        Permission("ReadThumbXRole", ("arn:aws:iam::*:role/ThumbXRole-*",), same("iam", *_ROLE)),
        # These two exist where the bucket was there before, and EventBridge sends its events.
        Permission(
            "ReadTheSendingRole",
            ("arn:aws:iam::*:role/ThumbX-storage-forwarding-uploads-*",),
            same("iam", *_ROLE),
        ),
        Permission(
            "ReadTheUndeliveredQueue",
            ("arn:aws:sqs:*:*:ThumbX-uploads-undelivered-*",),
            same("sqs", "GetQueueUrl", "GetQueueAttributes"),
        ),
        *_IN_BOTH,
    ),
}


def operations(account: str) -> frozenset[Operation]:
    """All operations that the audit may call in an account."""
    return frozenset(each for grant in GRANTS[account] for each in grant.operations)


def policy(
    grants: Iterable[Permission], partition: str = "aws", bucket: str = OWN_BUCKET
) -> dict[str, Any]:
    """The IAM policy that allows exactly these calls, for a partition and the pictures' bucket."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": grant.sid,
                "Effect": "Allow",
                "Action": sorted(set(grant.operations.values())),
                "Resource": [
                    each.replace("arn:aws:", f"arn:{partition}:", 1).replace(OWN_BUCKET, bucket)
                    for each in grant.resources
                ],
                **_owned(grant),
            }
            for grant in grants
        ],
    }


def _owned(grant: Permission) -> dict[str, Any]:
    """The condition on the owner, for buckets, because a bucket's ARN names no account."""
    if not any(":s3:::" in each for each in grant.resources):
        return {}
    own = "${aws:PrincipalAccount}"  # an IAM policy variable: the account of the caller
    return {"Condition": {"StringEquals": {"aws:ResourceAccount": own}}}
