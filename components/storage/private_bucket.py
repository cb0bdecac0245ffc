"""A private bucket, and its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# An upload that was begun and not finished costs money until somebody ends it.
UNFINISHED_UPLOADS = aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
    days_after_initiation=7
)
# How long a browser remembers that S3 accepts an origin.
CORS_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """How long the bucket keeps things, and whether a destroy may delete it with its contents.

    An overwritten or deleted object can be brought back for `old_version_days`. With `log_days`,
    current objects are deleted at that age too, as for logs.
    """

    deletable: bool
    old_version_days: int
    log_days: int | None = None


class PrivateBucket(pulumi.ComponentResource):
    """A bucket that is closed to the public, versioned, encrypted, and cleaned up by age.

    All of its settings are protected too. A destroy deletes every unprotected resource before it
    stops at the bucket, which would include the versioning and the public access block.

    The key and the policy may name resources that are made after the bucket, so they are added by
    two calls: `encrypt` and `set_policy`.
    """

    arn: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the bucket of this logical name; `opts` carries the account's provider."""
        super().__init__("thumbx:storage:PrivateBucket", f"{name}-bucket", None, opts)
        self._name = name
        self._inside = pulumi.ResourceOptions(parent=self, protect=not args.deletable)
        bucket = aws.s3.Bucket(name, force_destroy=args.deletable, opts=self._inside)
        self.arn = bucket.arn
        self.name = bucket.bucket
        aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._inside,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=self._inside,
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=self._inside,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            # Some S3 releases refuse rules on old versions before versioning is on.
            bucket=after(bucket.bucket, versioning),
            rules=_rules(args),
            opts=self._inside,
        )
        self.register_outputs({"arn": self.arn, "name": self.name})

    def encrypt(
        self, key_arn: pulumi.Input[str] | None = None
    ) -> aws.s3.BucketServerSideEncryptionConfiguration:
        """Encrypt with the key, or with S3's own keys; refuse keys that only the uploader has.

        With its own key, the bucket uses one bucket key for many objects, so KMS is called, and
        paid, much less.
        """
        encrypt = (
            aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
        )
        return aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption",
            bucket=self.name,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=encrypt(
                        sse_algorithm="aws:kms" if key_arn else "AES256",
                        kms_master_key_id=key_arn,
                    ),
                    bucket_key_enabled=True if key_arn else None,
                    blocked_encryption_types=["SSE-C"],
                )
            ],
            opts=self._inside,
        )

    def serve_forms(self, origins: Sequence[str]) -> aws.s3.BucketCorsConfiguration:
        """Let scripts of pages with these origins send forms of presigned POST and read the answer.

        A browser asks S3 first if the script watches the progress.
        """
        return aws.s3.BucketCorsConfiguration(
            f"{self._name}-cors",
            bucket=self.name,
            cors_rules=[
                aws.s3.BucketCorsConfigurationCorsRuleArgs(
                    allowed_origins=list(origins),
                    allowed_methods=["POST"],
                    allowed_headers=["Content-Type"],
                    expose_headers=["ETag", "Location"],
                    max_age_seconds=CORS_SECONDS,
                )
            ],
            # Not protected, so that the option can be taken back; nothing is lost with it.
            opts=pulumi.ResourceOptions(parent=self),
        )

    def set_policy(
        self, build: Callable[..., policies.Document], **arguments: Any
    ) -> aws.s3.BucketPolicy:
        """Set the policy that `build` makes from the bucket's ARN and the arguments, all Inputs."""
        return aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self.name,
            policy=policies.document(build, bucket_arn=self.arn, **arguments),
            # Protected with the bucket, because without the policy the account's own roles are no
            # longer refused.
            opts=self._inside,
        )


def _rules(args: PrivateBucketArgs) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    rule = aws.s3.BucketLifecycleConfigurationRuleArgs
    everything = aws.s3.BucketLifecycleConfigurationRuleFilterArgs()
    expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs
    old_versions = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
        noncurrent_days=args.old_version_days
    )
    if args.log_days:
        return [
            rule(
                id="old-logs",
                status="Enabled",
                filter=everything,
                expiration=expiration(days=args.log_days),
                noncurrent_version_expiration=old_versions,
                abort_incomplete_multipart_upload=UNFINISHED_UPLOADS,
            )
        ]
    return [
        rule(
            id="unfinished-uploads",
            status="Enabled",
            filter=everything,
            abort_incomplete_multipart_upload=UNFINISHED_UPLOADS,
        ),
        rule(
            id="old-versions",
            status="Enabled",
            filter=everything,
            noncurrent_version_expiration=old_versions,
            # S3 deletes a deleted object's marker when the last old version is gone.
            expiration=expiration(expired_object_delete_marker=True),
        ),
    ]
