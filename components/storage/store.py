"""The storage side, account B: the bucket, ThumbXRole, and who may touch what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after
from components.storage.bucket import default_encryption, images_bucket
from components.storage.bucket_policy import bucket_policy
from components.storage.key import images_key
from components.storage.thumbx_role import thumbx_grants, thumbx_trust

if TYPE_CHECKING:
    from components.configuration.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ThumbStoreArgs:
    """What the store is told; see `components.configuration.settings` for the values' meaning."""

    producer_role_arn: pulumi.Input[str]
    settings: Settings


class ThumbStore(pulumi.ComponentResource):
    """The bucket and its settings, its key if it has one, ThumbXRole, and all their policies."""

    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    """ThumbXRole's ARN, once its grants and the bucket's policy are in force."""
    session_policy: pulumi.Output[str] | None
    """What bounds a session of ThumbXRole from outside, where that is asked for."""
    first_upload: pulumi.Output[str]
    """The command that uploads a first picture, for a person who is one of the uploaders."""

    def __init__(
        self, name: str, args: ThumbStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the store; `opts` carries the provider of account B."""
        super().__init__("thumbx:storage:ThumbStore", name, None, opts)

        settings = args.settings
        protected = pulumi.ResourceOptions(parent=self, protect=not settings.deletable)
        bucket = images_bucket(f"{name}-images".lower(), settings, opts=protected)
        role = aws.iam.Role(
            f"{name}Role",
            description="Assumed by thumbx's function: gets originals, puts thumbnails",
            assume_role_policy=policies.document(
                thumbx_trust, producer_role_arn=args.producer_role_arn
            ),
            path=settings.storage.role_path,
            permissions_boundary=settings.storage.boundary,
            # Role chaining is capped at an hour whatever this says; a smaller cap is not allowed.
            max_session_duration=3600,
            opts=pulumi.ResourceOptions(parent=self),
        )
        key = (
            images_key(f"{name}-images-key".lower(), settings, bucket, role, opts=protected)
            if settings.hardening.own_key
            else None
        )
        default_encryption(f"{name}-images".lower(), bucket, key, opts=protected)
        granted = policies.document(
            thumbx_grants,
            bucket_arn=bucket.arn,
            prefixes=settings.prefixes,
            storage_account=settings.storage.id,
            region=settings.region,
            key_arn=key.arn if key else None,
        )
        grants = aws.iam.RolePolicy(
            f"{name}Role-grants",
            role=role.name,
            policy=granted,
            opts=pulumi.ResourceOptions(parent=self),
        )
        objects_policy = aws.s3.BucketPolicy(
            f"{name}-images-policy".lower(),
            bucket=bucket.bucket,
            policy=policies.document(
                bucket_policy,
                bucket_arn=bucket.arn,
                thumbx_role_id=role.unique_id,
                prefixes=settings.prefixes,
                access=settings.access,
                session_patterns=settings.emulator_policies,
                key_arn=key.arn if key else None,
                presigned_minutes=settings.hardening.presigned_minutes,
            ),
            # Without it the account's own roles are no longer refused: protected with the bucket.
            opts=protected,
        )

        self.bucket_name = bucket.bucket
        self.bucket_arn = bucket.arn
        self.role_arn = after(objects_policy, after(grants, role.arn))
        self.session_policy = granted if settings.hardening.session_policy else None
        self.first_upload = pulumi.Output.concat(
            "aws s3 cp samples/rocket.jpg s3://",
            bucket.bucket,
            "/",
            settings.prefixes.originals,
            "rocket.jpg",
        )
        self.register_outputs(
            {
                "bucket_name": self.bucket_name,
                "bucket_arn": self.bucket_arn,
                "role_arn": self.role_arn,
                "session_policy": self.session_policy,
                "first_upload": self.first_upload,
            }
        )


@dataclass(frozen=True, kw_only=True)
class UploadNotificationArgs:
    """Which bucket tells which queue, and below which prefix."""

    bucket_name: pulumi.Input[str]
    queue_arn: pulumi.Input[str]
    originals: str


class UploadNotification(pulumi.ComponentResource):
    """The bucket's one notification: uploads of originals, to the queue in A.

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
                    events=["s3:ObjectCreated:*"],
                    filter_prefix=args.originals,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
