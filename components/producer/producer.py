"""The producer side, account A: the execution role, the queues and the function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after
from components.producer.function import ThumbFunction, ThumbFunctionArgs

if TYPE_CHECKING:
    from components.configuration.settings import Account, Settings
    from components.storage.store import ThumbStore

# AWS's own advice for a queue behind a function: a message must not come back while it is still
# being worked on, and a throttled function must not use up its tries.
VISIBILITY_TIMEOUTS = 6
TRIES = 5
# One invocation takes up to ten pictures and overlaps their reads, pixels and writes.
BATCH_SIZE = 10
# The longest that SQS keeps a message: dead letters and refused pictures wait for a person.
LONGEST_RETENTION_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class ProducerRoleArgs:
    """The account that the role and its function are in."""

    account: Account


class ProducerRole(pulumi.ComponentResource):
    """The function's execution role, alone, so that account B can name it."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ProducerRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the role without any grant; `opts` carries the provider of account A."""
        super().__init__("thumbx:producer:ProducerRole", name, None, opts)
        role = aws.iam.Role(
            f"{name}-producer",
            description="Execution role of thumbx's function; assumes ThumbXRole in account B",
            assume_role_policy=policies.document(
                policies.function_trust, producer_account=args.account.id
            ),
            path=args.account.role_path,
            permissions_boundary=args.account.boundary,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.name = role.name
        self.register_outputs({"arn": self.arn, "name": self.name})


@dataclass(frozen=True, kw_only=True)
class ThumbProducerArgs:
    """What the producer is told; see `components.configuration.settings`."""

    role: ProducerRole
    store: ThumbStore
    settings: Settings


class ThumbProducer(pulumi.ComponentResource):
    """The queues, the function that drains them, and the grants between."""

    queue_arn: pulumi.Output[str]
    """The upload queue's ARN, once S3 may send to it."""
    queue_url: pulumi.Output[str]
    refused_queue_url: pulumi.Output[str]
    dead_letter_queue_url: pulumi.Output[str]
    function_name: pulumi.Output[str]
    log_group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ThumbProducerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the producer; `opts` carries the provider of account A."""
        super().__init__("thumbx:producer:ThumbProducer", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        settings = args.settings

        dead_letters = self._waiting_queue(f"{name}-dead-letters")
        refused = self._waiting_queue(f"{name}-refused")
        uploads = aws.sqs.Queue(
            f"{name}-uploads",
            visibility_timeout_seconds=VISIBILITY_TIMEOUTS * settings.function.timeout,
            sqs_managed_sse_enabled=True,
            opts=inside,
        )
        uploads_policy = aws.sqs.QueuePolicy(
            f"{name}-uploads-policy",
            queue_url=uploads.url,
            policy=policies.document(
                policies.uploads_queue_policy,
                queue_arn=uploads.arn,
                bucket_arn=args.store.bucket_arn,
                storage_account=settings.storage.id,
            ),
            opts=inside,
        )
        allowed = aws.sqs.RedriveAllowPolicy(
            f"{name}-dead-letters-redrive",
            queue_url=dead_letters.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [uploads.arn]}
            ),
            opts=inside,
        )
        # Not an argument of the queue: SQS would refuse to create a second one, where somebody
        # deleted the first, because the dead letters still allow that one's ARN alone.
        redrive = aws.sqs.RedrivePolicy(
            f"{name}-uploads-redrive",
            queue_url=uploads.url,
            redrive_policy=pulumi.Output.json_dumps(
                {
                    "deadLetterTargetArn": after(allowed, dead_letters.arn),
                    "maxReceiveCount": TRIES,
                }
            ),
            opts=inside,
        )

        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs", retention_in_days=settings.retention.log_days, opts=inside
        )
        poller_grant = aws.iam.RolePolicy(
            f"{name}-producer-poller",
            role=args.role.name,
            policy=policies.document(policies.poller_grant, queue_arn=uploads.arn),
            opts=inside,
        )
        function = ThumbFunction(
            name,
            ThumbFunctionArgs(
                role_arn=after(poller_grant, args.role.arn),
                target_role_arn=args.store.role_arn,
                bucket_name=args.store.bucket_name,
                refused_queue_url=refused.url,
                session_policy=args.store.session_policy,
                log_group_name=logs.name,
                settings=settings,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        grants = aws.iam.RolePolicy(
            f"{name}-producer-grants",
            role=args.role.name,
            policy=policies.document(
                policies.function_grants,
                refused_queue_arn=refused.arn,
                log_group_arn=logs.arn,
                thumbx_role_arn=args.store.role_arn,
                function_arn=function.arn,
                name_function=not settings.emulator_policies,
            ),
            opts=inside,
        )
        aws.lambda_.EventSourceMapping(
            f"{name}-uploads-to-function",
            event_source_arn=after(redrive, uploads.arn),
            function_name=after(grants, function.arn),
            batch_size=BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=settings.function.concurrency
            ),
            opts=inside,
        )

        self.queue_arn = after(uploads_policy, uploads.arn)
        self.queue_url = uploads.url
        self.refused_queue_url = refused.url
        self.dead_letter_queue_url = dead_letters.url
        self.function_name = function.name
        self.log_group_name = logs.name
        self.register_outputs(
            {
                "queue_arn": self.queue_arn,
                "queue_url": self.queue_url,
                "refused_queue_url": self.refused_queue_url,
                "dead_letter_queue_url": self.dead_letter_queue_url,
                "function_name": self.function_name,
                "log_group_name": self.log_group_name,
            }
        )

    def _waiting_queue(self, name: str) -> aws.sqs.Queue:
        """Create a queue whose messages wait for a person, and the policy that closes it."""
        inside = pulumi.ResourceOptions(parent=self)
        queue = aws.sqs.Queue(
            name,
            message_retention_seconds=LONGEST_RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=inside,
        )
        aws.sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=policies.document(policies.inner_queue_policy, queue_arn=queue.arn),
            opts=inside,
        )
        return queue
