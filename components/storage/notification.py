"""Tells account A about uploads and removals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.storage.upload_events import UploadTarget, UploadTargetArgs

if TYPE_CHECKING:
    from components.storage.store import Bucket

# A removal may make an older version current again. For expirations, only the event about the
# marker is used, because the other event is also sent for each noncurrent version that the bucket's
# own lifecycle deletes.
EVENTS = [
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
]


@dataclass(frozen=True, kw_only=True)
class UploadNotificationArgs:
    """The bucket that sends events, and the queue that gets them.

    With `event_bridge`, all events of our own bucket also go to EventBridge, for other consumers.
    """

    bucket: Bucket
    queue_arn: pulumi.Input[str]
    event_bridge: bool


class UploadNotification(pulumi.ComponentResource):
    """Sends events about originals to the queue in A: by our bucket's notification, or by a rule's
    target.

    It is a sibling of the store and not its child, because it waits for the queue, the queue waits
    for the store, and a component is finished only when its children are.
    """

    def __init__(
        self, name: str, args: UploadNotificationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the notification; S3 sends a test message at once, so the policy must exist."""
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
