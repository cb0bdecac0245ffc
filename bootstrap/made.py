"""What the program makes in each account: resource types, and how the names of its own begin.

Written down and not recorded while the bootstrap is defined, so that a reviewer sees a new right
in a diff. A test holds it against the recorded program, both ways.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Made:
    """One account's share. Pulumi appends seven letters or digits to a name."""

    types: tuple[str, ...]
    role: str  # of the program's roles; a deploy role can touch no other
    other: str  # of all other things that have a name


SIDES = {
    "producer": Made(
        types=(
            "aws:cloudwatch/logGroup:LogGroup",
            "aws:iam/role:Role",
            "aws:iam/rolePolicy:RolePolicy",
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            "aws:lambda/function:Function",
            "aws:lambda/layerVersion:LayerVersion",
            "aws:sqs/queue:Queue",
            "aws:sqs/queuePolicy:QueuePolicy",
            "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        ),
        role="ThumbX-producer-",
        other="ThumbX-",
    ),
    "storage": Made(
        types=(
            "aws:iam/role:Role",
            "aws:iam/rolePolicy:RolePolicy",
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
        role="ThumbXRole-",
        other="thumbx-images-",
    ),
}
