"""A bucket for Pulumi's state, beside Pulumi Cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after

# A state file is small, and one of last quarter may still save an afternoon.
OLD_STATE_DAYS = 90


def state_policy(bucket_arn: str) -> policies.Document:
    """Grant nothing, the roles have grants of their own, and refuse plain http."""
    objects = policies.objects(bucket_arn)
    return policies.policy(policies.deny_insecure_transport("s3:*", bucket_arn, objects))


@dataclass(frozen=True, kw_only=True)
class StateBucketArgs:
    """The region of the bucket, which `pulumi login` has to be told."""

    region: str


class StateBucket(pulumi.ComponentResource):
    """The bucket: closed, encrypted, over https only, every state of the last months kept."""

    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    """What `pulumi login` takes."""

    def __init__(
        self, name: str, args: StateBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Make the bucket; `opts` carries the account's provider."""
        super().__init__("thumbx:state:StateBucket", name, None, opts)
        # Losing it means losing track of everything that the program has made.
        inside = pulumi.ResourceOptions(parent=self, protect=True)
        bucket = aws.s3.Bucket(f"pulumi-{name}", opts=inside)
        aws.s3.BucketPublicAccessBlock(
            f"pulumi-{name}-public-access",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=inside,
        )
        aws.s3.BucketOwnershipControls(
            f"pulumi-{name}-ownership",
            bucket=bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=inside,
        )
        encrypt = (
            aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"pulumi-{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=encrypt(sse_algorithm="AES256")
                )
            ],
            opts=inside,
        )
        versioning = aws.s3.BucketVersioning(
            f"pulumi-{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(
                status="Enabled"
            ),
            opts=inside,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"pulumi-{name}-lifecycle",
            bucket=after(versioning, bucket.bucket),
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="old-states",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=OLD_STATE_DAYS
                    ),
                )
            ],
            opts=inside,
        )
        policy = aws.s3.BucketPolicy(
            f"pulumi-{name}-policy",
            bucket=bucket.bucket,
            policy=policies.document(state_policy, bucket_arn=bucket.arn),
            opts=inside,
        )
        self.arn = after(policy, bucket.arn)
        self.url = pulumi.Output.concat("s3://", bucket.bucket, "?region=", args.region)
        self.register_outputs({"arn": self.arn, "url": self.url})
