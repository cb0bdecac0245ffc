"""The table of every call that a reconcile run may make, with the permission that it needs.

The table has three uses, as in `audit.accounts.permissions`: the clients refuse a call that is not
in it, `python -m reconcile policy` prints the policies made from it, and a test compares it with
the calls that the commands make. The storage profile reads no picture; it deletes thumbnails only
for --remove.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.accounts.names import IMAGES
from audit.accounts.permissions import PRODUCER, STORAGE, Operation, Permission, same

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNTS = (PRODUCER, STORAGE)
THUMBNAILS = "thumbnails/"  # the default of thumbx:thumbnails.thumbnailsPrefix

_OF_PRODUCER = (
    # The action accepts a queue only as a filter, not as a resource.
    Permission("FindTheFunction", ("*",), same("lambda", "ListEventSourceMappings")),
    Permission(
        "ReadTheFunction",
        ("arn:aws:lambda:*:*:function:ThumbX-function-*",),
        same("lambda", "GetFunctionConfiguration"),
    ),
    Permission(
        "CountMessages",
        ("arn:aws:sqs:*:*:ThumbX-*",),
        same("sqs", "GetQueueUrl", "GetQueueAttributes"),
    ),
    Permission(
        "SendToTheFunction",
        ("arn:aws:sqs:*:*:ThumbX-uploads-*",),
        {
            ("sqs", "SendMessage"): "sqs:SendMessage",
            ("sqs", "SendMessageBatch"): "sqs:SendMessage",
        },
    ),
    Permission(
        "TakeWhatWaitsForAPerson",
        ("arn:aws:sqs:*:*:ThumbX-refused-*", "arn:aws:sqs:*:*:ThumbX-dead-letters-*"),
        same("sqs", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
    ),
)


def grants(bucket: str = "", prefix: str = THUMBNAILS) -> Mapping[str, tuple[Permission, ...]]:
    """The permissions by account, for our own bucket or for an existing one.

    `prefix` is that of the thumbnails: no original is looked at or deleted.
    """
    pictures = f"arn:aws:s3:::{bucket or f'{IMAGES}-*'}"
    thumbnails = f"{pictures}/{prefix}*"
    own = (
        # It takes no resource.
        Permission("FindTheBucket", ("*",), {("s3", "ListBuckets"): "s3:ListAllMyBuckets"}),
        Permission(
            "ReadTheNotification",
            (pictures,),
            {("s3", "GetBucketNotificationConfiguration"): "s3:GetBucketNotification"},
        ),
    )
    adopted = (
        # It takes no resource.
        Permission("FindTheRule", ("*",), same("events", "ListRules")),
        Permission(
            "ReadTheRulesTarget",
            ("arn:aws:events:*:*:rule/ThumbX-uploads-rule-*",),
            same("events", "ListTargetsByRule"),
        ),
        Permission(
            "TakeWhatEventBridgeCouldNotDeliver",
            ("arn:aws:sqs:*:*:ThumbX-uploads-undelivered-*",),
            same("sqs", "GetQueueUrl", "GetQueueAttributes")
            | same("sqs", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
        ),
    )
    return {
        PRODUCER: _OF_PRODUCER,
        STORAGE: (
            *(adopted if bucket else own),
            Permission("ListPictures", (pictures,), {("s3", "ListObjectsV2"): "s3:ListBucket"}),
            # This is for --verify, and for --remove on a bucket that existed before the program.
            Permission("LookAtThumbnails", (thumbnails,), {("s3", "HeadObject"): "s3:GetObject"}),
            # For --remove.
            Permission(
                "RemoveThumbnails", (thumbnails,), {("s3", "DeleteObjects"): "s3:DeleteObject"}
            ),
        ),
    }


def operations(account: str) -> frozenset[Operation]:
    """All that a reconcile run may call in an account."""
    return frozenset(
        each
        for bucket in ("", "any")
        for grant in grants(bucket)[account]
        for each in grant.operations
    )
