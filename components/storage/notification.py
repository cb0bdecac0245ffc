"""What tells account A of uploads and removals."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# A removal may bring an older version to light. Of expirations only the marker's: the other one
# also tells of each noncurrent version that the bucket's own lifecycle takes away.
EVENTS = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
]


@dataclass(frozen=True, kw_only=True)
class UploadNotificationArgs:
    """Which bucket tells which queue, and below which prefix."""

    bucket_name: pulumi.Input[str]
    queue_arn: pulumi.Input[str]
    prefix: str


class UploadNotification(pulumi.ComponentResource):
    """The bucket's one notification: uploads and removals of originals, to the queue in A.

    A sibling of the store and not its child: it waits for the queue, which waits for the store,
    and a component counts as made only when its children are.
    """

    def __init__(
        self, name: str, args: UploadNotificationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the notification; S3 tries the queue at once, so its policy must be there."""
        super().__init__("thumbx:storage:UploadNotification", name, None, opts)
        aws.s3.BucketNotification(
            f"{name}-images-notification".lower(),
            bucket=args.bucket_name,
            queues=[
                aws.s3.BucketNotificationQueueArgs(
                    id="uploads",
                    queue_arn=args.queue_arn,
                    events=EVENTS,
                    filter_prefix=args.prefix,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
