"""Every call that a reconcile run may make, beside the permission that it needs.

One table for three uses, as `audit.accounts.permissions`: the clients refuse what is not in it,
`python -m reconcile policy` prints the policies made of it, and a test compares it with the calls
that the commands really make. The storage profile reads no picture; it deletes thumbnails only for
--remove.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.accounts.permissions import PRODUCER, STORAGE, Operation, Permission, same

if TYPE_CHECKING:
    from collections.abc import Mapping

_IMAGES = "arn:aws:s3:::thumbx-images-*"

GRANTS: Mapping[str, tuple[Permission, ...]] = {
    PRODUCER: (
        # It takes a queue only as a filter, never as a resource.
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
    ),
    STORAGE: (
        # It takes no resource.
        Permission("FindTheBucket", ("*",), {("s3", "ListBuckets"): "s3:ListAllMyBuckets"}),
        Permission(
            "ListPicturesAndReadTheNotification",
            (_IMAGES,),
            {
                ("s3", "ListObjectsV2"): "s3:ListBucket",
                ("s3", "GetBucketNotificationConfiguration"): "s3:GetBucketNotification",
            },
        ),
        # For --verify, and on a bucket that was there before for --remove.
        Permission("LookAtThumbnails", (f"{_IMAGES}/*",), {("s3", "HeadObject"): "s3:GetObject"}),
        # For --remove.
        Permission(
            "RemoveThumbnails", (f"{_IMAGES}/*",), {("s3", "DeleteObjects"): "s3:DeleteObject"}
        ),
    ),
}


def operations(account: str) -> frozenset[Operation]:
    """All that a reconcile run may call in an account."""
    return frozenset(each for grant in GRANTS[account] for each in grant.operations)
