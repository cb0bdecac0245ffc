"""Which trail is read if it is not the program's: an organisation's, another region's, or none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from audit.accounts.names import THUMBX_ROLE
from audit.accounts.permissions import STORAGE
from audit.evidence import sources
from audit.evidence.trails import BOTH, find_trails, logged, manages, that_manages, that_sees
from audit.evidence.window import Window
from tests.audit import aws, events
from tests.recorded import record

if TYPE_CHECKING:
    from pathlib import Path

    from audit.evidence.sources import Source
    from recording.recording import Recording

NOW = datetime.now(UTC)
WINDOW = Window(start=NOW - timedelta(days=1), end=NOW)
IMAGES = f"thumbx-images-{aws.NEW}"
PICTURES = (f"{IMAGES}/",)
ORGANISATION = "999999999999"
DESCRIBE, SELECTORS, STATUS = (
    (STORAGE, "cloudtrail", each)
    for each in ("DescribeTrails", "GetEventSelectors", "GetTrailStatus")
)
MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}
ONLY_WRITES = {"Field": "readOnly", "Equals": ["false"]}


def foreign(**more: Any) -> dict[str, Any]:
    """An organisation's trail as a member account has it described."""
    arn = f"arn:aws:cloudtrail:us-east-1:{ORGANISATION}:trail/everything"
    return aws.trail(ORGANISATION, Name="everything", TrailARN=arn, HomeRegion="us-east-1") | {
        "IsOrganizationTrail": True,
        **more,
    }


def only_foreign(found: aws.Aws, code: str = "TrailNotFoundException") -> aws.Aws:
    """The storage account has no trail but its organisation's."""
    found.answers[DESCRIBE] = {"trailList": [foreign()]}
    found.answers[SELECTORS] = aws.gone(code, "GetEventSelectors")
    return found


def ask(found: aws.Aws) -> Source:
    accounts = (events.A, events.B)
    return sources.deployed(PICTURES, accounts, found.access(), WINDOW, lambda files: files)


def write(folder: Path, of: str = "", category: str = "") -> None:
    """One picture, and one refused session, under the names of the deployment; only one account's
    records, or one category's, where that is asked for."""
    trail = events.RecordedTrail()
    trail.picture(NOW - timedelta(hours=1), "a.jpg", 1, events.access_key(1))
    trail.denied_assume_role(NOW - timedelta(hours=1))
    records = json.loads(json.dumps(trail.records).replace(aws.OLD, aws.NEW))
    trail.records = {
        account: [each for each in some if category in ("", each["eventCategory"])]
        for account, some in records.items()
        if of in ("", account)
    }
    trail.write(folder)


@pytest.mark.parametrize(
    "code", ["TrailNotFoundException", "CloudTrailARNInvalidException", "AccessDeniedException"]
)
def test_a_trail_that_cannot_be_read_hides_no_other(
    dev: Recording, tmp_path: Path, code: str
) -> None:
    """An organisation's trail is in every member's list, and no member may read its selectors."""
    write(tmp_path)
    found = aws.deployed(dev, tmp_path)
    found.answers[DESCRIBE] = {"trailList": [foreign(), aws.trail(events.B)]}
    own = found.answers[SELECTORS]
    found.answers[SELECTORS] = lambda asked: (
        own if ORGANISATION not in asked["TrailName"] else aws.gone(code, "GetEventSelectors")
    )
    source = ask(found)
    assert source.says.startswith("the trail thumbx-dev, ")
    assert source.gaps == []


def test_an_organisations_trail_is_read_although_its_selectors_are_not(
    dev: Recording, tmp_path: Path
) -> None:
    """The trail's files show what it logs; the answer says that they may not show everything."""
    write(tmp_path)
    source = ask(only_foreign(aws.deployed(dev, tmp_path)))
    assert source.says.startswith("the trail everything, ")
    (gap,) = source.gaps
    assert gap.startswith(sources.UNREAD)
    assert "TrailNotFoundException" in gap
    assert len(list(source.about_bucket(IMAGES, WINDOW))) == 7
    assert len(list(source.assumptions(THUMBX_ROLE, "", WINDOW))) == 3


def test_an_organisations_files_that_are_out_of_reach_give_way_to_the_history(
    dev: Recording,
) -> None:
    """The files are in an account that the audit cannot read; the history's events are still an
    answer.
    """
    found = only_foreign(aws.deployed(dev))
    found.answers[STORAGE, "s3", "ListObjectsV2"] = aws.denied("ListObjectsV2")
    assert "the trail everything cannot be read: " in ask(found).says


def test_a_trail_is_asked_in_its_home_region(dev: Recording) -> None:
    """In other regions it has a shadow trail, which CloudTrail reports as unknown."""
    found = aws.deployed(dev)
    found.answers[DESCRIBE] = {"trailList": [aws.trail(events.B, HomeRegion="eu-west-1")]}
    own = found.answers[SELECTORS]
    found.answers[SELECTORS] = lambda asked: (
        own
        if asked["region"] == "eu-west-1"
        else aws.gone("TrailNotFoundException", "GetEventSelectors")
    )
    (trail,) = find_trails(found.access(), STORAGE)
    assert logged(trail, PICTURES) == BOTH
    assert manages(trail)


@pytest.fixture(scope="module")
def adopting() -> Recording:
    """A company whose own trails have the management events."""
    return record("dev", {"watch.managementEvents": "adopt"})


