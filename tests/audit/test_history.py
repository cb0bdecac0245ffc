"""AWS's event history: it is read if a trail has no files, and there are questions that it
cannot answer.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pulumi_aws import Region

from audit.accounts.clients import iam_region
from audit.accounts.names import THUMBX_ROLE, PicturePrefixes
from audit.evidence import sources
from audit.evidence.history import NO_DATA_EVENTS, History
from audit.evidence.logs import CloudWatch
from audit.evidence.window import Window
from audit.questions.trace import trace
from components.configuration import arns
from tests.audit import aws, events

if TYPE_CHECKING:
    from recording.recording import Recording

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WINDOW = Window(start=NOW - timedelta(days=1), end=NOW)
ACCOUNTS = {"producer": events.A, "storage": events.B}
PREFIXES = PicturePrefixes(originals=events.ORIGINALS, thumbnails=events.THUMBNAILS)


@pytest.fixture
def history(dev: Recording) -> tuple[aws.Aws, events.RecordedTrail, list[dict[str, Any]]]:
    """Both accounts, with an event history that has management events and no data events, as on
    AWS.
    """
    found, trail, asked = aws.deployed(dev), events.RecordedTrail(), list[dict[str, Any]]()

    def look_up(account: str, asked_for: dict[str, Any]) -> dict[str, Any]:
        asked.append(asked_for)
        (attribute,) = asked_for["LookupAttributes"]
        records = [
            record
            for record in trail.records[ACCOUNTS[account]]
            if record["eventCategory"] == "Management"
            and record["awsRegion"] == asked_for["region"]
            and _matches(record, attribute["AttributeKey"], attribute["AttributeValue"])
        ]
        return {
            "Events": [
                {
                    "EventId": record["eventID"],
                    "EventName": record["eventName"],
                    "Username": "thumbx",
                    "Resources": [],
                    "CloudTrailEvent": json.dumps(record),
                }
                for record in records
            ]
        }

    for account in ACCOUNTS:
        found.answers[account, "cloudtrail", "LookupEvents"] = lambda asked_for, account=account: (
            look_up(account, asked_for)
        )
    return found, trail, asked


def _matches(record: events.Record, attribute: str, value: str) -> bool:
    if attribute == "EventSource":
        return record["eventSource"] == value
    if attribute == "ReadOnly":
        return str(record["readOnly"]).lower() == value
    return value in json.dumps(record["requestParameters"])


def test_a_trail_without_files_gives_way_to_the_history(
    history: tuple[aws.Aws, events.RecordedTrail, list[dict[str, Any]]],
) -> None:
    """The first file comes minutes after the trail is made, and a person may ask before that."""
    access = history[0].access()
    source = sources.deployed(
        (f"thumbx-images-{aws.NEW}/",), ACCOUNTS.values(), access, WINDOW, lambda each: each
    )
    assert isinstance(source, History)
    assert "the trail thumbx-dev has no files yet" in source.says
    assert source.gaps == [NO_DATA_EVENTS]


def test_the_story_begins_at_the_line_where_no_write_is_recorded(
    history: tuple[aws.Aws, events.RecordedTrail, list[dict[str, Any]]],
) -> None:
    """The line names the session, and both accounts' AssumeRole of it are in the history."""
    found, trail, _ = history
    session = trail.picture(NOW - timedelta(hours=1), "a.jpg", 1, events.access_key(1))
    # Another container signs in between the two.
    trail.assume_role(
        NOW - timedelta(minutes=59, seconds=30), events.session_name(NOW, 2), events.access_key(2)
    )
    line = events.log_line(
        NOW - timedelta(minutes=59), f"{events.ORIGINALS}a.jpg", session, "message-1", "request-1"
    )
    found.answers["producer", "logs", "FilterLogEvents"] = {"events": [line]}
    access = found.access()
    story = trace(
        f"s3://{events.BUCKET}/{events.THUMBNAILS}a.jpg/small.jpg",
        prefixes=PREFIXES,
        source=History(access, "no trail"),
        log=CloudWatch(access, "ThumbX-logs-1b2c3d4", events.ORIGINALS),
        window=WINDOW,
    )
    assert [step.what.split()[0] for step in story.steps] == ["assumed", "assumed", "the"]
    assert all(session in step.what + step.who for step in story.steps)
    assert story.complete
    assert story.session == session
    assert story.gaps == [NO_DATA_EVENTS, "No record of the write was found."]


