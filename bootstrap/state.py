"""A bucket for Pulumi's state, as an alternative to Pulumi Cloud."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components import policies
from components.dependencies import after
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs

# A state file is small, and a state of some months ago may still help.
OLD_STATE_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class StateBucketArgs:
    """The region of the bucket; `pulumi login` needs it."""

    region: str


class StateBucket(pulumi.ComponentResource):
    """The bucket: private, encrypted, over https only; it keeps every state of the last months."""

    arn: pulumi.Output[str]
    url: pulumi.Output[str]
    """The address for `pulumi login`."""

    def __init__(
        self, name: str, args: StateBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Make the bucket; `opts` carries the account's provider."""
        super().__init__("thumbx:bootstrap:StateBucket", name, None, opts)
        bucket = PrivateBucket(
            f"pulumi-{name}",
            # Protected, because without the state Pulumi no longer knows what the program has made.
            PrivateBucketArgs(deletable=False, old_version_days=OLD_STATE_DAYS),
            pulumi.ResourceOptions(parent=self),
        )
        bucket.encrypt()
        # The policy grants nothing, because the roles have their own grants.
        policy = bucket.set_policy(policies.bucket_document)
        self.arn = after(bucket.arn, policy)
        self.url = pulumi.Output.concat("s3://", bucket.name, "?region=", args.region)
        self.register_outputs({"arn": self.arn, "url": self.url})
