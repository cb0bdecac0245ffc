"""Finds all other resources from the bucket's name, by following the deployed settings.

The bucket's notification, or a rule of EventBridge that tells of the bucket, names a queue, the
event source gives the queue's function, and the function's environment names ThumbXRole. An auditor
therefore needs no Pulumi, no state (which may hold secrets) and no list of names. If somebody
connected other resources, these are followed too; `check` reports that they are not the program's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.accounts.bridge import target_of
from audit.accounts.errors import WiringError, aws_errors
from audit.accounts.names import UNDELIVERED, PicturePrefixes, is_ours
from audit.accounts.permissions import PRODUCER, STORAGE

if TYPE_CHECKING:
    from audit.accounts.clients import AccountClients


# The number of function instances that Lambda starts for one queue if no limit is set [AWS
# documentation].
UNBOUNDED = 1000


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue: its ARN and URL, and its attributes as SQS returns them."""

    arn: str
    url: str
    attributes: dict[str, str]

    @property
    def name(self) -> str:
        """Its physical name."""
        return self.arn.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """The physical names and ARNs of one deployment."""

    bucket: str
    notification: dict[str, Any]
    """The bucket's notification for uploads; empty if an EventBridge rule sends them."""
    rule: str
    """The name of that rule; empty if there is none."""
    sender_role: str
    """The ARN of the role with which that rule sends; empty if there is no rule."""
    uploads: Queue
    dead_letters: Queue
    refused: Queue
    undelivered: Queue | None
    """The queue of events that EventBridge could not deliver; None without such a rule."""
    function: dict[str, Any]
    """The answer of GetFunctionConfiguration."""
    mapping: dict[str, Any]
    """The answer of ListEventSourceMappings."""
    concurrency: int
    """How many copies of the function the queue may start at once."""

    @property
    def environment(self) -> dict[str, str]:
        """The function's environment variables; `components.producer.function` lists them."""
        return self.function["Environment"]["Variables"]

    @property
    def execution_role(self) -> str:
        """The ARN of the function's role in the producer account."""
        return self.function["Role"]

    @property
    def thumbx_role(self) -> str:
        """The ARN of ThumbXRole."""
        return self.environment["TARGET_ROLE_ARN"]

    @property
    def log_group(self) -> str:
        """The name of the function's log group."""
        return self.function["LoggingConfig"]["LogGroup"]

    @property
    def pictures(self) -> tuple[str, ...]:
        """The bucket and prefix that the keys of pictures begin with.

        The program's own bucket holds nothing else; one that was there before does.
        """
        prefixes = self.prefixes
        if is_ours(self.bucket) or not prefixes.originals:
            return (f"{self.bucket}/",)
        return (f"{self.bucket}/{prefixes.originals}", f"{self.bucket}/{prefixes.thumbnails}")

    @property
    def identifiers(self) -> frozenset[str]:
        """The identifiers by which API calls name the deployment's resources."""
        queues = (each.name for each in self.queues.values())
        arns = (self.execution_role, self.thumbx_role, self.sender_role)
        roles = (each.rpartition("/")[2] for each in arns if each)
        return frozenset(
            {
                self.bucket,
                self.function["FunctionName"],
                self.log_group,
                self.mapping["UUID"],
                *([self.rule] if self.rule else []),
                *queues,
                *roles,
            }
        )

    @property
    def queues(self) -> dict[str, Queue]:
        """Every queue, by its logical name."""
        found = {
            "ThumbX-uploads": self.uploads,
            "ThumbX-dead-letters": self.dead_letters,
            "ThumbX-refused": self.refused,
        }
        return found | ({UNDELIVERED: self.undelivered} if self.undelivered else {})

    @property
    def accounts(self) -> frozenset[str]:
        """The ids of both accounts."""
        return frozenset(arn.split(":")[4] for arn in (self.uploads.arn, self.thumbx_role))

    @property
    def prefixes(self) -> PicturePrefixes:
        """The prefixes of originals and thumbnails."""
        return PicturePrefixes(
            originals=self.environment["ORIGINALS_PREFIX"],
            thumbnails=self.environment["THUMBNAILS_PREFIX"],
        )


def follow(access: AccountClients, bucket: str) -> Wiring:
    """The wiring of the bucket's deployment.

    Raises WiringError if a part is missing, and AuditError if a part cannot be read.
    """
    notification: dict[str, Any] = {}
    undelivered: Queue | None = None
    rule = sender_role = ""
    if is_ours(bucket):
        notification = _notification(access, bucket)
        uploads = _queue(access, notification["QueueArn"])
    else:
        rule, target = target_of(access, bucket)
        uploads = _queue(access, target["Arn"])
        sender_role = target.get("RoleArn", "")
        letters = target.get("DeadLetterConfig", {}).get("Arn")
        undelivered = _queue(access, letters, STORAGE) if letters else None
    mappings = access.pages(
        PRODUCER,
        "lambda",
        "list_event_source_mappings",
        "EventSourceMappings",
        EventSourceArn=uploads.arn,
    )
    if len(mappings) != 1:
        raise WiringError(
            f"{uploads.name} feeds {len(mappings)} functions, not one; `pulumi up` makes its event "
            "source, and `who --changes` says who changed it"
        )
    with aws_errors("reading the function", PRODUCER):
        function = access.client(PRODUCER, "lambda").get_function_configuration(
            FunctionName=mappings[0]["FunctionArn"]
        )
    try:
        redrive = json.loads(uploads.attributes["RedrivePolicy"])
        refused = function["Environment"]["Variables"]["REFUSED_QUEUE_URL"]
    except KeyError as error:
        raise WiringError(
            f"{error} is missing on the way from {bucket} to its other queues; is this function, "
            f"{function['FunctionName']}, thumbx's? `pulumi up` puts it back"
        ) from error
    account = uploads.arn.rpartition(":")[0]
    return Wiring(
        bucket=bucket,
        notification=notification,
        rule=rule,
        sender_role=sender_role,
        uploads=uploads,
        dead_letters=_queue(access, redrive["deadLetterTargetArn"]),
        refused=_queue(access, f"{account}:{refused.rpartition('/')[2]}"),
        undelivered=undelivered,
        function=function,
        mapping=mappings[0],
        concurrency=mappings[0].get("ScalingConfig", {}).get("MaximumConcurrency", UNBOUNDED),
    )


def _notification(access: AccountClients, bucket: str) -> dict[str, Any]:
    """The one queue that our bucket notifies."""
    with aws_errors(f"reading whom {bucket} notifies", STORAGE):
        found = access.client(STORAGE, "s3").get_bucket_notification_configuration(Bucket=bucket)
    queues = found.get("QueueConfigurations", [])
    if len(queues) != 1:
        raise WiringError(
            f"{bucket} notifies {len(queues)} queues, not one; `pulumi up` puts its notification "
            "back, and `who --changes` says who changed it"
        )
    return queues[0]


def _queue(access: AccountClients, arn: str, side: str = PRODUCER) -> Queue:
    account, name = arn.split(":")[4:6]
    sqs = access.client(side, "sqs")
    with aws_errors(f"reading the queue {name}", side):
        url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return Queue(arn=arn, url=url, attributes=found.get("Attributes", {}))
