"""The refusals that spare scanners and copiers, each statement whole."""

from __future__ import annotations

from typing import Any

import pytest

from components.configuration.accounts import Access
from components.configuration.schema import Prefixes
from components.storage.bucket_policy import bucket_policy

BUCKET = "arn:aws:s3:::pictures"
ORIGINALS, THUMBNAILS = f"{BUCKET}/originals/*", f"{BUCKET}/thumbnails/*"
VALIDATION = f"{BUCKET}/malware-protection-resource-validation-object"
ADMINISTRATOR, SCANNER, COPIER = (
    f"arn:aws:iam::222222222222:role/{name}" for name in ("administrator", "scanner", "copier")
)
DETAILS = "s3:GetObject?*"
TAGGING = ["s3:PutObjectTagging", "s3:PutObjectVersionTagging"]
# The refusals that scanners or copiers change; the others are in test_policies.py.
ALWAYS = {
    "DenyOtherReadsOfOriginals",
    "DenyOtherWritesOfOriginals",
    "DenyOtherReadsOfThumbnails",
    "DenyOtherWritesOfThumbnails",
    "DenyOtherAlgorithms",
    "DenyOtherKeys",
}


def statements(**services: tuple[str, ...]) -> list[Any]:
    """The bucket policy's statements where these services are named."""
    return bucket_policy(
        bucket_arn=BUCKET,
        thumbx_role_id="AROATHUMBX",
        prefixes=Prefixes(originals="originals/", thumbnails="thumbnails/"),
        access=Access(administrators=(ADMINISTRATOR,), **services),
        session_patterns=False,
        key_arn=None,
        presigned_minutes=0,
        follow=False,
    )["Statement"]


def refusals(**services: tuple[str, ...]) -> list[Any]:
    """The refusals of the bucket policy about what these services need, in their order."""
    return [
        each
        for each in statements(**services)
        if each["Sid"].startswith("DenyOther") and each["Sid"] not in ALWAYS
    ]


def deny(sid: str, what: dict[str, Any], *spared: str) -> dict[str, Any]:
    condition = {"ArnNotLike": {"aws:PrincipalArn": [*spared, ADMINISTRATOR]}}
    return {"Sid": sid, "Effect": "Deny", "Principal": "*", **what, "Condition": condition}


def other_actions(*decided: str) -> dict[str, Any]:
    return deny(
        "DenyOtherObjectActions",
        {"NotAction": ["s3:GetObject", "s3:PutObject", *decided], "Resource": f"{BUCKET}/*"},
    )


def details(of_originals: tuple[str, ...], elsewhere: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        deny(
            "DenyOtherDetailsOfOriginals",
            {"Action": DETAILS, "Resource": ORIGINALS},
            *of_originals,
        ),
        deny("DenyOtherDetails", {"Action": DETAILS, "NotResource": ORIGINALS}, *elsewhere),
    ]


TAGS = [
    deny("DenyOtherTaggingOfOriginals", {"Action": TAGGING, "Resource": ORIGINALS}, SCANNER),
    deny("DenyOtherTagging", {"Action": TAGGING, "NotResource": ORIGINALS}),
]
OURS = [ORIGINALS, THUMBNAILS]
VALIDATED = [
    deny("DenyOtherPrefixes", {"Action": "s3:PutObject", "NotResource": [*OURS, VALIDATION]}),
    deny("DenyOtherValidation", {"Action": "s3:PutObject", "Resource": VALIDATION}, SCANNER),
]


def reads_elsewhere(*spared: str) -> dict[str, Any]:
    what = {"Action": "s3:GetObject", "NotResource": OURS}
    return deny("DenyOtherReadsElsewhere", what, *spared)


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (
            {},
            [
                other_actions(),
                deny(
                    "DenyOtherPrefixes",
                    {"Action": ["s3:GetObject", "s3:PutObject"], "NotResource": OURS},
                ),
            ],
        ),
        (
            {"scanners": (SCANNER,)},
            [
                other_actions(DETAILS, *TAGGING),
                *details((SCANNER,), ()),
                *TAGS,
                reads_elsewhere(),
                *VALIDATED,
            ],
        ),
        (
            {"copiers": (COPIER,)},
            [
                other_actions(DETAILS),
                *details((COPIER,), (COPIER,)),
                reads_elsewhere(COPIER),
                deny("DenyOtherPrefixes", {"Action": "s3:PutObject", "NotResource": OURS}),
            ],
        ),
        (
            {"scanners": (SCANNER,), "copiers": (COPIER,)},
            [
                other_actions(DETAILS, *TAGGING),
                *details((SCANNER, COPIER), (COPIER,)),
                *TAGS,
                reads_elsewhere(COPIER),
                *VALIDATED,
            ],
        ),
    ],
    ids=["neither", "scanners", "copiers", "both"],
)
def test_a_scanner_and_a_copier_are_spared_by_exactly_these_refusals(
    services: dict[str, tuple[str, ...]], expected: list[dict[str, Any]]
) -> None:
    """One group too many in a refusal gives a service a right that nobody decided on."""
    assert refusals(**services) == expected


def test_neither_service_writes_a_thumbnail_or_an_original() -> None:
    """Their own grants may be wide, as GuardDuty's and AWS Backup's are."""
    by_sid = {each["Sid"]: each for each in statements(scanners=(SCANNER,), copiers=(COPIER,))}
    assert by_sid["DenyOtherWritesOfOriginals"] == deny(
        "DenyOtherWritesOfOriginals", {"Action": "s3:PutObject", "Resource": ORIGINALS}
    )
    expected = deny(
        "DenyOtherWritesOfThumbnails", {"Action": "s3:PutObject", "Resource": THUMBNAILS}
    )
    expected["Condition"]["StringNotLike"] = {"aws:userId": "AROATHUMBX:*"}
    assert by_sid["DenyOtherWritesOfThumbnails"] == expected
