"""The storage side, account B: the bucket, ThumbXRole, and who may touch what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.bucket_policy import bucket_policy
from components.ordering import after

if TYPE_CHECKING:
    from components.settings import Settings

# An upload that was begun and not finished is paid for until somebody ends it.
UNFINISHED_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class ThumbStoreArgs:
    """What the store is told; see `components.settings` for the values' meaning."""

    producer_role_arn: pulumi.Input[str]
    settings: Settings


class ThumbStore(pulumi.ComponentResource):
    """The bucket and its settings, ThumbXRole, and the policies of both."""

    bucket_name: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    """ThumbXRole's ARN, once its grants and the bucket's policy are in force."""
    first_upload: pulumi.Output[str]
    """The command that uploads a first picture, for a person who is one of the uploaders."""

    def __init__(
        self, name: str, args: ThumbStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the store; `opts` carries the provider of account B."""
        super().__init__("thumbx:storage:ThumbStore", name, None, opts)

        settings = args.settings
        prefixes = settings.prefixes
        bucket = self._bucket(f"{name}-images".lower(), settings)
        role = aws.iam.Role(
            f"{name}Role",
            description="Assumed by thumbx's function: gets originals, puts thumbnails",
            assume_role_policy=policies.document(
                policies.thumbx_trust, producer_role_arn=args.producer_role_arn
            ),
            # Role chaining is capped at an hour whatever this says; a smaller cap is not allowed.
            max_session_duration=3600,
            opts=pulumi.ResourceOptions(parent=self),
        )
        grants = aws.iam.RolePolicy(
            f"{name}Role-grants",
            role=role.name,
            policy=policies.document(
                policies.thumbx_grants,
                bucket_arn=bucket.arn,
                originals=prefixes.originals,
                thumbnails=prefixes.thumbnails,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        objects_policy = aws.s3.BucketPolicy(
            f"{name}-images-policy".lower(),
            bucket=bucket.bucket,
            policy=policies.document(
                bucket_policy,
                bucket_arn=bucket.arn,
                thumbx_role_id=role.unique_id,
                prefixes=prefixes,
                access=settings.access,
                session_patterns=settings.emulator_policies,
            ),
            # Without it the account's own roles are no longer refused: protected with the bucket.
            opts=pulumi.ResourceOptions(parent=self, protect=not settings.deletable),
        )

        self.bucket_name = bucket.bucket
        self.bucket_arn = bucket.arn
        self.role_arn = after(objects_policy, after(grants, role.arn))
        self.first_upload = pulumi.Output.concat(
            "aws s3 cp samples/rocket.jpg s3://",
            bucket.bucket,
            "/",
            prefixes.originals,
            "rocket.jpg",
        )
        self.register_outputs(
            {
                "bucket_name": self.bucket_name,
                "bucket_arn": self.bucket_arn,
                "role_arn": self.role_arn,
                "first_upload": self.first_upload,
            }
        )

    def _bucket(self, name: str, settings: Settings) -> aws.s3.Bucket:
        """Create the bucket and the settings that S3 keeps beside it.

        All of them are protected with the bucket: a destroy that stops at the bucket has by then
        deleted every neighbour that was not, its versioning and public access block among them.
        """
        inside = pulumi.ResourceOptions(parent=self, protect=not settings.deletable)
        bucket = aws.s3.Bucket(name, force_destroy=settings.deletable, opts=inside)
        aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=inside,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=inside,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    )
                )
            ],
            opts=inside,
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=inside,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            # Rules on old versions are refused by some S3 releases while there are none.
            bucket=after(versioning, bucket.bucket),
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="unfinished-uploads",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=UNFINISHED_UPLOAD_DAYS
                    ),
                ),
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="old-versions",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=settings.retention.version_days
                    ),
                    # A deleted picture's marker goes when its last old version has gone.
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(
                        expired_object_delete_marker=True
                    ),
                ),
            ],
            opts=inside,
        )
        return bucket


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