def test_the_history_is_asked_for_no_more_than_it_keeps(
    history: tuple[aws.Aws, events.RecordedTrail, list[dict[str, Any]]],
) -> None:
    """AWS does not refuse older times but returns nothing, and the history is read in both
    accounts.
    """
    found, trail, asked = history
    trail.denied_assume_role(NOW - timedelta(hours=1))
    trail.assume_role(NOW - timedelta(hours=1), "s", events.access_key(1))
    window = Window(start=NOW - timedelta(days=400), end=NOW)
    told = list(History(found.access(), "").assumptions(THUMBX_ROLE, "", window))
    assert [event.outcome for event in told] == ["AccessDenied", "ok", "ok"]
    assert {each["StartTime"] for each in asked} == {NOW - timedelta(days=90)}
    assert [each["region"] for each in asked] == ["eu-central-1", "us-east-1"] * 2


def test_changes_are_those_of_both_accounts_that_name_the_programs_parts(
    history: tuple[aws.Aws, events.RecordedTrail, list[dict[str, Any]]],
) -> None:
    """Events of another team's bucket are not shown."""
    found, trail, _ = history
    trail.on_bucket(NOW, "PutBucketPolicy", events.DEPLOYER)
    other = trail.on_bucket(NOW, "PutBucketPolicy", events.DEPLOYER)
    other["requestParameters"] = {"bucketName": "somebody-elses"}
    told = list(History(found.access(), "").changes(WINDOW))
    assert [event.bucket for event in told] == [events.BUCKET]


def test_a_change_of_a_role_is_found_where_iam_records_it(
    history: tuple[aws.Aws, events.RecordedTrail, list[dict[str, Any]]],
) -> None:
    """IAM records in one region of the partition: the history of the stack's own region never
    has a role's change.
    """
    found, trail, _ = history
    trail.on_role(NOW, "UpdateAssumeRolePolicy", events.DEPLOYER)
    asked = History(found.access(), "no trail")
    assert [event.name for event in asked.changes(WINDOW)] == ["UpdateAssumeRolePolicy"]
    assert (
        asked.says == "the event history of both accounts in eu-central-1 and us-east-1 (no trail)"
    )


def test_a_region_that_a_company_forbids_is_a_gap_and_no_end(
    history: tuple[aws.Aws, events.RecordedTrail, list[dict[str, Any]]],
) -> None:
    """If only eu-central-1 is allowed, the events of that region are still an answer."""
    found, trail, _ = history
    trail.on_bucket(NOW, "PutBucketPolicy", events.DEPLOYER)
    for account in ACCOUNTS:
        key = (account, "cloudtrail", "LookupEvents")
        here = found.answers[key]
        found.answers[key] = lambda asked_for, here=here: (
            here(asked_for) if asked_for["region"] == "eu-central-1" else aws.denied("LookupEvents")
        )
    asked = History(found.access(), "no trail")
    assert [event.name for event in asked.changes(WINDOW)] == ["PutBucketPolicy"]
    assert [gap.partition(": ")[0] for gap in asked.gaps[1:]] == [
        "Changes of roles are not shown, because us-east-1 could not be asked"
    ] * 2
    assert list(asked.changes(WINDOW))
    assert len(asked.gaps) == 3


@pytest.mark.parametrize("region", [each.value for each in Region])
def test_the_audit_and_the_program_agree_on_where_that_is(region: str) -> None:
    """The program's rules are in this region, and the audit finds it without the program."""
    assert iam_region(region) == arns.iam_region(region)
