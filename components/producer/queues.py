"""The queues in account A: uploads, dead letters, and refused pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after
from components.storage.sender_policies import sent_queue_policy

# AWS recommends this for a queue with a function: a message must not return while it is still being
# processed, and a throttled function must not use up the message's tries.
VISIBILITY_TIMEOUTS = 6
TRIES = 5
DAY = 24 * 3600
# SQS deletes an upload that is older than this, without a dead letter. SQS's own default is four
# days.
UPLOADS_RETENTION_SECONDS = 10 * DAY
# The longest time that SQS keeps a message, because dead letters and refused pictures wait for a
# person. SQS counts a dead letter's age from when the message was first sent, so an upload that
# fails last still waits at least four days.
LONGEST_RETENTION_SECONDS = 14 * DAY


@dataclass(frozen=True, kw_only=True)
class QueuesArgs:
    """The bucket whose events are accepted, and the function's timeout for a batch in seconds.

    `sender_role_arn` is the role that sends for the bucket, None where S3 itself does.
    """

    bucket_arn: pulumi.Input[str]
    bucket_owner: str
    sender_role_arn: pulumi.Input[str] | None
    function_timeout: int


@dataclass(frozen=True, kw_only=True)
class QueueNames:
    """A queue's names: the ARN for policies, the URL for requests."""

    arn: pulumi.Output[str]
    url: pulumi.Output[str]

    @classmethod
    def of(cls, queue: aws.sqs.Queue) -> QueueNames:
        """The names of a queue that is declared."""
        return cls(arn=queue.arn, url=queue.url)


class Queues(pulumi.ComponentResource):
    """The three queues, who may send to each, and where failed messages go."""

    uploads: QueueNames
    dead_letters: QueueNames
    refused: QueueNames
    notified_arn: pulumi.Output[str]
    """The upload queue's ARN, once S3 may send to it."""
    polled_arn: pulumi.Output[str]
    """The upload queue's ARN, once its failed messages go to the dead letters."""

    def __init__(
        self, name: str, args: QueuesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the queues; `opts` carries the provider of account A."""
        super().__init__("thumbx:producer:Queues", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.dead_letters = self._waiting_queue(f"{name}-dead-letters")
        self.refused = self._waiting_queue(f"{name}-refused")
        self._not_for_dead_letters(f"{name}-refused", self.refused.url)
        uploads = aws.sqs.Queue(
            f"{name}-uploads",
            message_retention_seconds=UPLOADS_RETENTION_SECONDS,
            visibility_timeout_seconds=VISIBILITY_TIMEOUTS * args.function_timeout,
            sqs_managed_sse_enabled=True,
            opts=inside,
        )
        self._not_for_dead_letters(f"{name}-uploads", uploads.url)
        uploads_policy = aws.sqs.QueuePolicy(
            f"{name}-uploads-policy",
            queue_url=uploads.url,
            policy=_senders(args, uploads.arn),
            opts=inside,
        )
        allowed = aws.sqs.RedriveAllowPolicy(
            f"{name}-dead-letters-redrive",
            queue_url=self.dead_letters.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [uploads.arn]}
            ),
            opts=inside,
        )
        # This is a separate resource and not an argument of the queue. If somebody deleted the
        # queue, SQS would otherwise refuse to create a second one, because the dead-letter queue
        # still allows only the first one's ARN.
        redrive = aws.sqs.RedrivePolicy(
            f"{name}-uploads-redrive",
            queue_url=uploads.url,
            redrive_policy=pulumi.Output.json_dumps(
                {
                    "deadLetterTargetArn": after(self.dead_letters.arn, allowed),
                    "maxReceiveCount": TRIES,
                }
            ),
            opts=inside,
        )
        self.uploads = QueueNames.of(uploads)
        self.notified_arn = after(uploads.arn, uploads_policy)
        self.polled_arn = after(uploads.arn, redrive)
        self.register_outputs({"notified_arn": self.notified_arn, "polled_arn": self.polled_arn})

    def _not_for_dead_letters(self, name: str, queue_url: pulumi.Input[str]) -> None:
        """Let no queue use this one for dead letters, because that would bypass its policy."""
        aws.sqs.RedriveAllowPolicy(
            f"{name}-redrive-allow",
            queue_url=queue_url,
            redrive_allow_policy=json.dumps({"redrivePermission": "denyAll"}),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _waiting_queue(self, name: str) -> QueueNames:
        """Create a queue whose messages wait for a person, and the policy that restricts it."""
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
        return QueueNames.of(queue)


def _senders(args: QueuesArgs, queue_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return the upload queue's policy: S3 sends for the bucket, or one role of its account."""
    if args.sender_role_arn is not None:
        return policies.document(
            sent_queue_policy,
            queue_arn=queue_arn,
            sender_role_arn=args.sender_role_arn,
        )
    return policies.document(
        policies.uploads_queue_policy,
        queue_arn=queue_arn,
        bucket_arn=args.bucket_arn,
        storage_account=args.bucket_owner,
    )
