"""The trails: what they select, who may write to their bucket, and what each switch leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.components.test_program import waits
from tests.documents import document
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

A, B = "111111111111", "222222222222"
PICTURES = "arn:aws:s3:::thumbx-images-0a1b2c3"
LOGS = "arn:aws:s3:::thumbx-logs-0a1b2c3"
TRAIL_A = f"arn:aws:cloudtrail:eu-central-1:{A}:trail/thumbx-dev"
TRAIL_B = f"arn:aws:cloudtrail:eu-central-1:{B}:trail/thumbx-dev"
ADOPTED = {
    "watch.trail": "arn:aws:cloudtrail:eu-central-1:333333333333:trail/organisation",
    "watch.trailBucket": "organisation-logs",
    "watch.managementEvents": "adopt",
}
MANAGEMENT = {
    "name": "Management events selector",
    "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}],
}


def selectors(program: Recording, trail: str) -> list[dict[str, Any]]:
    return program.named(trail).inputs["advancedEventSelectors"]


def pictures(*more: dict[str, Any]) -> dict[str, Any]:
    """The selector of calls on pictures."""
    return {
        "name": "Pictures",
        "fieldSelectors": [
            {"field": "eventCategory", "equals": ["Data"]},
            {"field": "resources.type", "equals": ["AWS::S3::Object"]},
            {"field": "resources.ARN", "startsWiths": [f"{PICTURES}/"]},
            *more,
        ],
    }


def test_the_storage_trail_logs_sessions_and_every_call_on_a_picture(dev: Recording) -> None:
    """Calls on the log bucket are not logged, because each written file would cause the next
    one.
    """
    assert selectors(dev, "ThumbX-storage-trail") == [MANAGEMENT, pictures()]


def test_the_producers_trail_logs_sessions_only(dev: Recording) -> None:
    """There are no pictures in its account, and calls on B's are in B's trail."""
    assert selectors(dev, "ThumbX-pipeline-trail") == [MANAGEMENT]


@pytest.mark.parametrize(("calls", "read_only"), [("reads", "true"), ("writes", "false")])
def test_reads_and_writes_are_selectable(calls: str, read_only: str) -> None:
    """Either choice has half of the calls, and half of the bill."""
    program = record("dev", {"watch.dataEvents": calls})
    field = {"field": "readOnly", "equals": [read_only]}
    assert selectors(program, "ThumbX-storage-trail")[1] == pictures(field)


def test_where_another_trail_logs_changes_ours_do_not(dev: Recording) -> None:
    """A second copy in an account costs two dollars for each 100,000 events."""
    program = record("dev", {"watch.managementEvents": "adopt"})
    assert selectors(program, "ThumbX-storage-trail") == [pictures()]
    trails = program.of("aws:cloudtrail/trail:Trail")
    assert [each.name for each in trails] == ["ThumbX-storage-trail"]


@pytest.mark.parametrize("trail", ["ThumbX-storage-trail", "ThumbX-pipeline-trail"])
def test_a_trail_cannot_be_changed_unseen_and_covers_every_region(
    dev: Recording, trail: str
) -> None:
    """IAM's calls are logged in us-east-1, and a caller may use the STS of any region."""
    inputs = {
        key: value
        for key, value in dev.named(trail).inputs.items()
        if key != "advancedEventSelectors"
    }
    assert inputs == {
        "name": "thumbx-dev",
        "s3BucketName": "thumbx-logs-0a1b2c3",
        "enableLogFileValidation": True,
        "includeGlobalServiceEvents": True,
        "isMultiRegionTrail": True,
    }


