"""Changes: for every type that the program makes, the calls that could harm its resources."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from audit import command
from audit.checks import report
from audit.evidence.changes import changes_ours
from recording.resource_calls import CALLS, endangered
from recording.resource_types import TYPES
from tests.audit import aws, events
from tests.filled import filled

if TYPE_CHECKING:
    from pathlib import Path

    from recording.recording import Recording

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPAN = ["--since", "2026-11-23", "--until", "2026-11-25"]
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:{events.REGION}:{events.B}:key/{KEY_ID}"
# CloudTrail's names of services that botocore calls otherwise.
BOTOCORE = {"monitoring": "cloudwatch", "access-analyzer": "accessanalyzer"}
# Calls of which CloudTrail's name is not the operation's: it leaves a word out.
SHORT = {
    "ApplyArchive",
    "ConfirmSub",
    "DeleteAccountPublicAccessBlock",
    "DeleteBucketPublicAccessBlock",
    "PutAccountPublicAccessBlock",
    "PutBucketPublicAccessBlock",
    "SetQueue",
}


def record(source: str, name: str, parameters: dict[str, Any] | None, **more: Any) -> Any:
    trail = events.RecordedTrail()
    made = trail.on_bucket(NOW, name, events.DEPLOYER)
    return (
        made
        | {
            "eventSource": f"{source}.amazonaws.com",
            "requestParameters": parameters,
            "readOnly": False,
        }
        | more
    )


def test_every_type_has_its_calls_and_what_is_compared_or_why_nothing() -> None:
    """A type that is added to only one of the two tables would be watched by nobody."""
    assert set(CALLS) == set(TYPES)
    for token, calls in CALLS.items():
        assert bool(calls.compared) != bool(calls.because), token
        if TYPES[token].accounts:
            assert calls.dangerous, token


def test_every_line_that_is_promised_is_one_of_check(dev: Recording) -> None:
    """Names are compared by their beginning, because some lines exist once for each account or
    role.
    """
    lines = [what for what, _ in report.CHECKS]
    for token, calls in filled(CALLS.items()):
        assert any(line.startswith(calls.compared) for line in lines), token


def test_every_dangerous_call_is_one_that_the_service_has() -> None:
    """A misspelt name would never match anything."""
    known = botocore.session.get_session()
    checked = 0
    for calls in CALLS.values():
        for name in calls.dangerous:
            if name in SHORT:
                continue
            service = known.get_service_model(BOTOCORE.get(calls.source, calls.source))
            assert any(each.startswith(name) for each in service.operation_names), name
            checked += 1
    assert checked > 60


CASES = [
    ("kms", "PutKeyPolicy", {"keyId": KEY_ID, "policyName": "default"}),
    ("kms", "ScheduleKeyDeletion", {"keyId": KEY_ARN}),
    ("kms", "DisableKey", {"keyId": KEY_ID}),
    ("kms", "CreateGrant", {"keyId": KEY_ID}),
    ("lambda", "UpdateEventSourceMapping20150331", {"uUID": aws.MAPPING_ID}),
    ("lambda", "DeleteEventSourceMapping20150331", {"uUID": aws.MAPPING_ID}),
    ("lambda", "UpdateFunctionCode20150331v2", {"functionName": events.FUNCTION}),
    ("s3", "PutBucketLifecycle", {"bucketName": events.BUCKET}),
    ("s3", "PutBucketReplication", {"bucketName": events.BUCKET}),
    ("s3", "PutAccountPublicAccessBlock", {"accountId": events.B}),
    ("sqs", "PurgeQueue", {"queueUrl": f"https://q/{events.A}/ThumbX-uploads-0a1b2c3"}),
    ("sqs", "SetQueueAttributes", {"queueUrl": f"https://q/{events.A}/ThumbX-uploads-0a1b2c3"}),
    ("sns", "SetTopicAttributes", {"topicArn": "arn:aws:sns:x:1:ThumbX-storage-alerts-0a1b2c3"}),
    ("sns", "Unsubscribe", {"subscriptionArn": "arn:aws:sns:x:1:ThumbX-storage-alerts-0a1b2c3:1"}),
    ("events", "DisableRule", {"name": "ThumbX-storage-findings-0a1b2c3"}),
    ("events", "RemoveTargets", {"rule": "ThumbX-storage-findings-0a1b2c3"}),
    ("monitoring", "DeleteAlarms", {"alarmNames": ["ThumbX-storage-denied-calls-0a1b2c3"]}),
    ("monitoring", "DisableAlarmActions", {"alarmNames": ["ThumbX-storage-denied-0a1b2c3"]}),
    ("cloudtrail", "StopLogging", {"name": "thumbx-dev"}),
]


@pytest.mark.parametrize(("source", "name", "parameters"), CASES)
@pytest.mark.parametrize("known", [(), {KEY_ID, aws.MAPPING_ID}])
def test_a_call_that_can_do_harm_is_a_change(
    source: str, name: str, parameters: dict[str, Any], known: set[str]
) -> None:
    """It is recognised by its own name, also with CloudTrail's date after it, whether or not the
    ids are known.
    """
    assert changes_ours(record(source, name, parameters), known)
    assert endangered(f"{source}.amazonaws.com", name)
    # A call that CloudTrail calls "read-only" is listed too if it can do harm.
    assert changes_ours(record(source, name, parameters, readOnly=True), known)


@pytest.mark.parametrize(
    ("source", "name", "parameters"),
    [
        ("kms", "PutKeyPolicy", {"keyId": "another-key"}),
        ("lambda", "DeleteEventSourceMapping20150331", {"uUID": "another-mapping"}),
        ("s3", "PutBucketPolicy", {"bucketName": "another-bucket"}),
    ],
)
def test_a_call_on_what_is_another_teams_is_not_ours_where_the_ids_are_known(
    source: str, name: str, parameters: dict[str, Any]
) -> None:
    """In an export the key's id is not known, so its calls are shown to be safe."""
    assert not changes_ours(record(source, name, parameters), {KEY_ID, aws.MAPPING_ID})
    assert changes_ours(record(source, name, parameters)) is (source != "s3")


def test_a_refused_call_on_a_key_is_a_change_too() -> None:
    """KMS records null for the parameters of what it refused; the message has the key."""
    message = (
        f"User: {events.INSIDER} is not authorized to perform: kms:PutKeyPolicy on resource: "
        f"{KEY_ARN} because no identity-based policy allows the kms:PutKeyPolicy action"
    )
    refused = record("kms", "PutKeyPolicy", None, errorCode="AccessDenied", errorMessage=message)
    assert changes_ours(refused, {KEY_ID})
    assert not changes_ours(refused, {"another"})


def test_the_command_lists_them_and_marks_what_can_do_harm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One trail has every case, and a new tag, which is a change that does no harm."""
    trail = events.RecordedTrail()
    for source, name, parameters in (
        *CASES,
        ("sqs", "TagQueue", {"queueUrl": f"https://q/{events.A}/ThumbX-uploads-0a1b2c3"}),
    ):
        made = trail.on_bucket(NOW, name, events.DEPLOYER)
        made |= {"eventSource": f"{source}.amazonaws.com", "requestParameters": parameters}
    trail.write(tmp_path)
    words = ["who", "--changes", *SPAN, "--from", str(tmp_path)]
    assert command.main([*words, "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert {each["what"] for each in changes if each["dangerous"]} == {
        f"{source} {name}" for source, name, _ in CASES
    }
    assert [each["what"] for each in changes if not each["dangerous"]] == ["sqs TagQueue"]
    assert command.main(words) == 0
    assert capsys.readouterr().out.count("can do harm") == len(CASES)
