"""The result of `adopt check` for buckets with different settings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adopt.check import Status, check
from adopt.facts import Facts, Intended
from adopt.notification import Notification

ACCOUNT = "222222222222"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/k"
OWNERS_ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}
SCANNED = {"s3:ExistingObjectTag/GuardDutyMalwareScanStatus": "NO_THREATS_FOUND"}
WANTED = Intended(
    bucket="theirs",
    account=ACCOUNT,
    region="eu-central-1",
    key="",
    originals="originals/",
    thumbnails="thumbnails/",
    names=frozenset({"small.jpg"}),
)
GOOD = Facts(
    region="eu-central-1",
    ownership="BucketOwnerEnforced",
    encryption={"SSEAlgorithm": "AES256"},
    versioning="Enabled",
    locked=False,
    requester_pays=False,
    notification=Notification(content={"EventBridgeConfiguration": {}}),
    policy=None,
    classes={"STANDARD": 3},
)


def lines(facts: Facts, wanted: Intended = WANTED) -> dict[str, Status]:
    """The worst status of each thing that was looked at."""
    order = list(Status)
    found: dict[str, Status] = {}
    for line in check(facts, wanted, "aws"):
        found[line.what] = max(found.get(line.what, Status.FITS), line.status, key=order.index)
    return found


def test_a_bucket_that_fits_has_nothing_to_be_done() -> None:
    """Everything is checked, and only the other destinations of the bucket's events need a look."""
    found = lines(GOOD)
    assert found.pop("who else is notified") is Status.KNOW
    assert set(found.values()) == {Status.FITS}
    assert len(found) == 13


@pytest.mark.parametrize(
    ("what", "changed", "status"),
    [
        ("region", {"region": "eu-west-1"}, Status.STOP),
        ("ownership", {"ownership": "ObjectWriter"}, Status.KNOW),
        ("encryption", {"encryption": {"SSEAlgorithm": "aws:kms"}}, Status.DO),
        (
            "encryption",
            {"encryption": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}},
            Status.STOP,
        ),
        ("versions", {"versioning": ""}, Status.KNOW),
        ("object lock", {"locked": True}, Status.KNOW),
        ("who pays", {"requester_pays": True}, Status.STOP),
        ("EventBridge", {"notification": Notification(content={})}, Status.DO),
        ("storage classes", {"classes": {"DEEP_ARCHIVE": 1}}, Status.KNOW),
        ("storage classes", {"classes": {"INTELLIGENT_TIERING": 1}}, Status.KNOW),
        ("thumbnails' prefix", {"thumbnails": ("report.pdf",)}, Status.STOP),
        ("thumbnails' prefix", {"thumbnails": ("a.jpg/small.jpg",)}, Status.FITS),
        (
            "lifecycle rule",
            {"lifecycle": [{"ID": "all", "Status": "Enabled", "Filter": {}}]},
            Status.KNOW,
        ),
        (
            "lifecycle rule",
            {
                "lifecycle": [
                    {"ID": "in", "Status": "Enabled", "Filter": {"Prefix": "originals/"}},
                    {"ID": "off", "Status": "Disabled", "Filter": {}},
                ]
            },
            Status.FITS,
        ),
        (
            "replication rule",
            {"replication": [{"ID": "r", "Status": "Enabled", "Prefix": "thumbnails/"}]},
            Status.KNOW,
        ),
    ],
)
def test_what_does_not_fit_is_said(what: str, changed: dict[str, Any], status: Status) -> None:
    """Each of these costs a day if it is found only after the deployment."""
    assert lines(replace(GOOD, **changed))[what] is status


def test_a_key_that_the_options_name_is_left_to_its_owner() -> None:
    """The grant in ThumbXRole is ours; the statement in the key's policy is theirs to add."""
    encrypted = replace(GOOD, encryption={"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY})
    assert lines(encrypted, replace(WANTED, key=KEY))["encryption"] is Status.DO
    assert lines(GOOD, replace(WANTED, key=KEY))["encryption"] is Status.STOP


def test_removals_are_followed_only_with_versions() -> None:
    """Otherwise a thumbnail that was deleted by mistake could not be restored."""
    facts = replace(GOOD, versioning="Suspended")
    assert lines(facts, replace(WANTED, follow=True))["versions"] is Status.STOP


def deny(sid: str, action: str, **condition: dict[str, str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/*"],
        "Condition": condition,
    }


@pytest.mark.parametrize("action", ["s3:DeleteObject", "s3:ListBucket"])
def test_a_policy_that_refuses_to_follow_removals_is_named_where_they_are_followed(
    action: str,
) -> None:
    """The thumbnails of deleted pictures would stay, and each message would fail five times."""
    thumbnails = {"StringLike": {"s3:prefix": "thumbnails/*"}} if "List" in action else {}
    policy = {"Version": "2012-10-17", "Statement": [deny("Keep", action, **thumbnails)]}
    facts = replace(GOOD, policy=policy)
    assert lines(facts)["bucket policy"] is Status.FITS
    assert lines(facts, replace(WANTED, follow=True))["bucket policy"] is Status.STOP


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        # The four common statements, by the request that is really sent.
        (
            deny(
                "NoHeader",
                "s3:PutObject",
                StringNotEquals={"s3:x-amz-server-side-encryption": "aws:kms"},
            ),
            Status.STOP,
        ),
        (
            deny("NoAcl", "s3:PutObject", StringNotEquals=OWNERS_ACL),
            Status.STOP,
        ),
        (deny("Vpc", "s3:*", StringNotEquals={"aws:SourceVpce": "vpce-1"}), Status.STOP),
        (
            deny(
                "Unscanned",
                "s3:GetObject",
                StringNotEquals=SCANNED,
            ),
            Status.STOP,
        ),
        # Statements that the function's requests pass.
        (deny("Tls", "s3:*", Bool={"aws:SecureTransport": "false"}), Status.FITS),
        (deny("OldTls", "s3:*", NumericLessThan={"s3:TlsVersion": "1.2"}), Status.FITS),
        (
            deny("Others", "s3:*", StringNotEquals={"aws:PrincipalAccount": ACCOUNT}),
            Status.FITS,
        ),
    ],
)  # fmt: skip
def test_a_policy_that_refuses_what_we_really_send_is_named(
    statement: dict[str, Any], status: Status
) -> None:
    """The policy is evaluated by IAM's rules, because the form of a statement proves nothing."""
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    found = [
        e for e in check(replace(GOOD, policy=policy), WANTED, "aws") if e.what == "bucket policy"
    ]
    assert {each.status for each in found} == {status}
    if status is Status.STOP:
        assert statement["Sid"] in found[0].found