def test_only_the_two_trails_write_each_below_its_account_and_nobody_else(dev: Recording) -> None:
    """Whole. Without the condition on the source ARN, any trail of any account could write into
    the evidence.
    """
    both = [TRAIL_B, TRAIL_A]
    assert document(dev, "thumbx-logs-policy")["Statement"] == [
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [LOGS, f"{LOGS}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "DenyOldTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [LOGS, f"{LOGS}/*"],
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
        {
            "Sid": "CheckByTrails",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": LOGS,
            "Condition": {"ArnEquals": {"aws:SourceArn": both}},
        },
        *(
            {
                "Sid": f"WriteByTrailOf{account}",
                "Effect": "Allow",
                "Principal": {"Service": "cloudtrail.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"{LOGS}/AWSLogs/{account}/*",
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": trail},
                    "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
                },
            }
            for account, trail in ((B, TRAIL_B), (A, TRAIL_A))
        ),
        {
            "Sid": "DenyOtherChanges",
            "Effect": "Deny",
            "Principal": "*",
            "NotAction": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": f"{LOGS}/*",
            "Condition": {"ArnNotEquals": {"aws:SourceArn": both}},
        },
    ]


def test_the_arns_in_the_policy_are_the_trails_own(dev: Recording) -> None:
    """The ARNs are written before the trails exist; with one wrong letter CloudTrail is refused."""
    made = {each.account: each.outputs["arn"] for each in dev.of("aws:cloudtrail/trail:Trail")}
    assert made == {A: TRAIL_A, B: TRAIL_B}


def test_without_a_trail_of_its_own_the_producer_may_not_write() -> None:
    """A grant that nobody needs can only be misused."""
    program = record("dev", {"watch.managementEvents": "adopt"})
    assert A not in str(document(program, "thumbx-logs-policy"))


@pytest.mark.parametrize("trail", ["ThumbX-storage-trail", "ThumbX-pipeline-trail"])
def test_a_trail_waits_until_it_may_write(dev: Recording, trail: str) -> None:
    """CloudTrail tries the bucket while the trail is being made, and refuses to make it."""
    assert "thumbx-logs-policy" in dev.named(trail).waits_for


def test_the_log_bucket_is_as_closed_as_the_pictures(dev: Recording) -> None:
    """Every setting is compared, except what is deleted by age."""
    for setting in ("public-access", "ownership", "encryption", "versioning"):
        pair = [dev.named(f"{bucket}-{setting}") for bucket in ("thumbx-images", "thumbx-logs")]
        ours, theirs = ({**each.inputs, "bucket": ""} for each in pair)
        assert ours == theirs
        assert [each.protect for each in pair] == [True, True]
    assert dev.named("thumbx-logs-lifecycle").inputs["rules"] == [
        {
            "id": "old-logs",
            "status": "Enabled",
            "filter": {},
            "expiration": {"days": 365},
            "noncurrentVersionExpiration": {"noncurrentDays": 365},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        }
    ]
    assert "thumbx-logs-versioning" in waits(dev, "thumbx-logs-lifecycle")
    assert dev.named("thumbx-logs").inputs["forceDestroy"] is False


def test_what_is_deletable_leaves_no_log_bucket_behind() -> None:
    """`thumbx:storage.deletable`, up, destroy: the bucket is not empty by then."""
    program = record("dev", {"storage.deletable": True})
    assert program.named("thumbx-logs").inputs["forceDestroy"] is True
    assert not program.named("thumbx-logs-policy").protect


def test_an_adopted_trail_is_left_alone() -> None:
    """Its owner made it and its bucket; here are only the alarms that live on it."""
    program = record("dev", ADOPTED)
    assert not program.of("aws:cloudtrail/trail:Trail")
    assert [each.name for each in program.of("aws:s3/bucket:Bucket")] == ["thumbx-images"]
    assert program.exports["trail_bucket"] == "organisation-logs"


def test_in_one_account_one_trail_is_enough() -> None:
    """A second trail would have the same name, and log everything twice, which costs money."""
    shared = {"storage": {"account": A}, "security.oneAccount": True}
    program = record("dev", shared | {"access.administrators": []})
    assert [each.name for each in program.of("aws:cloudtrail/trail:Trail")] == [
        "ThumbX-storage-trail"
    ]
    assert [each.name for each in program.of("aws:accessanalyzer/analyzer:Analyzer")] == [
        "ThumbX-storage-analyzer"
    ]
