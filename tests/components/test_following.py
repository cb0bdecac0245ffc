"""The changes of `thumbnails.removals: follow`, statement by statement, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.documents import document, documents
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

BUCKET = "arn:aws:s3:::thumbx-images-0a1b2c3"
POLICY, GRANTS = "thumbx-images-policy", "ThumbXRole-grants"


@pytest.fixture(scope="module")
def following(layer: None) -> Recording:
    return record("dev", {"thumbnails.removals": "follow"})


def statements(program: Recording, name: str) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in document(program, name)["Statement"]}


def changed(program: Recording, other: Recording, name: str) -> dict[str, dict[str, Any]]:
    """The statements of a document that are not the same, or not there, in the other program."""
    before = statements(other, name)
    return {sid: each for sid, each in statements(program, name).items() if before.get(sid) != each}


def test_thumbxrole_may_list_and_delete_thumbnails_and_no_version(
    dev: Recording, following: Recording
) -> None:
    ours = {"StringEquals": {"aws:ResourceAccount": "222222222222"}}
    assert changed(following, dev, GRANTS) == {
        "RemoveThumbnails": {
            "Sid": "RemoveThumbnails",
            "Effect": "Allow",
            "Action": "s3:DeleteObject",
            "Resource": f"{BUCKET}/thumbnails/*",
            "Condition": ours,
        },
        "SeeThumbnails": {
            "Sid": "SeeThumbnails",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": BUCKET,
            "Condition": {**ours, "StringLike": {"s3:prefix": "thumbnails/*"}},
        },
    }
    assert changed(dev, following, GRANTS) == {}


def test_the_refusals_spare_it_below_the_thumbnails_and_nowhere_else(
    dev: Recording, following: Recording
) -> None:
    """Whole statements are compared, because a statement that also names originals/* would let
    the role delete every picture.
    """
    before = statements(dev, POLICY)
    assert changed(following, dev, POLICY) == {
        "DenyOtherWritesOfThumbnails": {
            **before["DenyOtherWritesOfThumbnails"],
            "Action": ["s3:PutObject", "s3:DeleteObject"],
        },
        "DenyOtherObjectActions": {
            **before["DenyOtherObjectActions"],
            "NotAction": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        },
        "DenyOtherRemovals": {
            "Sid": "DenyOtherRemovals",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:DeleteObject",
            "NotResource": f"{BUCKET}/thumbnails/*",
            "Condition": before["DenyOtherObjectActions"]["Condition"],
        },
    }


def test_by_default_nobody_is_granted_a_delete(program: Recording) -> None:
    """In any document of any stack, deletion is refused or not allowed."""
    granted = [
        (each.resource, statement["Sid"])
        for each in filled(list(documents(program)))
        for statement in each.statements
        if statement["Effect"] == "Allow" and "s3:DeleteObject" in str(statement.get("Action"))
    ]
    assert granted == []


def test_the_function_is_told_and_nothing_else_changes(
    dev: Recording, following: Recording
) -> None:
    """Only the function and the two documents change. Any other difference would be a side effect
    that nobody asked for.
    """
    before = {each.name: each.inputs for each in dev.resources}
    after = {each.name: each.inputs for each in following.resources}
    assert before.keys() == after.keys()
    assert {name for name in after if before[name] != after[name]} == {
        POLICY,
        GRANTS,
        "ThumbX-function",
    }
    variables = [each["ThumbX-function"]["environment"]["variables"] for each in (before, after)]
    assert variables[1] == {**variables[0], "REMOVALS": "follow"}
    assert variables[0]["REMOVALS"] == "keep"
