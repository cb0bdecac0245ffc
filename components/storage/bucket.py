"""The buckets, of pictures and of logs, and the settings that S3 keeps beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components.dependencies import after

if TYPE_CHECKING:
    import pulumi

    from components.configuration.settings import Settings

# An upload that was begun and not finished is paid for until somebody ends it.
UNFINISHED_UPLOADS = aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
    days_after_initiation=7
)


def images_bucket(name: str, settings: Settings, *, opts: pulumi.ResourceOptions) -> aws.s3.Bucket:
    """Create the pictures' bucket and the settings that S3 keeps beside it, all but its encryption.

    All of them are protected with the bucket: a destroy that stops at the bucket has by then
    deleted every neighbour that was not, its versioning and public access block among them.
    """
    bucket, versioned = closed_bucket(name, settings, opts=opts)
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=versioned,
        rules=[
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="unfinished-uploads",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
                abort_incomplete_multipart_upload=UNFINISHED_UPLOADS,
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
        opts=opts,
    )
    return bucket


def log_bucket(name: str, settings: Settings, *, opts: pulumi.ResourceOptions) -> aws.s3.Bucket:
    """Create the bucket that the trails write to, protected as the pictures are, emptied by age.

    Encrypted with S3's own keys: one's own would cost a dollar a month and a policy more, and keep
    the log from nobody whom the bucket's policy does not keep out. Versioned, so that a log file
    that somebody gets to delete after all is still there, for as long again.
    """
    bucket, versioned = closed_bucket(name, settings, opts=opts)
    default_encryption(name, bucket, None, opts=opts)
    days = settings.audit.trail_days
    aws.s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle",
        bucket=versioned,
        rules=[
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="old-logs",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=days
                ),
                abort_incomplete_multipart_upload=UNFINISHED_UPLOADS,
            )
        ],
        opts=opts,
    )
    return bucket


def closed_bucket(
    name: str, settings: Settings, *, opts: pulumi.ResourceOptions
) -> tuple[aws.s3.Bucket, pulumi.Output[str]]:
    """Create a bucket that nobody can open; return it, and its name once it keeps old versions."""
    bucket = aws.s3.Bucket(name, force_destroy=settings.deletable, opts=opts)
    aws.s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    aws.s3.BucketOwnershipControls(
        f"{name}-ownership",
        bucket=bucket.bucket,
        rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=opts,
    )
    versioning = aws.s3.BucketVersioning(
        f"{name}-versioning",
        bucket=bucket.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
            status="Enabled"
        ),
        opts=opts,
    )
    # Rules on old versions are refused by some S3 releases while there are none.
    return bucket, after(versioning, bucket.bucket)


def default_encryption(
    name: str, bucket: aws.s3.Bucket, key: aws.kms.Key | None, *, opts: pulumi.ResourceOptions
) -> None:
    """Encrypt with `key`, or with S3's own keys; refuse keys that only the uploader has.

    With a key of one's own, one bucket key serves many objects: KMS is asked, and paid, far less.
    """
    by_default = (
        aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms" if key else "AES256",
            kms_master_key_id=key.arn if key else None,
        )
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[
            aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                apply_server_side_encryption_by_default=by_default,
                bucket_key_enabled=True if key else None,
                blocked_encryption_types=["SSE-C"],
            )
        ],
        opts=opts,
    )
