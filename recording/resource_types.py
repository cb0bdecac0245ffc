"""The resource types of the program and of its bootstrap: one line for each, which all other
modules read.

The recorder, the sandbox's providers, the access matrix, the linters, the policy pack, the
bootstrap and the cost estimate have no other list of types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recording.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Mapping

BOTH, PRODUCER, STORAGE = ("producer", "storage"), ("producer",), ("storage",)


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One type. Templates contain names of inputs, `name` (the physical one), `account` and
    `region`.
    """

    arn: str = ""
    """The template of its ARN behind the partition, such as `sqs:{region}:{account}:{name}`."""
    id: str = "{name}"
    """The template of the id that the provider gives it; `{arn}` and `{url}` are allowed."""
    named: str = ""
    """The input with its physical name; Pulumi chooses the name if the program sets none."""
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Templates of what AWS adds beside `arn`."""
    document: str = ""
    """The input that holds an IAM document."""
    kind: str = "resource"
    """The kind of that document: identity, resource or trust."""
    tagged: bool = False
    """Whether it takes tags."""
    accounts: tuple[str, ...] = ()
    """The accounts in which the program makes it; none for what only bootstrap and pack know."""
    monthly: float = 0.0
    """US dollars a month while it exists, at the list price of us-east-1, without free amounts."""


def _of_bucket(document: str = "") -> ResourceType:
    return ResourceType(id="{bucket}", document=document, accounts=STORAGE)


def _of_queue(document: str = "", accounts: tuple[str, ...] = BOTH) -> ResourceType:
    return ResourceType(id="{queueUrl}", document=document, accounts=accounts)


TYPES: Mapping[str, ResourceType] = {
    "aws:accessanalyzer/analyzer:Analyzer": ResourceType(
        arn="access-analyzer:{region}:{account}:analyzer/{analyzerName}",
        id="{analyzerName}",
        tagged=True,
        accounts=BOTH,
    ),
    "aws:accessanalyzer/archiveRule:ArchiveRule": ResourceType(
        id="{analyzerName}/{ruleName}", accounts=STORAGE
    ),
    "aws:cloudtrail/trail:Trail": ResourceType(
        arn="cloudtrail:{region}:{account}:trail/{name}",
        id="{arn}",
        named="name",
        tagged=True,
        accounts=BOTH,
    ),
    "aws:cloudwatch/dashboard:Dashboard": ResourceType(
        id="{dashboardName}", accounts=BOTH, monthly=3.00
    ),
    "aws:cloudwatch/eventRule:EventRule": ResourceType(
        arn="events:{region}:{account}:rule/{name}", named="name", tagged=True, accounts=BOTH
    ),
    "aws:cloudwatch/eventTarget:EventTarget": ResourceType(
        id="{rule}-{targetId}", outputs={"targetId": "{name}"}, accounts=BOTH
    ),
    "aws:cloudwatch/logGroup:LogGroup": ResourceType(
        arn="logs:{region}:{account}:log-group:{name}", named="name", tagged=True, accounts=BOTH
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": ResourceType(
        id="{policyName}", document="policyDocument", accounts=BOTH
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ResourceType(
        arn="cloudwatch:{region}:{account}:alarm:{name}",
        named="name",
        tagged=True,
        accounts=BOTH,
        monthly=0.10,
    ),
    "aws:iam/groupPolicy:GroupPolicy": ResourceType(
        id="{group}:{name}", named="name", document="policy", kind="identity"
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ResourceType(
        arn="iam::{account}:oidc-provider/{host}", id="{arn}", tagged=True
    ),
    "aws:iam/policy:Policy": ResourceType(
        arn="iam::{account}:policy{path}{name}",
        id="{arn}",
        named="name",
        document="policy",
        kind="identity",
        tagged=True,
    ),
    "aws:iam/role:Role": ResourceType(
        arn="iam::{account}:role{path}{name}",
        named="name",
        outputs={"uniqueId": "AROA{unique}"},
        document="assumeRolePolicy",
        kind="trust",
        tagged=True,
        accounts=BOTH,
    ),
    "aws:iam/rolePolicy:RolePolicy": ResourceType(
        id="{role}:{name}", named="name", document="policy", kind="identity", accounts=BOTH
    ),
    "aws:iam/userPolicy:UserPolicy": ResourceType(
        id="{user}:{name}", named="name", document="policy", kind="identity"
    ),
    "aws:kms/key:Key": ResourceType(
        arn="kms:{region}:{account}:key/{name}",
        outputs={"keyId": "{name}"},
        document="policy",
        tagged=True,
        accounts=STORAGE,
        monthly=1.00,
    ),
    "aws:kms/keyPolicy:KeyPolicy": ResourceType(id="{keyId}", document="policy"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": ResourceType(
        arn="lambda:{region}:{account}:event-source-mapping:{name}",
        outputs={"uuid": "{name}"},
        tagged=True,
        accounts=PRODUCER,
    ),
    "aws:lambda/function:Function": ResourceType(
        arn="lambda:{region}:{account}:function:{name}",
        named="name",
        tagged=True,
        accounts=PRODUCER,
    ),
    "aws:lambda/layerVersion:LayerVersion": ResourceType(
        arn="lambda:{region}:{account}:layer:{name}:1", id="{arn}", accounts=PRODUCER
    ),
    "aws:lambda/permission:Permission": ResourceType(id="{statementId}"),
    "aws:s3/bucket:Bucket": ResourceType(
        arn="s3:::{name}", named="bucket", document="policy", tagged=True, accounts=STORAGE
    ),
    "aws:s3/bucketAcl:BucketAcl": ResourceType(id="{bucket}"),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _of_bucket(),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _of_bucket(),
    "aws:s3/bucketNotification:BucketNotification": _of_bucket(),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _of_bucket(),
    "aws:s3/bucketPolicy:BucketPolicy": _of_bucket("policy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _of_bucket(),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _of_bucket()
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _of_bucket(),
    "aws:secretsmanager/secretPolicy:SecretPolicy": ResourceType(
        id="{secretArn}", document="policy"
    ),
    "aws:sns/topic:Topic": ResourceType(
        arn="sns:{region}:{account}:{name}",
        id="{arn}",
        named="name",
        document="policy",
        tagged=True,
        accounts=BOTH,
    ),
    "aws:sns/topicPolicy:TopicPolicy": ResourceType(id="{arn}", document="policy", accounts=BOTH),
    "aws:sns/topicSubscription:TopicSubscription": ResourceType(
        id="{arn}", outputs={"arn": "{topic}:{name}"}, accounts=BOTH
    ),
    "aws:sqs/queue:Queue": ResourceType(
        arn="sqs:{region}:{account}:{name}",
        id="{url}",
        named="name",
        outputs={"url": "https://sqs.{region}.amazonaws.com/{account}/{name}"},
        document="policy",
        tagged=True,
        accounts=BOTH,  # in the storage account for an existing bucket
    ),
    "aws:sqs/queuePolicy:QueuePolicy": _of_queue("policy"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _of_queue(),
    "aws:sqs/redrivePolicy:RedrivePolicy": _of_queue(accounts=PRODUCER),
    "pulumi:providers:aws": ResourceType(),
}


def resource_type(token: str) -> ResourceType:
    """Return the type's line; RecordingError if the table has none."""
    if token not in TYPES:
        raise RecordingError(
            f"{token} is not in the table of resource types; add its line to TYPES in "
            f'recording/resource_types.py: "{token}": ResourceType(arn=..., id=..., ...)'
        )
    return TYPES[token]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The names that AWS or Pulumi chooses for one resource, and its account and region."""

    name: str
    """The physical name, where the program sets none."""
    unique: str
    """Sixteen letters and digits of the unique id."""
    account: str
    region: str


def outputs(token: str, inputs: Mapping[str, Any], chosen: Chosen) -> dict[str, Any]:
    """Return the outputs that AWS adds to the inputs of a resource, including `id`; the
    partition is `aws`.
    """
    kind = resource_type(token)
    name = inputs.get(kind.named) or chosen.name
    known: dict[str, Any] = {"path": "/", "host": str(inputs.get("url", "")).partition("://")[2]}
    known |= inputs
    known |= {"name": name, "unique": chosen.unique}
    known |= {"account": chosen.account, "region": chosen.region}
    found = {key: inputs.get(key) or text.format_map(known) for key, text in kind.outputs.items()}
    if kind.named:
        found[kind.named] = name
    if kind.arn:
        found["arn"] = f"arn:aws:{kind.arn.format_map(known)}"
    return found | {"id": kind.id.format_map(known | found)}
