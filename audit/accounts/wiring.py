"""From the bucket's name to everything else, along the deployed wiring itself.

The bucket tells a queue, the queue feeds a function, and the function's environment names
ThumbXRole. So an auditor needs no Pulumi, no state (which may hold secrets) and no list of names.
What was re-wired is followed too, and then is not what the program says: that is for `check`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import WiringError, aws_errors
from audit.accounts.names import PicturePrefixes
from audit.accounts.permissions import PRODUCER, STORAGE

if TYPE_CHECKING:
    from audit.accounts.clients import AccountClients


# What Lambda starts for one queue where no bound was set [AWS documentation].
UNBOUNDED = 1000


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One queue: its ARN and URL, and its attributes as SQS has them."""

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
    uploads: Queue
    dead_letters: Queue
    refused: Queue
    function: dict[str, Any]
    """As GetFunctionConfiguration has it."""
    mapping: dict[str, Any]
    """As ListEventSourceMappings has it."""
    concurrency: int
    """How many copies of the function the queue may start at once."""

    @property
    def environment(self) -> dict[str, str]:
        """What the function is told; `components.producer.function` lists it."""
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
    def identifiers(self) -> frozenset[str]:
        """What calls on the deployment's parts name them by."""
        queues = (self.uploads.name, self.dead_letters.name, self.refused.name)
        roles = (each.rpartition("/")[2] for each in (self.execution_role, self.thumbx_role))
        return frozenset(
            {
                self.bucket,
                self.function["FunctionName"],
                self.log_group,
                self.mapping["UUID"],
                *queues,
                *roles,
            }
        )

    @property
    def accounts(self) -> frozenset[str]:
        """The ids of both accounts."""
        return frozenset(arn.split(":")[4] for arn in (self.uploads.arn, self.thumbx_role))

    @property
    def prefixes(self) -> PicturePrefixes:
        """Where originals and thumbnails lie."""
        return PicturePrefixes(
            originals=self.environment["ORIGINALS_PREFIX"],
            thumbnails=self.environment["THUMBNAILS_PREFIX"],
        )


def follow(access: AccountClients, bucket: str) -> Wiring:
    """The wiring of the bucket's deployment.

    Raises WiringError where a part is missing, and AuditError where it cannot be read.
    """
    with aws_errors(f"reading whom {bucket} notifies", STORAGE):
        notification = access.client(STORAGE, "s3").get_bucket_notification_configuration(
            Bucket=bucket
        )
    queues = notification.get("QueueConfigurations", [])
    if len(queues) != 1:
        raise WiringError(
            f"{bucket} notifies {len(queues)} queues, not one; `pulumi up` puts its notification "
            "back, and `who --changes` says who changed it"
        )
    uploads = _queue(access, queues[0]["QueueArn"])
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
            f"{function['FunctionName']}, thumbx's? `pulumi up` puts back what is"
        ) from error
    account = uploads.arn.rpartition(":")[0]
    return Wiring(
        bucket=bucket,
        notification=queues[0],
        uploads=uploads,
        dead_letters=_queue(access, redrive["deadLetterTargetArn"]),
        refused=_queue(access, f"{account}:{refused.rpartition('/')[2]}"),
        function=function,
        mapping=mappings[0],
        concurrency=mappings[0].get("ScalingConfig", {}).get("MaximumConcurrency", UNBOUNDED),
    )


def _queue(access: AccountClients, arn: str) -> Queue:
    account, name = arn.split(":")[4:6]
    sqs = access.client(PRODUCER, "sqs")
    with aws_errors(f"reading the queue {name}", PRODUCER):
        url = sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    return Queue(arn=arn, url=url, attributes=found.get("Attributes", {}))
