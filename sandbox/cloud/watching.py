"""Refusals of CloudTrail, EventBridge and Access Analyzer, each with its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.cloud.buckets import BUCKET_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.cloud.things import Cloud, Thing

RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
ANALYZER = "aws:accessanalyzer/analyzer:Analyzer"
LONGEST_PATTERN = 2048


def trail(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """CloudTrail asks the bucket's policy, which has to name the trail.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    name = thing.inputs["s3BucketName"]
    policies = [each for each in cloud.of(BUCKET_POLICY) if each.inputs["bucket"] == name]
    if not any(thing.outputs["arn"] in each.inputs["policy"] for each in policies):
        yield f"InsufficientS3BucketPolicyException: Incorrect S3 bucket policy for {name}"


def event_rule(_: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"""
    if len(thing.inputs.get("eventPattern") or "") > LONGEST_PATTERN:
        yield f"ValidationException: the event pattern has more than {LONGEST_PATTERN} characters"


def target(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html"""
    if not cloud.find(RULE, thing.inputs["rule"], thing.account, thing.region):
        yield f"ResourceNotFoundException: Rule {thing.inputs['rule']} does not exist"
    called = thing.inputs.get("roleArn")
    if called and not cloud.exists(called):
        yield f"ValidationException: {called} does not exist"


def analyzer(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html"""
    for each in cloud.of(ANALYZER):
        if (each.account, each.region) == (thing.account, thing.region) and each.id != thing.id:
            yield "ServiceQuotaExceededException: there is an analyzer of external access already"


def archive_rule(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateArchiveRule.html"""
    name = thing.inputs["analyzerName"]
    adopted = any(each.endswith(f":{thing.account}:analyzer/{name}") for each in cloud.outside)
    if not adopted and not cloud.find(ANALYZER, name, thing.account, thing.region):
        yield f"ResourceNotFoundException: analyzer {name}"


def delete_event_rule(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html"""
    for each in cloud.of(TARGET):
        of = (each.account, each.region, each.inputs["rule"])
        if of == (thing.account, thing.region, thing.id):
            yield f"ValidationException: Rule can't be deleted since it has targets: {each.id}"


SAVING: Mapping[str, Callable[[Cloud, Thing], Iterator[str]]] = {
    "aws:cloudtrail/trail:Trail": trail,
    RULE: event_rule,
    TARGET: target,
    ANALYZER: analyzer,
    "aws:accessanalyzer/archiveRule:ArchiveRule": archive_rule,
}
DELETING: Mapping[str, Callable[[Cloud, Thing], Iterator[str]]] = {
    RULE: delete_event_rule,
}
