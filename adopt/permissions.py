"""The table of every call that each step may make, with the permission that it needs.

`python -m adopt rights check` prints the policy that is made from it, and so for each step; the
clients refuse every other call; a test compares the table with the calls that the steps make. All
calls go to the storage account.
`enable`, `release` and `policy --write` change the bucket; the others only read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.accounts.permissions import Permission, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from audit.accounts.permissions import Operation

BUCKET = "{bucket}"  # replaced by the bucket's ARN
RULE = "arn:aws:events:*:*:rule/ThumbX-uploads-*"

_NOTIFICATION = Permission(
    "ReadTheNotification",
    (BUCKET,),
    {("s3", "GetBucketNotificationConfiguration"): "s3:GetBucketNotification"},
)
_POLICY = Permission("ReadThePolicy", (BUCKET,), same("s3", "GetBucketPolicy"))
_ROLE = Permission("FindThumbXRole", ("*",), same("iam", "ListRoles"))
_WHO = Permission("KnowOneself", ("*",), same("sts", "GetCallerIdentity"))
_SWITCH = (
    _NOTIFICATION,
    Permission(
        "SwitchEventBridge",
        (BUCKET,),
        {("s3", "PutBucketNotificationConfiguration"): "s3:PutBucketNotification"},
    ),
    Permission("FindOurRule", ("*",), same("events", "ListRules")),
    _WHO,
)

GRANTS: Mapping[str, tuple[Permission, ...]] = {
    "check": (
        Permission(
            "ReadTheBucketsSettings",
            (BUCKET,),
            {
                ("s3", "HeadBucket"): "s3:ListBucket",
                ("s3", "ListObjectsV2"): "s3:ListBucket",
                ("s3", "GetBucketOwnershipControls"): "s3:GetBucketOwnershipControls",
                ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
                ("s3", "GetBucketVersioning"): "s3:GetBucketVersioning",
                ("s3", "GetObjectLockConfiguration"): "s3:GetBucketObjectLockConfiguration",
                ("s3", "GetBucketRequestPayment"): "s3:GetBucketRequestPayment",
                ("s3", "GetBucketLifecycleConfiguration"): "s3:GetLifecycleConfiguration",
                ("s3", "GetBucketReplication"): "s3:GetReplicationConfiguration",
            },
        ),
        _NOTIFICATION,
        _POLICY,
        _WHO,
    ),
    "enable": (
        *_SWITCH,
        Permission("NoteOnOurRule", (RULE,), same("events", "TagResource", "UntagResource")),
    ),
    "release": (
        *_SWITCH,
        Permission(
            "ReadTheNoteOnOurRule",
            (RULE,),
            same("events", "ListTagsForResource", "UntagResource"),
        ),
        _POLICY,
    ),
    "policy": (
        _POLICY,
        Permission("WriteThePolicy", (BUCKET,), same("s3", "PutBucketPolicy")),
        _ROLE,
        _WHO,
    ),
    "key": (_ROLE, _WHO),
}


def operations(step: str) -> frozenset[Operation]:
    """All that a step may call."""
    return frozenset(each for grant in GRANTS[step] for each in grant.operations)
