"""What tells account A of uploads and removals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.storage.upload_events import UploadTarget, UploadTargetArgs

if TYPE_CHECKING:
    from components.storage.store import Bucket

# A removal may bring an older version to light. Of expirations only the marker's: the other one
# also tells of each noncurrent version that the bucket's own lifecycle takes away.
EVENTS = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
]


@dataclass(frozen=True, kw_only=True)
class UploadNotificationArgs:
    """Which bucket tells which queue.

    With `event_bridge` all events of our own bucket also go to EventBridge, for others.
    """

    bucket: Bucket
    queue_arn: pulumi.Input[str]
    event_bridge: bool


class UploadNotification(pulumi.ComponentResource):
    """What happens to originals, to the queue in A: our bucket's notification, or a rule's target.

    A sibling of the store and not its child: it waits for the queue, which waits for the store,
    and a component counts as made only when its children are.
    """

    def __init__(
        self, name: str, args: UploadNotificationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the notification; S3 tries the queue at once, so its policy must be there."""
        super().__init__("thumbx:storage:UploadNotification", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        if args.bucket.sender:
            target = UploadTargetArgs(sender=args.bucket.sender, queue_arn=args.queue_arn)
            UploadTarget(name, target, inside)
        else:
            aws.s3.BucketNotification(
                f"{name}-images-notification".lower(),
                bucket=args.bucket.name,
                queues=[
                    aws.s3.BucketNotificationQueueArgs(
                        id="uploads",
                        queue_arn=args.queue_arn,
                        events=EVENTS,
                        filter_prefix=args.bucket.originals,
                    )
                ],
                eventbridge=args.event_bridge,
                opts=inside,
            )
        self.register_outputs({})
