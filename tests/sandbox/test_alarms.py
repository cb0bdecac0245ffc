"""Alarms in the emulator: a ringing alarm is received, and the rules match their events."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit import events as trail
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording
    from sandbox.deployment import Deployment

pytestmark = pytest.mark.slow

A, B = "111111111111", "222222222222"
SECONDS = 10  # it takes a few hundredths


def test_an_alarm_that_rings_reaches_whoever_is_subscribed(deployment: Deployment) -> None:
    """Every alarm takes this way: to the topic that the program made, with the program's text."""
    topic = deployment.exports["producer_alerts"]
    queue = deployment.sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = f"arn:aws:sqs:{deployment.stack.region}:{A}:listener"
    may_send = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    deployment.sqs.set_queue_attributes(
        QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [may_send]})}
    )
    sns = deployment.clients.client("sns", A, deployment.stack.region)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    cloudwatch = deployment.clients.client("cloudwatch", A, deployment.stack.region)
    (alarm,) = cloudwatch.describe_alarms(AlarmNamePrefix="ThumbX-pipeline-dead-letters")[
        "MetricAlarms"
    ]
    name = alarm.get("AlarmName", "")

    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    heard = _receive(deployment, queue)
    assert heard["AlarmName"] == name
    assert heard["NewStateValue"] == "ALARM"
    assert " First: " in heard["AlarmDescription"]

    cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="the test is over")
    assert _receive(deployment, queue)["NewStateValue"] == "OK"


def event(source: str, detail: dict[str, Any], **more: Any) -> dict[str, Any]:
    detail = {"eventSource": f"{source}.amazonaws.com", **detail}
    return {"source": f"aws.{source}", "detail-type": "AWS API Call via CloudTrail",
            "detail": detail, **more}  # fmt: skip


def finding(**detail: Any) -> dict[str, Any]:
    return {
        "source": "aws.access-analyzer",
        "detail-type": "Access Analyzer Finding",
        "resources": [f"arn:aws:access-analyzer:eu-central-1:{B}:analyzer/thumbx-dev"],
        "detail": {"isDeleted": False, "status": "ACTIVE", **detail},
    }


def denied(**parameters: str) -> dict[str, Any]:
    return {
        "eventName": "GetObject",
        "errorCode": "AccessDenied",
        "requestParameters": {"bucketName": "thumbx-images-0a1b2c3", **parameters},
    }


def policy_put(bucket: str) -> dict[str, Any]:
    return {"eventName": "PutBucketPolicy", "requestParameters": {"bucketName": bucket}}


def elsewhere(record: dict[str, Any]) -> dict[str, Any]:
    """The same refusal, of a call on something that is not ours."""
    message = record["errorMessage"].replace("ThumbXRole-0a1b2c3", "other")
    return record | {"errorMessage": message.replace("thumbx-dev", "other")}


def role(name: str, call: str = "UpdateAssumeRolePolicy") -> dict[str, Any]:
    return {"eventName": call, "requestParameters": {"roleName": name}}


# The rules must match the refused calls that the audit's tests read.
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SESSION = trail.RecordedTrail().denied_assume_role(NOW)
ROLE = trail.RecordedTrail().denied_on_role(NOW, "PutRolePolicy", trail.INSIDER)
STOP = trail.RecordedTrail().denied_on_trail(NOW, "StopLogging", trail.INSIDER)

CASES = [
    ("ThumbX-storage-denied-calls", event("s3", denied(key="originals/a.jpg")), True),
    ("ThumbX-storage-denied-calls", event("s3", denied() | {"errorCode": "NoSuchKey"}), False),
    ("ThumbX-storage-bucket-changed", event("s3", policy_put("thumbx-logs-0a1b2c3")), True),
    ("ThumbX-storage-bucket-changed", event("s3", policy_put("another")), False),
    ("ThumbX-storage-role-changed", event("iam", role("ThumbXRole-0a1b2c3")), True),
    ("ThumbX-storage-role-changed", event("iam", role("ThumbXRole-0a1b2c3", "TagRole")), False),
    ("ThumbX-storage-role-changed", event("iam", ROLE), True),
    ("ThumbX-storage-role-changed", event("iam", elsewhere(ROLE)), False),
    ("ThumbX-storage-trail-changed", event("cloudtrail", STOP), True),
    ("ThumbX-storage-trail-changed", event("cloudtrail", elsewhere(STOP)), False),
    ("ThumbX-storage-trail-changed",
     event("cloudtrail", {"eventName": "StopLogging", "requestParameters": {"name": "thumbx-dev"}}),
     True),
    ("ThumbX-storage-trail-changed",
     event("cloudtrail", {"eventName": "PutEventSelectors", "requestParameters": {
         "trailName": f"arn:aws:cloudtrail:eu-central-1:{B}:trail/thumbx-dev"}}), True),
    ("ThumbX-pipeline-denied-sessions", event("sts", SESSION), True),
    ("ThumbX-pipeline-denied-sessions", event("sts", elsewhere(SESSION)), False),
    ("ThumbX-storage-findings", finding(), True),
    ("ThumbX-storage-findings", finding(status="ARCHIVED"), False),
    ("ThumbX-storage-findings", finding(isDeleted=True), False),
]  # fmt: skip


@pytest.fixture(scope="session")
def dev_rules() -> Recording:
    """The patterns of the example stack, because the sandbox's own stack has none without a
    trail.
    """
    return record("dev")


@pytest.mark.parametrize(("rule", "happened", "matches"), CASES)
def test_a_rule_matches_the_events_it_is_for_and_no_others(
    deployment: Deployment, dev_rules: Recording, rule: str, happened: dict[str, Any], matches: bool
) -> None:
    """By EventBridge's own test call; the events have CloudTrail's documented format."""
    pattern = dev_rules.named(rule, "aws:cloudwatch/eventRule:EventRule").inputs["eventPattern"]
    whole = {"id": "1", "account": B, "time": "2030-01-02T03:04:05Z", "region": "eu-central-1"}
    whole |= {"resources": [], **happened}
    events = deployment.clients.client("events", B, deployment.stack.region)
    answer = events.test_event_pattern(EventPattern=pattern, Event=json.dumps(whole))
    assert answer["Result"] == matches


def _receive(deployment: Deployment, queue: str) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        found = deployment.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
        for message in found.get("Messages", []):
            deployment.sqs.delete_message(
                QueueUrl=queue, ReceiptHandle=message.get("ReceiptHandle", "")
            )
            return json.loads(json.loads(message.get("Body", ""))["Message"])
    raise AssertionError(f"nobody told the listener within {SECONDS} s")
