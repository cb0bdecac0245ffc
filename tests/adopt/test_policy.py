"""Their policy with our refusals, and what each principal would lose."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adopt.errors import AdoptError
from adopt.policy import losses, merged, without
from components.configuration.schema import Prefixes
from components.storage.adopted_policy import SID, adopted_refusals
from tests.adopt.test_check import ACCOUNT, WANTED

BUCKET = "arn:aws:s3:::theirs"
SERVICE = f"arn:aws:iam::{ACCOUNT}:role/scanner"
PARTNER = "arn:aws:iam::333333333333:role/partner"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/administrator"
SPARED = {"ArnNotLike": {"aws:PrincipalArn": [ADMINISTRATOR]}}
OURS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [BUCKET, f"{BUCKET}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "DenyOtherReadsOfOriginals",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"{BUCKET}/originals/*",
            "Condition": SPARED,
        },
        {
            "Sid": "DenyOtherPrefixes",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "NotResource": [f"{BUCKET}/originals/*", f"{BUCKET}/thumbnails/*"],
            "Condition": SPARED,
        },
        {
            "Sid": "AllowUploads",
            "Effect": "Allow",
            "Principal": {"AWS": PARTNER},
            "Action": "s3:PutObject",
            "Resource": f"{BUCKET}/originals/*",
        },
    ],
}
THEIRS = {
    "Version": "2012-10-17",
    "Id": "theirs",
    "Statement": {
        "Sid": "DenyInsecureTransport",
        "Effect": "Allow",
        "Principal": {"AWS": [SERVICE, PARTNER]},
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": f"{BUCKET}/*",
    },
}


def ours() -> list[dict[str, Any]]:
    return adopted_refusals(
        OURS, BUCKET, Prefixes(originals="originals/", thumbnails="thumbnails/")
    )


def test_our_refusals_reach_our_prefixes_only() -> None:
    """Other objects in their bucket are not affected, and nobody loses access to them."""
    both = [f"{BUCKET}/originals/*", f"{BUCKET}/thumbnails/*"]
    assert {each["Sid"]: each["Resource"] for each in ours()} == {
        "ThumbXDenyInsecureTransport": both,
        "ThumbXDenyOtherReadsOfOriginals": both[0],
    }


ORIGINALS, THUMBNAILS, ALL = (f"{BUCKET}/{each}*" for each in ("originals/", "thumbnails/", ""))


@pytest.mark.parametrize(
    ("originals", "expected"),
    [
        (
            "originals/",
            {
                "OnBucket": {"Resource": [ORIGINALS, THUMBNAILS]},
                "OnAll": {"Resource": [ORIGINALS, THUMBNAILS]},
                "OnThumbnails": {"Resource": THUMBNAILS},
                "OfOriginals": {"Resource": ORIGINALS},
                "ButOriginals": {"Resource": THUMBNAILS},
                "ButThumbnails": {"Resource": ORIGINALS},
            },
        ),
        (
            "",
            {
                "OnBucket": {"Resource": [ALL, THUMBNAILS]},
                "OnAll": {"Resource": ALL},
                "OnThumbnails": {"Resource": THUMBNAILS},
                "OfOriginals": {"NotResource": THUMBNAILS},
                "But": {"Resource": THUMBNAILS},
                "ButThumbnails": {"NotResource": THUMBNAILS},
            },
        ),
    ],
    ids=["with a prefix", "without a prefix"],
)
def test_each_kind_of_refusal_is_narrowed_to_the_two_prefixes(
    originals: str, expected: dict[str, dict[str, Any]]
) -> None:
    """Where all of the bucket is originals, a refusal about them must spare the thumbnails."""
    ours_now = f"{BUCKET}/{originals}*"
    places = {
        "OnBucket": {"Resource": BUCKET},
        "OnAll": {"Resource": f"{BUCKET}/*"},
        "OnThumbnails": {"Resource": THUMBNAILS},
        "OnOneObject": {"Resource": f"{BUCKET}/one"},  # outside of our prefixes: left out
        "OfOriginals": {"Resource": ours_now},
        "ButOriginals" if originals else "But": {"NotResource": ours_now},
        "ButThumbnails": {"NotResource": THUMBNAILS},
        "ButBoth": {"NotResource": [ours_now, THUMBNAILS]},  # nothing of ours is left
    }
    refusal = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Condition": SPARED}
    found = adopted_refusals(
        {
            "Version": "2012-10-17",
            "Statement": [{"Sid": sid, **refusal, **where} for sid, where in places.items()],
        },
        BUCKET,
        Prefixes(originals=originals, thumbnails="thumbnails/"),
    )
    assert found == [{**refusal, "Sid": f"ThumbX{sid}", **at} for sid, at in expected.items()]


def test_what_is_there_stays_as_it_is_and_ours_come_once() -> None:
    """One of their statements may have the Sid of a statement in our own buckets; ours have a
    prefix to be told apart.
    """
    once = merged(THEIRS, ours())
    assert once["Id"] == "theirs"
    assert once["Statement"] == [THEIRS["Statement"], *ours()]
    assert merged(once, ours()) == once
    assert without(once)["Statement"] == [THEIRS["Statement"]]


def test_lists_of_one_are_the_same_statement() -> None:
    """S3 returns policies in another format than they were written in."""
    written = json.loads(json.dumps(merged(None, ours())))
    written["Statement"][1]["Resource"] = [written["Statement"][1]["Resource"]]
    assert merged(written, ours()) == written


def test_our_name_with_another_content_is_an_error() -> None:
    """Somebody may have widened our refusal, or a newer thumbx wrote it: a person must decide."""
    changed = merged(None, ours())
    changed["Statement"][0]["Condition"] = {}
    with pytest.raises(AdoptError, match=f"{SID}DenyInsecureTransport with another content"):
        merged(changed, ours())


def test_a_policy_that_s3_would_not_take_is_an_error() -> None:
    """The error comes before anything is written, and has the size."""
    long = {**THEIRS, "Id": "x" * 20_000}
    with pytest.raises(AdoptError, match=r"20,\d{3} bytes, but S3 accepts 20,480"):
        merged(long, ours())


def test_who_loses_what_is_named_with_the_statement() -> None:
    """The losses are found by IAM's rules: for example, a scanner that may read today may not
    read tomorrow.
    """
    lost = losses(THEIRS, merged(THEIRS, ours()), WANTED, "aws")
    reading = {each.principal: each.sids for each in lost if each.request == "read originals"}
    assert {SERVICE, PARTNER} <= set(reading)
    assert set(reading.values()) == {("ThumbXDenyOtherReadsOfOriginals",)}
    assert not [each for each in lost if "elsewhere" in each.request]
    assert not losses(THEIRS, THEIRS, WANTED, "aws")
