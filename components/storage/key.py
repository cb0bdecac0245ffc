"""The storage account's own key for the pictures, where the stack asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components import policies
from components.storage.key_policy import key_policy

if TYPE_CHECKING:
    import pulumi

    from components.configuration.settings import Settings

# The longest that KMS offers: a key is gone for good, and with it every picture.
DELETION_WINDOW_DAYS = 30


def images_key(
    name: str,
    settings: Settings,
    bucket: aws.s3.Bucket,
    role: aws.iam.Role,
    *,
    opts: pulumi.ResourceOptions,
) -> aws.kms.Key:
    """Create the key that the bucket and `role` may use; it is born with its policy."""
    return aws.kms.Key(
        name,
        description="Encrypts thumbx's pictures; used through S3 and for one bucket only",
        enable_key_rotation=True,
        deletion_window_in_days=DELETION_WINDOW_DAYS,
        policy=policies.document(
            key_policy,
            bucket_arn=bucket.arn,
            thumbx_role_arn=role.arn,
            storage_account=settings.storage.id,
            region=settings.region,
            access=settings.access,
        ),
        opts=opts,
    )
