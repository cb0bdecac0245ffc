"""AWS's size limits: a document that is larger passes every preview and fails its update."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from proof.variants import VARIANTS
from recording.resource_types import TYPES
from tests.configured import faults
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Resource

B = "222222222222"
# Characters by type, each with its page. An inline policy counts with the others of its role.
MOST = {
    "aws:cloudwatch/eventRule:EventRule": (2048, "eventbridge/latest/userguide/eb-quota.html"),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": (
        5120,
        "AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html",
    ),
    "aws:iam/role:Role": (2048, "IAM/latest/UserGuide/reference_iam-quotas.html"),
    "aws:iam/rolePolicy:RolePolicy": (10240, "IAM/latest/UserGuide/reference_iam-quotas.html"),
    "aws:kms/key:Key": (32768, "kms/latest/developerguide/resource-limits.html"),
    "aws:s3/bucketPolicy:BucketPolicy": (20480, "AmazonS3/latest/userguide/bucket-policies.html"),
    "aws:sns/topicPolicy:TopicPolicy": (30720, "general/latest/gr/sns.html"),
    "aws:sqs/queuePolicy:QueuePolicy": (
        8192,
        "AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
    ),
}
# Names of the longest kind that the configuration takes.
LONGEST = {
    "region": "ap-southeast-3",
    "producer.rolePath": "/" + "p" * 500 + "/",
    "storage.rolePath": "/" + "p" * 500 + "/",
    "thumbnails.originalsPrefix": "o" * 199 + "/",
    "thumbnails.thumbnailsPrefix": "t" * 199 + "/",
    "thumbnails.sizes": {"s" * 31 + str(n): 100 + n for n in range(10)},
    "storage.encryption": "kms",
    "security.sessionPolicy": True,
    "security.presignedMinutes": 10080,
}
STACKS: dict[str, tuple[str, dict[str, Any]]] = {**VARIANTS, "longest names": ("dev", LONGEST)}


def document(each: Resource) -> str:
    if not each.token.startswith("aws:"):
        return ""
    key = "eventPattern" if each.token.endswith("EventRule") else TYPES[each.token].document
    return each.inputs.get(key, "") if key else ""


@pytest.mark.parametrize("stack", STACKS)
def test_every_document_is_one_that_aws_takes(stack: str) -> None:
    """MOST has the limit of each type. A new type that has a document needs a limit there."""
    name, overrides = STACKS[stack]
    with_document = [each for each in record(name, overrides).resources if document(each)]
    for each in filled(with_document):
        most, page = MOST[each.token]
        assert len(document(each)) <= most, f"{each.name}: {page}"


def test_no_queue_policy_names_more_principals_than_sqs_takes() -> None:
    """Fifty, whatever the configuration lists: nobody of it is named there."""
    text = document(record("dev").named("ThumbX-uploads-policy"))
    assert {str(each["Principal"]) for each in json.loads(text)["Statement"]} == {
        "*",
        "{'Service': 's3.amazonaws.com'}",
    }


def test_the_variables_of_the_function_are_within_four_kilobytes() -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    environment = record("dev", LONGEST).named("ThumbX-function").inputs["environment"]
    assert sum(len(key) + len(value) for key, value in environment["variables"].items()) <= 4096


def test_no_dashboard_has_more_metrics_than_cloudwatch_shows() -> None:
    """500 in a widget and 2,500 in all, and 500 widgets; whatever the configuration lists."""
    boards = record("dev", LONGEST).of("aws:cloudwatch/dashboard:Dashboard")
    for each in filled(boards):
        widgets = json.loads(each.inputs["dashboardBody"])["widgets"]
        counts = [len(widget["properties"].get("metrics", [])) for widget in widgets]
        assert max(counts) <= 500
        assert sum(counts) <= 2500
        assert len(widgets) <= 500


def test_more_deployers_than_an_event_pattern_holds_are_refused() -> None:
    """The greatest number that is accepted fits into the longest rule."""
    roles = [f"arn:aws:iam::{B}:role/deployer-{n:02}" for n in range(30)]
    most = next(n for n in range(30) if faults({"watch.deployers": roles[: n + 1]}))
    assert most > 10
    program = record("dev", {"watch.deployers": roles[:most]})
    rules = program.of("aws:cloudwatch/eventRule:EventRule")
    longest = max(len(document(each)) for each in filled(rules))
    assert 1900 < longest <= MOST["aws:cloudwatch/eventRule:EventRule"][0]
    (said,) = faults({"watch.deployers": roles})
    assert said.startswith("thumbx:watch.deployers is '30 roles', which makes an event pattern of ")
