"""The stacks of the tests, one more for each option that changes policies, and the bootstrap of
each account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from recording.recording import record

if TYPE_CHECKING:
    from recording.recording import Recording

_A, _B, _C = "111111111111", "222222222222", "333333333333"
_DISTRIBUTION = f"arn:aws:cloudfront::{_B}:distribution/E2EXAMPLE"
_STRANGERS = [f"arn:aws:iam::{_C}:role/team/reader", f"arn:aws:iam::{_C}:user/reader"]

# The tests use their own stack files, so a user's stack file changes no proof.
STACKS = "tests/stacks"

# From a variant's name to its stack file and overrides.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "dev": ("dev", {}),
    "production": ("production", {}),
    "sandbox": ("sandbox", {}),
    "nobody named": (
        "dev",
        {"access.uploaders": [], "access.readers": [], "access.administrators": []},
    ),
    "own key, short presigned URLs": (
        "dev",
        {
            "storage.encryption": "kms",
            "security.presignedMinutes": 20,
            "security.sessionPolicy": True,
        },
    ),
    "on the way from kms to s3": ("dev", {"storage.encryption": "kms-to-s3"}),
    "CloudFront and other accounts, own key": (
        "dev",
        {
            "storage.encryption": "kms",
            "access.readers": [_DISTRIBUTION, *_STRANGERS],
            "access.originalReaders": _STRANGERS,
        },
    ),
    "thumbnails follow their originals": (
        "dev",
        {"thumbnails.removals": "follow", "security.sessionPolicy": True},
    ),
    "no audit of our own": (
        "dev",
        {"watch.trail": "off", "watch.managementEvents": "off", "watch.alarms": False}
        | {"watch.accessAlarms": False, "watch.storageAnalyzer": "off"}
        | {"watch.producerAnalyzer": "off", "watch.dashboards": False},
    ),
    "China, own key": (
        "dev",
        {"region": "cn-north-1", "storage.encryption": "kms"}
        | {"access.uploaders": [], "access.readers": [f"arn:aws-cn:iam::{_B}:role/reader"]}
        | {"access.administrators": [f"arn:aws-cn:iam::{_B}:role/administrator"]},
    ),
    "one account": (
        "dev",
        {"security.oneAccount": True, "storage": {"account": _A}}
        | {"access.administrators": [f"arn:aws:iam::{_A}:role/administrator"]},
    ),
    "boundary and path": (
        "dev",
        {
            "producer": {
                "account": _A,
                "boundary": f"arn:aws:iam::{_A}:policy/boundary",
                "rolePath": "/teams/pictures/",
            },
            "storage": {
                "account": _B,
                "boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
                "rolePath": "/teams/pictures/",
            },
        },
    ),
}

# The same for the bootstrap, with every option that gives a role more.
KEY = f"arn:aws:kms:eu-central-1:{_B}:key/thumbx-images-key-0a1b2c3"
BOOTSTRAP: dict[str, tuple[str, dict[str, Any]]] = {
    "bootstrap of A": ("dev-producer", {"thumbx-bootstrap:deletable": True}),
    "bootstrap of B": (
        "dev-storage",
        {
            "thumbx-bootstrap:key": KEY,
            "thumbx-bootstrap:deletable": True,
            "thumbx-bootstrap:stateBucket": True,
        },
    ),
}


def recorded(variant: str) -> Recording:
    """Record a variant of the program or of the bootstrap by its name."""
    if variant in BOOTSTRAP:
        return record(*BOOTSTRAP[variant], project="bootstrap", stacks=f"{STACKS}/bootstrap")
    return record(*VARIANTS[variant], stacks=STACKS)
