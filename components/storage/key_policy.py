"""The policy of the storage account's key: who may use it, through S3, for this bucket only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.configuration import arns
from components.policies import policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.accounts import Access
    from components.policies import Document, Statement

# The actions that manage a key; none uses the key or lets others use it through a grant. The
# actions are listed one by one, because `kms:*` would also give the use of the key to everybody who
# writes IAM policies in the account.
MANAGEMENT = (
    "kms:CancelKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)
INSPECTION = (
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
)
READING = ("kms:Decrypt",)
# A multipart upload (`aws s3 cp` makes one for a file over 8 MB) decrypts its own parts.
WRITING = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, kw_only=True)
class KeyUse:
    """ThumbXRole's rights on the bucket's key.

    With `objects_too`, also for objects that were encrypted without a bucket key, because their
    context is their own ARN.
    """

    actions: tuple[str, ...]
    objects_too: bool = False


OWN = KeyUse(actions=WRITING)
LEAVING = KeyUse(actions=READING)
ADOPTED = KeyUse(actions=WRITING, objects_too=True)


def key_policy(
    *,
    bucket_arn: str,
    thumbx_role_arn: str,
    storage_account: str,
    region: str,
    access: Access,
    leaving: bool = False,
) -> Document:
    """Let the bucket's named principals use the key through S3, and let the account manage it.

    S3 sends the bucket's ARN as encryption context while bucket keys are on, and the object's ARN
    for a client that switches them off. Only the bucket's ARN is accepted. A put with the object's
    ARN fails at once, so the bucket can hold no object that its readers' grants do not cover.

    The account's root means the account's IAM policies: any role with these actions may manage the
    key, including the deployer's and Access Analyzer's, so nobody can be locked out. No statement
    allows these roles to use the key.

    While the pictures are `leaving` the key, nothing new is encrypted with it, and administrators
    may decrypt what they copy.
    """
    through_s3 = [
        ("UseByThumbXRole", [thumbx_role_arn], READING if leaving else WRITING),
        ("UseByUploaders", () if leaving else access.uploaders, WRITING),
        ("UseByReaders", _without_twins(access.readers, access.original_readers), READING),
        ("UseByScanners", access.scanners, READING if leaving else WRITING),
        ("UseByCopiers", access.copiers, READING),
    ]
    root = ":".join(["arn", arns.partition_of(region), "iam", "", storage_account, "root"])
    return policy(
        _by_account("ManageButNotUse", root, MANAGEMENT),
        _by_account("InspectPolicy", root, INSPECTION),
        *(
            _use(sid, principals, actions, _bucket_through_s3(bucket_arn, region))
            for sid, principals, actions in through_s3
            if principals
        ),
        *_use_by_cloudfront(access.distributions),
        *(
            _use_by_administrators(root, access.administrators, bucket_arn, region)
            if leaving
            else []
        ),
    )


def key_grant(
    key_arn: str,
    bucket_arn: str,
    region: str,
    use: KeyUse,
) -> Statement:
    """Let ThumbXRole use the key, through S3 and for this bucket.

    The key's policy names the role, which is enough without a permissions boundary or session
    policy; with one of these, an action that it does not contain is refused, whatever other
    policies allow. A bucket that existed before the program may have objects from the time before
    its bucket key; their context is their own ARN.
    """
    return {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Action": list(use.actions),
        "Resource": key_arn,
        "Condition": for_bucket_and_objects(bucket_arn, region)
        if use.objects_too
        else {"StringEquals": _bucket_through_s3(bucket_arn, region)},
    }


def adopted_key_statement(
    *, bucket_arn: str, thumbx_role_arn: str, storage_account: str, region: str
) -> Statement:
    """The statement that the owner of an existing key adds to its policy for ThumbXRole."""
    condition = for_bucket_and_objects(bucket_arn, region)
    condition["StringEquals"]["kms:CallerAccount"] = storage_account
    return {
        "Sid": "ThumbXRole",
        "Effect": "Allow",
        "Principal": {"AWS": thumbx_role_arn},
        "Action": list(WRITING),
        "Resource": "*",
        "Condition": condition,
    }


def for_bucket_and_objects(bucket_arn: str, region: str) -> dict[str, dict[str, Any]]:
    """The condition "through S3, for this bucket", with bucket keys or without."""
    through = _bucket_through_s3(bucket_arn, region)
    context = "kms:EncryptionContext:aws:s3:arn"
    del through[context]
    return {
        "StringEquals": dict(through),
        "StringLike": {context: [bucket_arn, "/".join([bucket_arn, "*"])]},
    }


def _by_account(sid: str, root: str, actions: Sequence[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": list(actions),
        "Resource": "*",  # in a key's policy, `*` means this key
    }


def _use(
    sid: str, principals: Sequence[str], actions: Sequence[str], condition: dict[str, str]
) -> Statement:
    callers = sorted({arns.account_of(arn) for arn in principals})
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": list(principals)},
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"StringEquals": {**condition, "kms:CallerAccount": callers}},
    }


def _use_by_administrators(
    root: str, administrators: Sequence[str], bucket_arn: str, region: str
) -> list[Statement]:
    """Their ARNs may be patterns, so a condition names them; they need their own grants."""
    if not administrators:
        return []
    return [
        {
            "Sid": "UseByAdministrators",
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": list(READING),
            "Resource": "*",
            "Condition": {
                "StringEquals": _bucket_through_s3(bucket_arn, region),
                "ArnLike": {"aws:PrincipalArn": list(administrators)},
            },
        }
    ]


def _use_by_cloudfront(distributions: Sequence[str]) -> list[Statement]:
    """CloudFront calls as a service and for no account, so only its source ARN can limit it."""
    if not distributions:
        return []
    return [
        {
            "Sid": "UseByCloudFront",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": list(READING),
            "Resource": "*",
            "Condition": {"ArnEquals": {"aws:SourceArn": list(distributions)}},
        }
    ]


def _bucket_through_s3(bucket_arn: str, region: str) -> dict[str, str]:
    return {
        "kms:ViaService": ".".join(["s3", region, arns.dns_suffix(region)]),
        "kms:EncryptionContext:aws:s3:arn": bucket_arn,
    }


def _without_twins(*groups: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(arn for group in groups for arn in group))
