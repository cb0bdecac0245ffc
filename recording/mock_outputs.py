"""What AWS would answer to a registration, for a program that is recorded and not deployed."""

from __future__ import annotations

from typing import Any

from recording.errors import SandboxError

# The ARN of each type, in the words of `answer`. What it is built of is never what is tested.
_ARNS = {
    "aws:accessanalyzer/analyzer:Analyzer": "access-analyzer:{place}:analyzer/{analyzerName}",
    "aws:cloudtrail/trail:Trail": "cloudtrail:{place}:trail/{name}",
    "aws:cloudwatch/eventRule:EventRule": "events:{place}:rule/{name}",
    "aws:cloudwatch/logGroup:LogGroup": "logs:{place}:log-group:{name}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "cloudwatch:{place}:alarm:{name}",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "iam::{account}:oidc-provider/{host}",
    "aws:iam/policy:Policy": "iam::{account}:policy{path}{name}",
    "aws:iam/role:Role": "iam::{account}:role{path}{name}",
    "aws:kms/key:Key": "kms:{place}:key/{name}",
    "aws:lambda/function:Function": "lambda:{place}:function:{name}",
    "aws:lambda/layerVersion:LayerVersion": "lambda:{place}:layer:{name}:1",
    "aws:s3/bucket:Bucket": "s3:::{name}",
    "aws:sns/topic:Topic": "sns:{place}:{name}",
    "aws:sqs/queue:Queue": "sqs:{place}:{name}",
}
_WITHOUT_ARN = frozenset(
    {
        "aws:accessanalyzer/archiveRule:ArchiveRule",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketNotification:BucketNotification",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        "pulumi:providers:aws",
    }
)


def answer(
    token: str, name: str, inputs: dict[str, Any], account: str, region: str
) -> dict[str, Any]:
    """Return what AWS would add to the inputs; SandboxError for a type not listed here."""
    physical = f"{name}-0a1b2c3"
    if token in _WITHOUT_ARN:
        return {"id": physical}
    if token not in _ARNS:
        raise SandboxError(
            f"the recorder does not know {token} ({name}); add to recording/mock_outputs.py what "
            "AWS answers, so that what is built from its outputs is not null"
        )
    named = {"name": physical, "path": "/"} | inputs
    named["host"] = inputs.get("url", "").partition("://")[2]
    ending = _ARNS[token].format_map(named | {"account": account, "place": f"{region}:{account}"})
    outputs = {"id": physical, "arn": f"arn:aws:{ending}", "name": named["name"]}
    if token == "aws:iam/role:Role":  # noqa: S105 - a type, not a password
        outputs["uniqueId"] = f"AROA{name.upper():0<16.16}"
    if token == "aws:s3/bucket:Bucket":  # noqa: S105
        outputs["bucket"] = physical
    if token == "aws:sqs/queue:Queue":  # noqa: S105
        outputs["url"] = f"https://sqs.{region}.amazonaws.com/{account}/{physical}"
    return outputs
