"""A bucket for Pulumi's state, beside Pulumi Cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components import policies
from components.dependencies import after
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs

# A state file is small, and one of last quarter may still save an afternoon.
OLD_STATE_DAYS = 90


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
        super().__init__("thumbx:bootstrap:StateBucket", name, None, opts)
        bucket = PrivateBucket(
            f"pulumi-{name}",
            # Losing it means losing track of everything that the program has made.
            PrivateBucketArgs(deletable=False, old_version_days=OLD_STATE_DAYS),
            pulumi.ResourceOptions(parent=self),
        )
        bucket.encrypt()
        # It grants nothing: the roles have grants of their own.
        policy = bucket.set_policy(policies.bucket_document)
        self.arn = after(bucket.arn, policy)
        self.url = pulumi.Output.concat("s3://", bucket.name, "?region=", args.region)
        self.register_outputs({"arn": self.arn, "url": self.url})
