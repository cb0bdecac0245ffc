"""The program on an existing bucket: it touches nothing that its owner has set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from adopt.rule import TAG
from components.configuration.schema import Prefixes
from components.storage.upload_events import pattern
from tests.documents import document
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

B = "222222222222"
BUCKET = "their-pictures"
KEY = f"arn:aws:kms:eu-central-1:{B}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CHANGES = {"storage.bucket": BUCKET, "storage.bucketKey": KEY}
SENDER = f"arn:aws:iam::{B}:role/ThumbX-storage-forwarding-uploads-0a1b2c3"
QUEUE = "arn:aws:sqs:eu-central-1:111111111111:ThumbX-uploads-0a1b2c3"
UNDELIVERED = f"arn:aws:sqs:eu-central-1:{B}:ThumbX-uploads-undelivered-0a1b2c3"
RULE = f"arn:aws:events:eu-central-1:{B}:rule/ThumbX-uploads-rule-0a1b2c3"
BY_RULE = {
    "ArnEquals": {"aws:SourceArn": RULE},
    "StringEquals": {"aws:SourceAccount": B},
}


def plain_http(queue: str) -> dict[str, Any]:
    """The refusal of every call over plain http to a queue."""
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": [queue],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


@pytest.fixture(scope="module")
def program() -> Recording:
    return record("dev", CHANGES)


@pytest.fixture(scope="module")
def whole() -> Recording:
    """All of the bucket is originals."""
    return record("dev", CHANGES | {"thumbnails.originalsPrefix": ""})


def test_nothing_is_made_that_exists_once_per_bucket(program: Recording) -> None:
    """A second notification or policy silently replaces its owner's."""
    for each in filled(program.resources):
        if each.token.startswith("aws:s3/"):
            assert each.name.startswith("thumbx-logs"), each.name
        assert each.token.startswith("aws:s3/") is False or BUCKET not in json.dumps(each.inputs)


def test_nothing_is_protected_and_the_owner_s_bucket_is_no_resource(program: Recording) -> None:
    """A destroy takes the stack away and cannot take the bucket."""
    assert not [each.name for each in program.resources if each.protect]
    assert program.named("thumbx-logs").inputs["forceDestroy"] is True
    assert program.exports["bucket"] == BUCKET


def test_what_sends_the_events_is_in_account_b_and_below_its_component(program: Recording) -> None:
    """Without a parent it has no provider either, and would go wherever the shell points."""
    names = {
        *("ThumbX-uploads-rule", "ThumbX-uploads-target", "ThumbX-uploads-undelivered"),
        *("ThumbX-uploads-undelivered-policy", "ThumbX-uploads-undelivered-redrive-allow"),
        *("ThumbX-storage-forwarding-uploads", "ThumbX-storage-forwarding-uploads-grants"),
    }
    found = {
        each.name: (each.account, each.provider, each.parent)
        for each in program.resources
        if each.name in names
    }
    assert found == dict.fromkeys(names, (B, "storage", "ThumbX"))


def test_no_key_is_made(program: Recording) -> None:
    assert not program.of("aws:kms/key:Key")


def test_the_rule_hears_of_originals_in_this_bucket_only(program: Recording) -> None:
    rule = program.named("ThumbX-uploads-rule").inputs
    assert json.loads(rule["eventPattern"]) == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {
            "bucket": {"name": [BUCKET]},
            "object": {"key": [{"prefix": "originals/"}]},
            # A lifecycle's removals of noncurrent versions are told of, too; nobody needs them.
            "$or": [
                {"reason": [{"anything-but": ["Lifecycle Expiration"]}]},
                {"deletion-type": ["Delete Marker Created"]},
            ],
        },
    }
    assert "eventBusName" not in rule  # the default bus: S3 sends to no other


def test_the_provider_leaves_the_note_of_adopt_enable_alone(
    program: Recording, dev: Recording
) -> None:
    """The tag says that the switch was off before; `release` would leave it on without the tag."""
    providers = {each.name: each.inputs for each in program.of("pulumi:providers:aws")}
    assert json.loads(providers["storage"]["ignoreTags"]) == {"keys": [TAG]}
    assert "ignoreTags" not in providers["producer"]
    assert not [each for each in dev.of("pulumi:providers:aws") if "ignoreTags" in each.inputs]


