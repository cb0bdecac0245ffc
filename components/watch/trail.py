"""The trails of both accounts, and the bucket that both write to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.configuration import arns
from components.configuration.watch import CREATE
from components.dependencies import after
from components.storage.bucket import log_bucket
from components.watch import watch_policies

if TYPE_CHECKING:
    from components.configuration.settings import Settings

MANAGEMENT = aws.cloudtrail.TrailAdvancedEventSelectorArgs(
    name="Changes and sessions",
    field_selectors=[
        aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(
            field="eventCategory", equals=["Management"]
        )
    ],
)


@dataclass(frozen=True, kw_only=True)
class StorageTrailArgs:
    """Whose pictures are watched."""

    bucket_arn: pulumi.Input[str]
    settings: Settings


class StorageTrail(pulumi.ComponentResource):
    """The trail of the storage account, which sees every caller, and its log bucket."""

    arn: pulumi.Output[str]
    log_bucket_name: pulumi.Output[str]
    """The log bucket's name, once the trails may write to it."""

    def __init__(
        self, name: str, args: StorageTrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the log bucket, its policy, and then the trail, which tries it at once."""
        super().__init__("thumbx:trail:StorageTrail", name, None, opts)
        settings = args.settings
        protected = pulumi.ResourceOptions(parent=self, protect=not settings.deletable)
        bucket = log_bucket(f"{name}-logs".lower(), settings, opts=protected)
        policy = aws.s3.BucketPolicy(
            f"{name}-logs-policy".lower(),
            bucket=bucket.bucket,
            policy=policies.document(
                watch_policies.log_bucket_policy,
                bucket_arn=bucket.arn,
                trails=_trails(settings),
            ),
            opts=protected,
        )
        selectors = [_objects(args.bucket_arn, settings.audit.data_events)]
        if settings.audit.management_events == CREATE:
            selectors.insert(0, MANAGEMENT)
        writable = after(policy, bucket.bucket)
        trail = _trail(f"{name}-storage-trail", writable, selectors, parent=self)
        self.arn = trail.arn
        self.log_bucket_name = writable
        self.register_outputs({"arn": self.arn, "log_bucket_name": self.log_bucket_name})


@dataclass(frozen=True, kw_only=True)
class ProducerTrailArgs:
    """Where the producer's trail writes to."""

    log_bucket_name: pulumi.Input[str]


class ProducerTrail(pulumi.ComponentResource):
    """The producer's trail: who took which role, and who was not let.

    The storage account never hears of an AssumeRole that the producer's account was denied. It
    writes to the storage account's log bucket, where nobody of the producer's can change it.
    """

    arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: ProducerTrailArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the trail; `opts` carries the provider of account A."""
        super().__init__("thumbx:trail:ProducerTrail", name, None, opts)
        trail = _trail(f"{name}-trail", args.log_bucket_name, [MANAGEMENT], parent=self)
        self.arn = trail.arn
        self.register_outputs({"arn": self.arn})


def trail_name() -> str:
    """The fixed name of each account's trail.

    The one name that is not left to Pulumi although it could be: the log bucket's policy names the
    trail's ARN, and CloudTrail tries the bucket before it gives the trail one.
    """
    return f"{pulumi.get_project()}-{pulumi.get_stack()}"


def has_producer_trail(settings: Settings) -> bool:
    """Whether the producer's account gets a trail of its own."""
    return settings.audit.management_events == CREATE and not settings.one_account


def _trails(settings: Settings) -> dict[str, str]:
    """The trails that write to the log bucket: ARN by account."""
    accounts = [settings.storage.id]
    if has_producer_trail(settings):
        accounts.append(settings.producer.id)
    region = settings.region
    start = f"arn:{arns.partition_of(region)}:cloudtrail:{region}"
    return {account: f"{start}:{account}:trail/{trail_name()}" for account in accounts}


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
        # IAM logs in one region whatever the stack's is, and STS where the caller asked it.
        is_multi_region_trail=True,
        include_global_service_events=True,
        enable_log_file_validation=True,
        advanced_event_selectors=selectors,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _objects(
    bucket_arn: pulumi.Input[str], calls: str
) -> aws.cloudtrail.TrailAdvancedEventSelectorArgs:
    """Select the calls on objects of one bucket; never of the log bucket, which would feed itself.

    `calls` is all, reads or writes.
    """
    select = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    fields = [
        select(field="eventCategory", equals=["Data"]),
        select(field="resources.type", equals=["AWS::S3::Object"]),
        # The slash ends the bucket's name: without it a bucket whose name goes on would be logged.
        select(field="resources.ARN", starts_withs=[pulumi.Output.concat(bucket_arn, "/")]),
    ]
    if calls != "all":
        fields.append(select(field="readOnly", equals=[str(calls == "reads").lower()]))
    return aws.cloudtrail.TrailAdvancedEventSelectorArgs(name="Pictures", field_selectors=fields)
