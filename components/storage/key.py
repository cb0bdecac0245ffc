"""The storage account's own key for the pictures, if the stack has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_aws as aws

from components import policies
from components.storage.key_policy import key_policy

if TYPE_CHECKING:
    import pulumi

    from components.configuration.accounts import Access, Storage

# The longest time that KMS allows, because the deletion of a key is final and makes every picture
# unreadable.
DELETION_WINDOW_DAYS = 30


def images_key(
    name: str,
    *,
    bucket_arn: pulumi.Input[str],
    thumbx_role_arn: pulumi.Input[str],
    account: Storage,
    access: Access,
    opts: pulumi.ResourceOptions,
) -> aws.kms.Key:
    """Create the key that the bucket and ThumbXRole may use; its policy is part of its creation."""
    return aws.kms.Key(
        name,
        description="Encrypts thumbx's pictures; used through S3 and for one bucket only",
        enable_key_rotation=True,
        deletion_window_in_days=DELETION_WINDOW_DAYS,
        policy=policies.document(
            key_policy,
            bucket_arn=bucket_arn,
            thumbx_role_arn=thumbx_role_arn,
            storage_account=account.id,
            region=account.region,
            access=access,
            leaving=account.leaves_key,
        ),
        opts=opts,
    )
