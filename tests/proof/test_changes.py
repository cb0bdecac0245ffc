"""The text that a reviewer reads about a change: each break of a document, in plain words."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from proof import __main__ as command
from proof.cells import evaluate_cells
from proof.changes import Changes, changes
from tests.proof.conftest import Documents, asked_of, evaluated, matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# One worker decides on all breaks at once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("changes")]

B = "222222222222"
INSIDER = f"arn:aws:iam::{B}:role/insider"
READERS = ["arn:aws:iam::222222222222:role/reader", INSIDER]


@dataclass(frozen=True)
class Break:
    """A change of a document, the attempts to look at, and who must be said to gain what."""

    document: str
    sids: Mapping[str, Mapping[str, Any] | None]
    group: str
    by: str
    gains: tuple[str, ...]


DELIVER = "deliver events to the upload queue"
DROPPED = None
# A role with AdministratorAccess in B that is not named has S3 permissions too.
SAME_IN_IAM = {"the deployer in B", "B's administrator"}
SPARED = f"arn:aws:iam::{B}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*"
BREAKS = {
    "a principal is widened": Break(
        "bucket_arn",
        {
            "AllowReads": {"Principal": {"AWS": READERS}},
            "DenyOtherReadsOfThumbnails": {
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": [*READERS, SPARED]}}
            },
        },
        "thumbnails",
        "AmazonS3FullAccess, AllowReads",
        (
            "a role of B with s3:* can now read thumbnails/*",
            "a role of B with s3:* can now see the size and type of thumbnails/*",
            "a role of B with s3:* can now hand out links to thumbnails/*",
        ),
    ),
    "the trust is handed to the administrators of A": Break(
        "thumbx_role",
        {"AssumeByProducer": {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}}},
        "roles",
        "AdministratorAccess, AssumeByProducer",
        (
            "another role of A with *:* can now assume ThumbXRole",
            "A's administrator can now assume ThumbXRole",
            "the deployer in A can now assume ThumbXRole",
        ),
    ),
    "the grant no longer asks for credentials of the function": Break(
        "execution_role",
        {"AssumeThumbXRole": {"Condition": None}, "DenyOtherCredentials": DROPPED},
        "roles",
        "AssumeThumbXRole, AssumeByProducer",
        ("another function or person with the execution role can now assume ThumbXRole",),
    ),
    "any account's Lambda may have the execution role": Break(
        "execution_role",
        {"AssumeByLambda": {"Condition": None}},
        "roles",
        "AssumeByLambda",
        ("Lambda for functions of a third account can now assume the execution role",),
    ),
    "the queue no longer asks for the account": Break(
        "uploads_arn",
        {"BucketEvents": {"Condition": {"ArnEquals": {"aws:SourceArn": "{bucket_arn}"}}}},
        "deliveries",
        "BucketEvents",
        (f"S3 for a bucket of this name in a third account can now {DELIVER}",),
    ),
    "the queue no longer asks for the bucket": Break(
        "uploads_arn",
        {"BucketEvents": {"Condition": {"StringEquals": {"aws:SourceAccount": B}}}},
        "deliveries",
        "BucketEvents",
        (f"S3 for another bucket of B can now {DELIVER}",),
    ),
    "the prefix of the listing is dropped": Break(
        "thumbx_role",
        {"SeeMissingOriginals": {"Condition": None}},
        "bucket",
        "SeeMissingOriginals",
        (
            "ThumbXRole can now list every key of the bucket",
            "ThumbXRole can now list thumbnails/*",
        ),
    ),
    "old TLS is accepted": Break(
        "bucket_arn",
        {"DenyOldTls": DROPPED},
        "thumbnails",
        "AllowReads",
        (
            "a reader over TLS 1.1 can now read thumbnails/*",
            "a reader over TLS 1.1 can now see the size and type of thumbnails/*",
            "a reader over TLS 1.1 can now hand out links to thumbnails/*",
        ),
    ),
    "plain http is accepted": Break(
        "bucket_arn",
        {"DenyInsecureTransport": DROPPED},
        "bucket",
        "SeeMissingOriginals",
        ("ThumbXRole over plain http can now list originals/*",),
    ),
    "whoever has S3 may open another prefix": Break(
        "bucket_arn",
        {"DenyOtherPrefixes": {"NotResource": "*"}},
        "elsewhere",
        "AmazonS3FullAccess",
        (
            "a role of B with s3:* can now read elsewhere/*",
            "a role of B with s3:* can now write elsewhere/*",
        ),
    ),
    "the log bucket refuses a list of changes": Break(
        "trail_bucket_arn",
        {"DenyOtherChanges": {"NotAction": None, "Action": ["s3:PutObject*", "s3:DeleteObject*"]}},
        "trail files",
        "AmazonS3FullAccess",
        (
            "a role of B with s3:* can now add trail files by replication",
            "a role of B with s3:* can now delete the trail's files by replication",
        ),
    ),
    "whoever manages the key may use it": Break(
        "key_arn",
        {"ManageButNotUse": {"Action": "kms:*"}},
        "key",
        "AdministratorAccess, ManageButNotUse",
        (
            "B's administrator can now use the key without S3",
            "the deployer in B can now grant others the use of the key",
        ),
    ),
    "the deploy role may manage every bucket": Break(
        "deploy_role_of_storage",
        {"ManageBuckets": {"Resource": "*"}},
        "workflows",
        "ManageBuckets",
        (
            "the deploy role of B can now change the policy of another bucket of B",
            "the deploy role of B can now delete another bucket of B",
            "the deploy role of B can now change the policy of the states' bucket",
        ),
    ),
    "the deploy role may make roles without the boundary": Break(
        "deploy_role_of_producer",
        {"ManageBoundedRoles": {"Condition": None}},
        "workflows",
        "ManageBoundedRoles",
        ("the deploy role of A can now make a role without a boundary in A",),
    ),
    "the deploy role may say who is the deploy role": Break(
        "deploy_role_of_producer",
        {"ManageRoles": {"Resource": "arn:aws:iam::111111111111:role/*"}, "DenyOwnRights": DROPPED},
        "workflows",
        "ManageRoles",
        ("the deploy role of A can now change who is the deploy role in A",),
    ),
    "the preview role may call what it looks at": Break(
        "preview_role_of_producer",
        {"ReadFunctions": {"Action": ["lambda:GetFunction", "lambda:InvokeFunction"]}},
        "function and log",
        "ReadFunctions",
        ("the preview role of A can now invoke the function",),
    ),
}


@pytest.fixture(scope="module")
def found(documents: Documents) -> dict[str, Changes]:
    """What is said of each break; all of them decided by one process."""
    asked = {name: asked_of([each.group]) for name, each in BREAKS.items()}
    sides = {name: (documents, _broken(documents, each)) for name, each in BREAKS.items()}
    both = [
        (program, cell)
        for name, cells in asked.items()
        for side in sides[name]
        for cell in cells
        for program in [side.keyed if cell.attempt.group == "key" else side.plain]
    ]
    answers = iter(evaluate_cells([program for program, _ in both], [cell for _, cell in both]))
    said: dict[str, Changes] = {}
    for name, cells in asked.items():
        old, new = (matrix_of(side, cells, [next(answers) for _ in cells]) for side in sides[name])
        said[name] = changes(old, new)
    return said


def _broken(documents: Documents, each: Break) -> Documents:
    bucket = documents.plain.names["bucket_arn"]
    sids = json.loads(json.dumps(each.sids).replace("{bucket_arn}", bucket))
    return documents.changed(each.document, sids)


@pytest.mark.parametrize("name", BREAKS)
def test_who_gains_is_said_in_plain_words(found: dict[str, Changes], name: str) -> None:
    """A reviewer must not miss any of these changes. Principals that gain nothing are not named."""
    expected, wider = BREAKS[name], found[name].wider
    assert {f"{gain} (by {expected.by})" for gain in expected.gains} <= set(wider)
    assert _who(wider) - SAME_IN_IAM == _who(expected.gains) - SAME_IN_IAM
    assert found[name].narrower == ()


def test_a_public_policy_gains_nobody_but_past_the_block(documents: Documents) -> None:
    """The two locks of an anonymous reader: the refusal, and the public access block."""
    opened = documents.changed(
        "bucket_arn", {"AllowReads": {"Principal": "*"}, "DenyOtherReadsOfThumbnails": None}
    )
    unblocked = replace(opened, plain=replace(opened.plain, blocked=frozenset()))
    asked = [each for each in asked_of(["thumbnails"]) if each.principal.name == "anonymous"]
    blocked = evaluated(opened, asked).cells["anonymous", "thumbnails: get"]
    assert (blocked.allowed, blocked.because) == (False, ("the public access block",))
    assert changes(evaluated(opened, asked), evaluated(unblocked, asked)).wider == (
        "anonymous can now read thumbnails/* (by AllowReads)",
        "anonymous can now see the size and type of thumbnails/* (by AllowReads)",
    )


def test_a_refusal_that_changes_hands_is_told_apart(documents: Documents) -> None:
    """Nobody gains when one of two refusals is removed, but a reviewer must see it."""
    opened = documents.changed("bucket_arn", {"DenyOtherReadsOfOriginals": None})
    asked = [each for each in asked_of(["originals"]) if each.principal.name == "a reader"]
    said = changes(evaluated(documents, asked), evaluated(opened, asked))
    assert (said.wider, said.narrower) == ((), ())
    assert said.other[0] == (
        "a reader, 'originals: get': still refused, by DenyOtherReadsOfOriginals before and by "
        "the lack of a grant now"
    )


def test_diff_says_it_and_its_exit_code_says_which_way(
    documents: Documents,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A workflow marks a pull request by the code, and a reviewer reads the words."""
    asked = asked_of(["trail", "elsewhere"])
    narrow, wide = tmp_path / "narrow.json", tmp_path / "wide.json"
    narrow.write_text(evaluated(documents, asked).text())
    open_prefix = documents.changed("bucket_arn", {"DenyOtherPrefixes": None})
    wide.write_text(evaluated(open_prefix, asked).text())

    def diff(*paths: Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["proof", "diff", *map(str, paths)])
        code = command.main()
        said = capsys.readouterr()
        return code, said.out, said.err

    assert diff(narrow, narrow) == (0, "Nobody can do more or less than before.\n", "")
    code, said, _ = diff(narrow, wide)
    assert code == 1
    assert "Wider:\n  a role of B with s3:* can now read elsewhere/*" in said
    code, said, _ = diff(wide, narrow)
    assert code == 3
    assert (
        "Narrower:\n  a role of B with s3:* can no longer read elsewhere/* "
        "(refused: DenyOtherPrefixes)"
    ) in said
    code, _, error = diff(narrow, tmp_path / "missing.json")
    assert code == 2
    assert "missing.json is not an access matrix" in error


def _who(sentences: tuple[str, ...]) -> set[str]:
    return {each.partition(" can now ")[0] for each in sentences}
