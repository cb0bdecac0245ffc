"""Grants that the options add to the roles: one key, the program's states; and that it all fits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from proof.variants import KEY
from tests.bootstrap.conftest import WIDEST
from tests.bootstrap.statements import LAYOUT, STATE, STATES, matches
from tests.documents import document, documents
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording


OURS = {"StringEquals": {"aws:ResourceAccount": "222222222222"}}


def test_only_the_programs_own_states_are_within_reach() -> None:
    """An administrator executes what the bootstrap's state says, so whoever writes that state has
    an administrator's power. The preview role's code is not reviewed, so it must not read other
    projects' secrets."""
    storage = record("dev-storage", WIDEST["storage"], project="bootstrap")
    for role, actions in (
        ("preview", ["s3:GetObject"]),
        ("deploy", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
    ):
        granted = document(storage, f"thumbx-{role}-grants")["Statement"]
        assert [each for each in granted if each["Effect"] == "Allow" and STATE in str(each)] == [
            {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": where, "Condition": OURS}
            for sid, action, where in [
                ("ListState", ["s3:ListBucket"], [STATE]),
                ("ReadLayout", ["s3:GetObject"], [LAYOUT]),
                ("UseState", actions, STATES),
            ]
        ]
    bootstrap = f"{STATE}/.pulumi/stacks/thumbx-bootstrap/dev-storage.json"
    assert not matches([*STATES, LAYOUT], bootstrap)


def test_one_key_is_managed_and_none_is_made() -> None:
    """A role that may make a key with tags may tag every key of the account, so a tag cannot say
    whose a key is. It could then replace the policy of any key by one that gives everybody its
    use."""
    storage = record("dev-storage", WIDEST["storage"], project="bootstrap")
    reads = [
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
    ]
    writes = [
        "kms:DisableKeyRotation",
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:UpdateKeyDescription",
    ]
    expected = {
        "preview": [("ReadKey", reads)],
        "deploy": [
            ("ManageKey", sorted(reads + writes)), ("DeleteKey", "kms:ScheduleKeyDeletion")
        ],
    }  # fmt: skip
    for role, statements in filled(expected.items()):
        granted = document(storage, f"thumbx-{role}-grants")["Statement"]
        assert [each for each in granted if "kms:" in json.dumps(each["Action"])] == [
            {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": KEY}
            for sid, actions in statements
        ]


def test_no_key_is_within_reach_until_one_is_named(bootstrap: Recording) -> None:
    for role in ("preview", "drift", "deploy"):
        assert "kms:" not in json.dumps(document(bootstrap, f"thumbx-{role}-grants"))


def test_every_document_fits(side: str) -> None:
    """IAM takes 6,144 characters of a managed policy and 10,240 of all that are inside a role,
    spaces not counted. Here with the longest path that the bootstrap takes for a role."""
    region = "ap-southeast-1"
    changes = {
        key: value.replace("eu-central-1", region) if isinstance(value, str) else value
        for key, value in WIDEST[side].items()
    }
    changes |= {
        "thumbx-bootstrap:rolePath": f"/{'p' * 348}/",
        "thumbx-bootstrap:region": region,
    }
    widest = record(f"dev-{side}", changes, project="bootstrap")
    for each in filled(documents(widest)):
        size = len(json.dumps(each.body, separators=(",", ":")))
        assert size <= (6144 if each.token.endswith(":Policy") else 10240), each.resource
