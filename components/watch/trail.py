"""The trails of both accounts, and the bucket that both write to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components.dependencies import after
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from components.watch import watch_policies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.accounts import Storage

# The console's name for this selector, by which prowler recognises that a trail logs management
# events.
MANAGEMENT = aws.cloudtrail.TrailAdvancedEventSelectorArgs(
    name="Management events selector",
    field_selectors=[
        aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
            field="eventCategory", equals=["Management"]
        )
    ],
)


@dataclass(frozen=True, kw_only=True)
class StorageTrailArgs:
    """The bucket of pictures that is watched, and how long the log is kept.

    `pictures` are what their ARNs begin with.
    `trail_accounts` are the accounts whose trails write to the log bucket. `data_events` is all,
    reads or writes; with `management_events` the trail also logs changes and sessions.
    """

    pictures: Sequence[pulumi.Input[str]]
    account: Storage
    trail_accounts: tuple[str, ...]
    data_events: str
    management_events: bool
    log_days: int


class StorageTrail(pulumi.ComponentResource):
    """The trail of the storage account, which sees every caller, and its log bucket."""

    arn: pulumi.Output[str]
    log_bucket_name: pulumi.Output[str]
    """The log bucket's name, once the trails may write to it."""

    def __init__(
        self, name: str, args: StorageTrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the log bucket, its policy, and then the trail, which tests the bucket at once."""
        super().__init__("thumbx:watch:StorageTrail", name, None, opts)
        # Encrypted with S3's own keys. A key of our own would cost a dollar a month and one more
        # policy, and would stop nobody whom the bucket's policy does not already stop. A log file
        # that somebody deletes in spite of the policy is kept as an old version, for the same time
        # again.
        bucket = PrivateBucket(
            f"{name}-logs".lower(),
            PrivateBucketArgs(
                deletable=args.account.keeps_nothing,
                old_version_days=args.log_days,
                log_days=args.log_days,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        bucket.encrypt()
        region, partition = args.account.region, args.account.partition
        policy = bucket.set_policy(
            watch_policies.log_bucket_policy,
            trails={
                account: f"arn:{partition}:cloudtrail:{region}:{account}:trail/{trail_name()}"
                for account in args.trail_accounts
            },
        )
        selectors = [_objects(args.pictures, args.data_events)]
        if args.management_events:
            selectors.insert(0, MANAGEMENT)
        writable = after(bucket.name, policy)
        trail = _trail(f"{name}-storage-trail", writable, selectors, parent=self)
        self.arn = trail.arn
        self.log_bucket_name = writable
        self.register_outputs({"arn": self.arn, "log_bucket_name": self.log_bucket_name})


@dataclass(frozen=True, kw_only=True)
class ProducerTrailArgs:
    """The bucket that the producer's trail writes to."""

    log_bucket_name: pulumi.Input[str]


class ProducerTrail(pulumi.ComponentResource):
    """The producer's trail: who assumed which role, and who was refused.

    The storage account has no record of an AssumeRole call that the producer's account denied. It
    writes to the storage account's log bucket, where nobody in the producer's account can change
    it.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: ProducerTrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the trail; `opts` carries the provider of account A."""
        super().__init__("thumbx:watch:ProducerTrail", name, None, opts)
        trail = _trail(f"{name}-trail", args.log_bucket_name, [MANAGEMENT], parent=self)
        self.arn = trail.arn
        self.register_outputs({"arn": self.arn})


def trail_name() -> str:
    """The fixed name of each account's trail.

    This name could be left to Pulumi, but is fixed: the log bucket's policy names the trail's ARN,
    and CloudTrail tests the bucket before it gives the trail a name.
    """
    return f"{pulumi.get_project()}-{pulumi.get_stack()}"


def _trail(
    name: str,
    log_bucket_name: pulumi.Input[str],
    selectors: list[aws.cloudtrail.TrailAdvancedEventSelectorArgs],
    *,
    parent: pulumi.Resource,
) -> aws.cloudtrail.Trail:
    return aws.cloudtrail.Trail(
        name,
        name=trail_name(),
        s3_bucket_name=log_bucket_name,
        # IAM's calls are logged in one region, whatever the stack's region is. STS's calls are
        # logged in the region that was called.
        is_multi_region_trail=True,
        include_global_service_events=True,
        enable_log_file_validation=True,
        advanced_event_selectors=selectors,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _objects(
    pictures: Sequence[pulumi.Input[str]], calls: str
) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Select the calls on objects of one bucket; never of the log bucket, because each logged write
    would cause another.

    `calls` is "all", "reads" or "writes".
    """
    select = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    fields = [
        select(field="eventCategory", equals=["Data"]),
        select(field="resources.type", equals=["AWS::S3::Object"]),
        select(field="resources.ARN", starts_withs=list(pictures)),
    ]
    if calls != "all":
        fields.append(select(field="readOnly", equals=[str(calls == "reads").lower()]))
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(name="Pictures", field_selectors=fields)