def adopted(adopting: Recording, folder: Path, *, company: bool) -> aws.Aws:
    """The program's trail has objects only; `company` has the rest, in the same bucket."""
    found = aws.deployed(adopting, folder)
    trails = [aws.trail(events.B)]
    if company:
        arn = f"arn:aws:cloudtrail:{events.REGION}:{events.B}:trail/company"
        trails.append(aws.trail(events.B, Name="company", TrailARN=arn))
    own = found.answers[SELECTORS]
    all_management = {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT]}]}
    found.answers[DESCRIBE] = {"trailList": trails}
    found.answers[SELECTORS] = lambda asked: (
        all_management if asked["TrailName"].endswith("/company") else own
    )
    return found


def test_sessions_are_the_adopted_trails_where_ours_has_none(
    adopting: Recording, tmp_path: Path
) -> None:
    """Otherwise the answer would be "nobody assumed the role", from files that never contain
    AssumeRole.
    """
    write(tmp_path)
    source = ask(adopted(adopting, tmp_path, company=True))
    assert "; sessions and changes by the trail company, " in source.says
    assert source.gaps == []
    assert len(list(source.assumptions(THUMBX_ROLE, "", WINDOW))) == 3
    # The fake's trails write to one place: what is there twice is counted once.
    assert len(list(source.about_bucket(IMAGES, WINDOW))) == 7


def test_an_account_that_the_adopted_trail_has_nothing_of_is_named(
    adopting: Recording, tmp_path: Path
) -> None:
    """The company's trail may record one account only."""
    write(tmp_path, of=events.B)
    (gap,) = ask(adopted(adopting, tmp_path, company=True)).gaps
    assert f"No file of account {events.A} is among them" in gap


def test_without_an_adopted_trail_sessions_are_the_historys(
    adopting: Recording, tmp_path: Path
) -> None:
    """The history has ninety days of sessions, and the answer says so."""
    write(tmp_path, of=events.B, category="Data")
    found = adopted(adopting, tmp_path, company=False)
    trail = events.RecordedTrail()
    denied = trail.denied_assume_role(NOW - timedelta(hours=1))
    found.answers["producer", "cloudtrail", "LookupEvents"] = {
        "Events": [
            {"EventId": "1", "Resources": [], "CloudTrailEvent": json.dumps(denied)},
        ]
    }
    source = ask(found)
    assert "; sessions and changes by the event history of both accounts" in source.says
    assert source.gaps == [sources.ONLY_KEPT]
    assert [event.outcome for event in source.assumptions(THUMBX_ROLE, "", WINDOW)] == [
        "AccessDenied"
    ]


def test_an_account_without_files_is_named(dev: Recording, tmp_path: Path) -> None:
    """Only A's trail has a session that A refused, so without it "nobody" is not an answer."""
    write(tmp_path, of=events.B)
    (gap,) = ask(aws.deployed(dev, tmp_path)).gaps
    assert f"No file of account {events.A} is among them" in gap


def test_a_trail_that_is_younger_than_the_question_says_so(dev: Recording, tmp_path: Path) -> None:
    """Otherwise a trail that was made this morning would answer that nothing changed in three
    months.
    """
    write(tmp_path)
    found = aws.deployed(dev, tmp_path)
    quarter = Window(start=NOW - timedelta(days=90), end=NOW)
    access = found.access()
    source = sources.deployed(PICTURES, (events.A, events.B), access, quarter, lambda files: files)
    (gap,) = source.gaps
    assert gap.startswith("The first of these files is of ")
    assert ask(found).gaps == []


def test_management_events_that_only_write_are_not_all(dev: Recording) -> None:
    """AssumeRole is missing, because CloudTrail counts it as a read."""
    found = aws.deployed(dev)
    for selected, expected in (([MANAGEMENT], True), ([MANAGEMENT, ONLY_WRITES], False)):
        found.answers[SELECTORS] = {"AdvancedEventSelectors": [{"FieldSelectors": selected}]}
        (trail,) = find_trails(found.access(), STORAGE)
        assert manages(trail) is expected
        assert that_manages([trail]) is (trail if expected else None)


@pytest.mark.parametrize(
    ("begins", "sees"),
    [
        (["originals/", "thumbnails/"], BOTH),
        ([""], BOTH),
        (["originals/"], frozenset()),
        (["originals/2025/", "thumbnails/"], frozenset()),
    ],
)
def test_a_trail_of_both_prefixes_sees_the_pictures_of_a_bucket_that_was_there_before(
    dev: Recording, begins: list[str], sees: frozenset[str]
) -> None:
    """The rest of the bucket is its owner's; with one prefix alone "nobody" would be no answer."""
    found = aws.deployed(dev)
    objects = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "StartsWith": [f"arn:aws:s3:::theirs/{e}" for e in begins]},
    ]
    found.answers[SELECTORS] = {"AdvancedEventSelectors": [{"FieldSelectors": objects}]}
    (trail,) = find_trails(found.access(), STORAGE)
    pictures = ("theirs/originals/", "theirs/thumbnails/")
    assert logged(trail, pictures) == sees
    assert that_sees([trail], pictures) is (trail if sees else None)


def test_a_selector_is_in_the_words_of_its_partition(dev: Recording) -> None:
    """In China every ARN begins otherwise, and a trail of all objects would seem to see none."""
    found = aws.deployed(dev)
    found.answers[DESCRIBE] = {
        "trailList": [
            aws.trail(events.B, TrailARN=f"arn:aws-cn:cloudtrail:cn-north-1:{events.B}:trail/t")
        ]
    }
    for partition, sees in (("aws-cn", BOTH), ("aws", frozenset())):
        objects = [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {"Field": "resources.ARN", "StartsWith": [f"arn:{partition}:s3:::{IMAGES}/"]},
        ]
        found.answers[SELECTORS] = {"AdvancedEventSelectors": [{"FieldSelectors": objects}]}
        (trail,) = find_trails(found.access(), STORAGE)
        assert logged(trail, PICTURES) == sees
        assert that_sees([trail], PICTURES) is (trail if sees else None)