def test_no_resource_ignores_changes(program: Recording, dev: Recording) -> None:
    """Nobody puts back a property that the engine ignores, not even the stack's own tags."""
    assert not [each.name for each in (*program.resources, *dev.resources) if each.ignores]


def test_without_a_prefix_the_rule_leaves_out_thumbnails() -> None:
    """Several matchers on one field are ORed: with a prefix beside it, this would match all."""
    key: Any = pattern(BUCKET, Prefixes(originals="", thumbnails="thumbs/"))["detail"]
    assert key["object"]["key"] == [{"anything-but": {"prefix": "thumbs/"}}]


def test_the_target_sends_with_the_role_and_has_a_dead_letter_queue(program: Recording) -> None:
    """Without permission EventBridge does not try again: set aside, or lost."""
    target = program.named("ThumbX-uploads-target").inputs
    assert target["arn"] == QUEUE
    assert target["roleArn"] == SENDER
    assert target["deadLetterConfig"] == {"arn": UNDELIVERED}
    undelivered = program.named("ThumbX-uploads-undelivered")
    assert undelivered.account == B
    assert undelivered.inputs["messageRetentionSeconds"] == 14 * 24 * 3600
    assert undelivered.inputs["sqsManagedSseEnabled"] is True  # the events name pictures


def test_the_sender_is_taken_by_this_rule_only(program: Recording) -> None:
    assert document(program, "ThumbX-storage-forwarding-uploads")["Statement"] == [
        {
            "Sid": "AssumeByRule",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": BY_RULE,
        }
    ]


def test_the_sender_may_send_to_the_one_queue_and_nothing_else(program: Recording) -> None:
    assert document(program, "ThumbX-storage-forwarding-uploads-grants")["Statement"] == [
        {
            "Sid": "SendUploads",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": QUEUE,
        }
    ]


def test_the_queue_in_a_lets_the_role_send_and_not_s3(program: Recording) -> None:
    """The call is the role's own session, so no condition on a source would ever be met."""
    events, transport = document(program, "ThumbX-uploads-policy")["Statement"]
    assert events == {
        "Sid": "BucketEvents",
        "Effect": "Allow",
        "Principal": {"AWS": SENDER},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
    }
    assert transport == plain_http(QUEUE)


def test_only_the_rule_sets_undelivered_events_aside(program: Recording) -> None:
    set_aside, transport = document(program, "ThumbX-uploads-undelivered-policy")["Statement"]
    assert set_aside == {
        "Sid": "Undelivered",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": UNDELIVERED,
        "Condition": BY_RULE,
    }
    assert transport == plain_http(UNDELIVERED)
    allow = program.named("ThumbX-uploads-undelivered-redrive-allow").inputs
    assert json.loads(allow["redriveAllowPolicy"]) == {"redrivePermission": "denyAll"}


def test_the_target_is_made_last_and_so_removed_first(program: Recording) -> None:
    """Nothing waits for it, and it waits for whatever it needs to work."""
    waits = set(program.named("ThumbX-uploads-target").waits_for)
    assert waits >= {
        "ThumbX-uploads-rule",
        "ThumbX-uploads-policy",
        "ThumbX-storage-forwarding-uploads",
        "ThumbX-storage-forwarding-uploads-grants",
        "ThumbX-uploads-undelivered",
        "ThumbX-uploads-undelivered-policy",
    }
    assert not [x.name for x in program.resources if "ThumbX-uploads-target" in x.waits_for]


