"""Who touched the bucket, who took the role, what was changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from audit.accounts.clients import AccountClients
from audit.accounts.names import THUMBX_ROLE
from audit.evidence import sources
from audit.evidence.changes import changes_ours
from audit.evidence.events import read_event, read_principal
from audit.evidence.window import Window
from audit.questions import who
from audit.questions.bucket_policy import read_policy
from tests.audit import events
from tests.documents import document

if TYPE_CHECKING:
    from audit.evidence.sources import Source
    from recording.recording import Recording
    from tests.audit.conftest import TrailExport


@pytest.fixture
def window() -> Window:
    now = datetime.now(UTC)
    return Window(start=now - timedelta(days=1), end=now)


@pytest.fixture
def source(export: TrailExport, window: Window) -> Source:
    def nobody(account: str, service: str, region: str | None) -> Any:
        raise AssertionError(service)

    return sources.given(str(export.folder), AccountClients(nobody), window, lambda each: each)


def counts(row: who.CallerRow) -> dict[tuple[str, str], int]:
    return {(tally.action, tally.outcome): tally.times for tally in row.tallies}


def test_every_principal_is_counted_by_action_and_outcome(
    source: Source, window: Window, dev: Recording
) -> None:
    """Sessions are counted under their role, other buckets not at all."""
    named = read_policy(document(dev, "thumbx-images-policy"))
    rows = who.of_bucket(source.about_bucket(events.BUCKET, window), named)
    assert {row.name: (row.expected, counts(row)) for row in rows} == {
        events.INSIDER: (
            False,
            {
                ("GetObject", "AccessDenied"): 1,
                ("DeleteObject", "AccessDenied"): 1,
                ("DeleteBucketPolicy", "AccessDenied"): 1,
            },
        ),
        "anonymous": (False, {("GetObject", "AccessDenied"): 1}),
        events.DEPLOYER: (False, {("PutBucketPolicy", "ok"): 1}),
        events.THUMBX_ROLE: (
            True,
            {("GetObject", "ok"): 40, ("PutObject", "ok"): 120, ("HeadObject", "ok"): 40},
        ),
        events.READER: (True, {("GetObject", "ok"): 40}),
        events.UPLOADER: (True, {("PutObject", "ok"): 40}),
    }
    assert [row.expected for row in rows] == [False] * 3 + [True] * 3


def test_without_the_policy_nobody_is_marked(source: Source, window: Window) -> None:
    """A mark without its reason would be a guess."""
    rows = who.of_bucket(source.about_bucket(events.BUCKET, window), None)
    assert {row.expected for row in rows} == {None}


def test_whoever_took_the_role_and_is_not_the_function_stands_out(
    source: Source, window: Window
) -> None:
    """Only A's records have a denied attempt, and neither account's record has its session name."""
    rows = who.of_role(source.assumptions(THUMBX_ROLE, "", window))
    assert [(row.expected, sum(counts(row).values())) for row in rows] == [
        (False, 1),
        (True, 40),
        (True, 40),
    ]
    assert rows[0].name == f"{events.STRANGER}, session intruder"
    assert counts(rows[0]) == {("AssumeRole", "AccessDenied"): 1}


OWN = "thumbx-20261124-" + "0" * 32  # a session name that the function makes


@pytest.mark.parametrize(
    ("caller", "caller_session", "session", "function"),
    [
        (events.EXECUTION_ROLE, events.FUNCTION, OWN, [True, True]),
        # Of a caller of another account B's record has no role.
        (events.STRANGER, events.FUNCTION, OWN, [False, True]),
        (events.EXECUTION_ROLE, "another-function", OWN, [False, False]),
        (events.EXECUTION_ROLE, events.FUNCTION, "by-hand", [False, False]),
        (events.TWIN, events.FUNCTION, OWN, [False, False]),
    ],
)
def test_the_function_is_known_by_all_that_each_accounts_record_says(
    window: Window, caller: str, caller_session: str, session: str, function: list[bool]
) -> None:
    """A thief with the function's credentials can choose a session name, and a stranger can copy
    one.
    """
    both = events.RecordedTrail().assume_role(
        window.end, session, "ASIA1", caller=caller, caller_session=caller_session
    )
    assert [who.is_function(read_event(each), events.A) for each in both] == function


def test_the_function_itself_may_be_refused(window: Window) -> None:
    """If the trust or the grant was changed, the function is refused; that is a fault and no
    intruder.
    """
    trail = events.RecordedTrail()
    own = trail.denied_assume_role(window.end, events.EXECUTION_ROLE, events.FUNCTION)
    thief = trail.denied_assume_role(window.end, events.EXECUTION_ROLE, "by-hand")
    assert [who.is_function(read_event(each), events.A) for each in (own, thief)] == [True, False]


def test_changes_are_told_in_order_with_who_and_outcome(source: Source, window: Window) -> None:
    """Reads, sessions and the function's own log streams are no changes."""
    told = [
        (change.what, change.who, change.outcome) for change in who.changes(source.changes(window))
    ]
    assert told == [
        ("s3 PutBucketPolicy", events.DEPLOYER, "ok"),
        ("s3 DeleteBucketPolicy", events.INSIDER, "AccessDenied"),
        ("iam UpdateAssumeRolePolicy", events.DEPLOYER, "ok"),
        ("iam PutRolePolicy", events.INSIDER, "AccessDenied"),
        ("cloudtrail StopLogging", events.INSIDER, "AccessDenied"),
    ]


def test_a_refusal_of_our_own_role_elsewhere_is_no_change_of_ours(window: Window) -> None:
    """The message of a refusal names the caller, who is not what was to be changed."""
    trail = events.RecordedTrail()
    record = trail.denied_on_role(window.end, "PutRolePolicy", events.THUMBX_ROLE)
    assert changes_ours(record)
    record["errorMessage"] = record["errorMessage"].replace("role ThumbXRole-0a1b2c3", "role other")
    assert not changes_ours(record)


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (events.role_session(events.READER, "site", "ASIA1"), events.READER),
        (events.other_account(events.STRANGER, "x"), f"AROASTRANGER00000000 of account {events.A}"),
        (events.ANONYMOUS, "anonymous"),
        (events.service("cloudtrail.amazonaws.com"), "cloudtrail.amazonaws.com"),
        (
            {"type": "Root", "arn": "arn:aws:iam::222222222222:root"},
            "arn:aws:iam::222222222222:root",
        ),
        (
            {"type": "AssumedRole", "arn": "arn:aws:sts::222222222222:assumed-role/old/session"},
            "arn:aws:iam::222222222222:role/old",
        ),
    ],
)
def test_a_caller_has_one_name(identity: events.Record, name: str) -> None:
    """Otherwise the calls of one person would be spread over many rows."""
    assert read_principal(identity).name == name


def test_a_role_made_again_under_its_name_is_not_the_one_that_the_policy_names(
    dev: Recording,
) -> None:
    """ThumbXRole is named by its unique id, which a new role of the same name does not have."""
    named = read_policy(document(dev, "thumbx-images-policy"))
    thumbx = events.role_session(events.THUMBX_ROLE, "s", "ASIA1")
    assert named.includes(read_principal(thumbx)) is True
    assert (
        named.includes(read_principal(thumbx | {"principalId": "AROASOMEOTHER0000000:s"})) is False
    )


def test_a_caller_of_another_account_is_marked_as_unknown(dev: Recording) -> None:
    """The bucket owner's record has only an id, and the policy only ARNs."""
    named = read_policy(document(dev, "thumbx-images-policy"))
    assert named.includes(read_principal(events.other_account(events.STRANGER, "x"))) is None
