"""The producer side, account A: the queues, the function, and the grants between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after
from components.producer.function import ThumbFunction, ThumbFunctionArgs
from components.producer.queues import Queues, QueuesArgs

if TYPE_CHECKING:
    from components.configuration.accounts import Account
    from components.configuration.schema import Function, Thumbnails
    from components.storage.store import Bucket

# One invocation takes up to ten pictures, and reads, decodes and writes them in parallel.
BATCH_SIZE = 10


@dataclass(frozen=True, kw_only=True)
class ThumbProducerArgs:
    """The function's role, the role it assumes, its settings, and the bucket of the pictures."""

    role_arn: pulumi.Input[str]
    role_name: pulumi.Input[str]
    thumbx_role_arn: pulumi.Input[str]
    session_policy: pulumi.Input[str] | None
    bucket: Bucket
    account: Account
    thumbnails: Thumbnails
    function: Function
    log_days: int


@dataclass(frozen=True, kw_only=True)
class UploadPipeline:
    """The names of the pipeline's parts; the program exports them."""

    queue_url: pulumi.Output[str]
    refused_queue_url: pulumi.Output[str]
    dead_letter_queue_url: pulumi.Output[str]
    function_name: pulumi.Output[str]
    log_group: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class Feeding:
    """Other parts that decide what the function runs: its layer and the event source mapping."""

    layer_name: pulumi.Output[str]
    event_source_id: pulumi.Output[str]


class ThumbProducer(pulumi.ComponentResource):
    """The queues, the function that reads them, and the grants between them."""

    queue_arn: pulumi.Output[str]
    """The upload queue's ARN, once S3 may send to it."""
    pipeline: UploadPipeline
    feeding: Feeding

    def __init__(
        self, name: str, args: ThumbProducerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the producer; `opts` carries the provider of account A."""
        super().__init__("thumbx:producer:ThumbProducer", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        queues = Queues(
            name,
            QueuesArgs(
                bucket_arn=args.bucket.arn,
                bucket_owner=args.bucket.owner,
                sender_role_arn=args.bucket.sender.role_arn if args.bucket.sender else None,
                function_timeout=args.function.timeout,
            ),
            inside,
        )
        logs = aws.cloudwatch.LogGroup(f"{name}-logs", retention_in_days=args.log_days, opts=inside)
        poller_grant = aws.iam.RolePolicy(
            f"{name}-producer-poller",
            role=args.role_name,
            policy=policies.document(policies.poller_grant, queue_arn=queues.uploads.arn),
            opts=inside,
        )
        function = ThumbFunction(
            name,
            ThumbFunctionArgs(
                role_arn=after(args.role_arn, poller_grant),
                thumbx_role_arn=args.thumbx_role_arn,
                session_policy=args.session_policy,
                bucket_name=args.bucket.name,
                bucket_owner=args.bucket.owner,
                shared_bucket=args.bucket.sender is not None,
                refused_queue_url=queues.refused.url,
                log_group_name=logs.name,
                thumbnails=args.thumbnails,
                function=args.function,
                on_lambda=not args.account.endpoint,
            ),
            inside,
        )
        grants = aws.iam.RolePolicy(
            f"{name}-producer-grants",
            role=args.role_name,
            policy=policies.document(
                policies.function_grants,
                refused_queue_arn=queues.refused.arn,
                log_group_arn=logs.arn,
                thumbx_role_arn=args.thumbx_role_arn,
                function_arn=function.arn,
                name_function=not args.account.emulator_policies,
            ),
            opts=inside,
        )
        event_source = aws.lambda_.EventSourceMapping(
            f"{name}-uploads-to-function",
            event_source_arn=queues.polled_arn,
            function_name=after(function.arn, grants),
            batch_size=BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=args.function.concurrency
            ),
            opts=inside,
        )

        self.queue_arn = queues.notified_arn
        self.feeding = Feeding(layer_name=function.layer_name, event_source_id=event_source.id)
        self.pipeline = UploadPipeline(
            queue_url=queues.uploads.url,
            refused_queue_url=queues.refused.url,
            dead_letter_queue_url=queues.dead_letters.url,
            function_name=function.name,
            log_group=logs.name,
        )
        self.register_outputs({"queue_arn": self.queue_arn, **vars(self.pipeline)})
