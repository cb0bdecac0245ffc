"""ThumbXRole's documents: who may assume it, and what its sessions may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.policies import objects, policy
from components.storage.key_policy import OWN, key_grant

if TYPE_CHECKING:
    from components.configuration.schema import Prefixes
    from components.policies import Document, Statement
    from components.storage.key_policy import KeyUse


def thumbx_trust(producer_role_arn: str) -> Document:
    """Let only the execution role, named by its ARN, assume ThumbXRole."""
    return policy(
        {
            "Sid": "AssumeByProducer",
            "Effect": "Allow",
            "Principal": {"AWS": producer_role_arn},
            "Action": "sts:AssumeRole",
        }
    )


def thumbx_grants(
    *,
    bucket_arn: str,
    prefixes: Prefixes,
    storage_account: str,
    region: str,
    follow: bool,
    key_arn: str | None = None,
    key_use: KeyUse = OWN,
) -> Document:
    """Let ThumbXRole get originals and put thumbnails, and use the bucket's key if it has one.

    With `follow` it may also list and delete thumbnails, for originals that are gone. It may never
    delete a version, so everything that it deletes in a versioned bucket can be restored.

    While the pictures are leaving the key (LEAVING), originals are still read with it.

    A bucket's ARN names no account. If the bucket is deleted and somebody else takes its name,
    `aws:ResourceAccount` keeps these grants from applying to the new bucket.
    """
    ours = {"aws:ResourceAccount": storage_account}
    return policy(
        {
            "Sid": "ReadOriginals",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": objects(bucket_arn, prefixes.originals),
            "Condition": {"StringEquals": ours},
        },
        {
            "Sid": "WriteThumbnails",
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": objects(bucket_arn, prefixes.thumbnails),
            "Condition": {"StringEquals": ours},
        },
        {
            # Without this grant S3 answers 403 instead of 404 for a deleted original, and the
            # message would be tried again until it becomes a dead letter.
            "Sid": "SeeMissingOriginals",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {
                "StringEquals": ours,
                "StringLike": {"s3:prefix": prefixes.originals + "*"},
            },
        },
        *(_following(bucket_arn, prefixes.thumbnails, ours) if follow else []),
        *([key_grant(key_arn, bucket_arn, region, key_use)] if key_arn else []),
    )


def thumbx_refusals(*, bucket_arn: str, prefixes: Prefixes) -> Document:
    """Deny reads of thumbnails, so that no thumbnail is made of a thumbnail, whatever messages say.

    This is for a bucket that existed before the program: nothing in its own policy refuses this,
    and originals may have no prefix there. It is not part of the grants, because a session policy
    would be too long.
    """
    return policy(
        {
            "Sid": "DenyReadingThumbnails",
            "Effect": "Deny",
            "Action": "s3:GetObject",
            "Resource": objects(bucket_arn, prefixes.thumbnails),
        }
    )


def _following(bucket_arn: str, thumbnails: str, ours: dict[str, str]) -> list[Statement]:
    return [
        {
            "Sid": "RemoveThumbnails",
            "Effect": "Allow",
            "Action": "s3:DeleteObject",
            "Resource": objects(bucket_arn, thumbnails),
            "Condition": {"StringEquals": ours},
        },
        {
            "Sid": "SeeThumbnails",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket_arn,
            "Condition": {"StringEquals": ours, "StringLike": {"s3:prefix": thumbnails + "*"}},
        },
    ]