def test_thumbx_role_is_refused_its_own_thumbnails(whole: Recording) -> None:
    """If the whole bucket is uploads, the role's grant to read has no prefix, and no bucket policy
    of ours refuses the thumbnails.
    """
    granted = document(whole, "ThumbXRole-grants")["Statement"]
    assert granted[0]["Resource"] == f"arn:aws:s3:::{BUCKET}/*"
    assert document(whole, "ThumbXRole-refusals")["Statement"] == [
        {
            "Sid": "DenyReadingThumbnails",
            "Effect": "Deny",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/thumbnails/*",
        }
    ]
    assert "ThumbXRole-refusals" in whole.named("ThumbX-function").waits_for


def test_the_key_is_used_through_s3_for_this_bucket_only(program: Recording) -> None:
    """Objects from before the bucket key have their own ARN as context, others the bucket's."""
    *_, key = document(program, "ThumbXRole-grants")["Statement"]
    assert key["Resource"] == KEY
    assert key["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"},
        "StringLike": {
            "kms:EncryptionContext:aws:s3:arn": [
                f"arn:aws:s3:::{BUCKET}",
                f"arn:aws:s3:::{BUCKET}/*",
            ]
        },
    }


@pytest.mark.parametrize(
    ("alarm", "metric"),
    [
        ("not-sent", "FailedInvocations"),
        ("set-aside", "InvocationsSentToDlq"),
        ("lost", "InvocationsFailedToBeSentToDlq"),
    ],
)
def test_an_alarm_rings_when_events_do_not_arrive(
    program: Recording, alarm: str, metric: str
) -> None:
    found = program.named(
        f"ThumbX-storage-uploads-{alarm}", "aws:cloudwatch/metricAlarm:MetricAlarm"
    )
    assert found.account == B
    assert found.inputs["namespace"] == "AWS/Events"
    assert found.inputs["metricName"] == metric
    assert found.inputs["dimensions"] == {"RuleName": "ThumbX-uploads-rule-0a1b2c3"}
    assert found.inputs["threshold"] == 1


def test_an_alarm_rings_when_somebody_turns_the_switch_off(program: Recording) -> None:
    """No alarm rings for what the owner does with the rest of the bucket."""
    rule = program.named(
        "ThumbX-storage-notification-changed", "aws:cloudwatch/eventRule:EventRule"
    )
    detail = json.loads(rule.inputs["eventPattern"])["detail"]
    assert "PutBucketNotification" in detail["eventName"]
    assert detail["requestParameters"] == {"bucketName": [BUCKET]}
    changes = program.named("ThumbX-storage-bucket-changed", "aws:cloudwatch/eventRule:EventRule")
    assert BUCKET not in changes.inputs["eventPattern"]


def test_the_trail_logs_the_pictures_and_not_the_owner_s_other_objects(
    program: Recording, whole: Recording
) -> None:
    """Each logged call costs money, and calls on other objects are the owner's business."""

    def logged(recording: Recording) -> list[str]:
        selectors = recording.named("ThumbX-storage-trail").inputs["advancedEventSelectors"]
        fields = {each["field"]: each for each in selectors[-1]["fieldSelectors"]}
        return fields["resources.ARN"]["startsWiths"]

    both = [f"arn:aws:s3:::{BUCKET}/{each}/" for each in ("originals", "thumbnails")]
    assert logged(program) == both
    assert logged(whole) == [f"arn:aws:s3:::{BUCKET}/"]


def test_the_function_knows_that_the_bucket_is_shared(whole: Recording, dev: Recording) -> None:
    told = whole.named("ThumbX-function").inputs["environment"]["variables"]
    assert told["SHARED_BUCKET"] == "true"
    assert told["ORIGINALS_PREFIX"] == ""
    assert told["BUCKET"] == BUCKET
    assert "SHARED_BUCKET" not in dev.named("ThumbX-function").inputs["environment"]["variables"]


def test_our_own_bucket_sends_its_events_to_eventbridge_only_where_asked(dev: Recording) -> None:
    """S3 then sends all of them, and AWS charges for each."""
    asked = record("dev", {"storage.eventBridge": True})
    assert asked.named("thumbx-images-notification").inputs["eventbridge"] is True
    assert dev.named("thumbx-images-notification").inputs["eventbridge"] is False
    assert asked.named("thumbx-images-notification").inputs["queues"]
