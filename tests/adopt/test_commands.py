"""`adopt policy`, `key`, `enable` and `release` as they are typed, with account B in memory."""

from __future__ import annotations

import functools
import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from adopt import command
from adopt.stack import AdoptedStack
from audit.accounts.clients import AccountClients
from recording.program import PROJECT, configuration, settings_from
from tests.recorded import STACKS

B = "222222222222"
KEY = f"arn:aws:kms:eu-central-1:{B}:key/1b2c3d4e-0000-0000-0000-000000000000"
THEIRS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "TheirReader",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{B}:role/theirs"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::theirs/*",
        }
    ],
}


ON: dict[str, Any] = {"EventBridgeConfiguration": {}}


def rule(bucket: str) -> dict[str, str]:
    """The rule of a stack on a bucket, as ListRules has it."""
    name = f"ThumbX-uploads-rule-{len(bucket):07}"
    return {
        "Name": name,
        "Arn": f"arn:aws:events:eu-central-1:{B}:rule/{name}",
        "EventPattern": json.dumps({"detail": {"bucket": {"name": [bucket]}}}),
    }


class Account:
    """Account B: the bucket, ThumbXRole and our rule. `changed_at` is a read of the policy that
    meets a change.
    """

    def __init__(self) -> None:
        self.policy: dict[str, Any] = THEIRS
        self.reads = 0
        self.changed_at = 0
        self.calls: list[str] = []
        self.caller = B
        self.notification: dict[str, Any] = {}
        self.rules = [rule("theirs"), rule("another-bucket")]
        self.tags: list[dict[str, str]] = []

    def destroy(self) -> None:
        """What `pulumi destroy` takes away of what `release` reads."""
        self.rules, self.tags = [], []

    def access(self, *_: Any) -> AccountClients:
        answering[:] = [self]
        return AccountClients(lambda _account, service, _region: client(service))

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        role = {"RoleName": "ThumbXRole-1", "RoleId": "AROA1", "Arn": f"arn:aws:iam::{B}:r"}
        answers = {
            "GetCallerIdentity": {"Account": self.caller},
            "ListRoles": {"Roles": [role], "IsTruncated": False},
            "GetBucketNotificationConfiguration": self.notification,
            "ListRules": {"Rules": self.rules},
            "ListTagsForResource": {"Tags": self.tags},
        }
        if operation == "GetBucketPolicy":
            self.reads += 1
            if self.reads == self.changed_at:
                self.policy = {**THEIRS, "Id": "changed"}
            return {"Policy": json.dumps(self.policy)}
        if operation not in answers:
            self._change(operation, asked)
        return answers.get(operation, {})

    def _change(self, operation: str, asked: dict[str, Any]) -> None:
        match operation:
            case "PutBucketPolicy":
                assert asked["ExpectedBucketOwner"] == B
                self.policy = json.loads(asked["Policy"])
            case "PutBucketNotificationConfiguration":
                assert asked["ExpectedBucketOwner"] == B
                self.notification = asked["NotificationConfiguration"]
            case "TagResource":
                self.tags = asked["Tags"]
            case "UntagResource":
                self.tags = []
            case "HeadBucket":
                assert asked["ExpectedBucketOwner"] == B
                raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, operation)
            case _:
                raise AssertionError(operation)


answering: list[Account] = []


@functools.cache
def client(service: str) -> Any:
    """A client of the one account that answers now; made once, because that is slow."""
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="a")  # noqa: S106
    made: Any = session.client(service, region_name="eu-central-1")
    asked: list[Any] = [{}]
    made.meta.events.register(
        "before-parameter-build", lambda params, **_: asked.__setitem__(0, params)
    )
    made.meta.events.register(
        "before-call",
        lambda model, **_: (
            SimpleNamespace(status_code=200, headers={}),
            answering[0].answer(model.name, asked[0]),
        ),
    )
    return made


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    found = Account()
    values = {
        "storage.bucket": "theirs",
        "storage.bucketKey": KEY,
        "storage.encryption": None,
        "storage.deletable": None,
    }
    settings = settings_from(configuration("dev", values, stacks=PROJECT / STACKS))
    monkeypatch.setattr(command, "read_stack", lambda _: AdoptedStack(settings))
    monkeypatch.setattr(command, "connect", found.access)
    return found


def sids(policy: dict[str, Any]) -> list[str]:
    return [each["Sid"] for each in policy["Statement"]]


def test_the_policy_is_written_beside_theirs_and_once(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their statement stays word for word, and ours begin with ThumbX."""
    assert command.main(["policy"]) == 0
    assert account.policy == THEIRS
    assert command.main(["policy", "--write", "--yes"]) == 0
    assert account.policy["Statement"][0] == THEIRS["Statement"][0]
    added = sids(account.policy)[1:]
    assert added
    assert all(each.startswith("ThumbX") for each in added)
    assert capsys.readouterr().out.endswith("Written.\n")
    written = account.calls.count("PutBucketPolicy")
    assert command.main(["policy", "--write", "--yes"]) == 0
    assert account.calls.count("PutBucketPolicy") == written


def test_a_change_by_somebody_else_before_the_write_stops_it(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Written over, their change would be lost without a word."""
    account.changed_at = 2
    assert command.main(["policy", "--write", "--yes"]) == 2
    assert "PutBucketPolicy" not in account.calls
    assert "somebody changed the policy of theirs while you decided" in capsys.readouterr().err


def test_without_a_terminal_and_without_yes_nothing_is_written(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that runs it by mistake changes nothing."""
    assert command.main(["policy", "--write"]) == 1
    assert "PutBucketPolicy" not in account.calls
    assert "give --yes to continue" in capsys.readouterr().out


def test_the_key_s_owner_gets_the_statement_for_both_forms_of_the_context(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3 gives KMS the bucket's ARN with bucket keys, and the object's ARN without."""
    assert command.main(["key"]) == 0
    said = capsys.readouterr().out
    statement = json.loads(said[said.index("{") :])
    contexts = json.dumps(statement["Condition"])
    assert "arn:aws:s3:::theirs" in contexts
    assert "arn:aws:s3:::theirs/*" in contexts
    assert "PutKeyPolicy" not in account.calls


def test_release_turns_off_what_enable_turned_on(account: Account) -> None:
    """The rule of another stack in the account has nothing to do with it."""
    assert command.main(["enable", "--yes"]) == 0
    assert (account.notification, len(account.tags)) == (ON, 1)
    assert command.main(["release", "--yes"]) == 0
    assert (account.notification, account.tags) == ({}, [])


def test_release_leaves_on_what_was_on_before(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Others listen to it."""
    account.notification = ON
    assert command.main(["enable", "--yes"]) == 0
    assert command.main(["release", "--yes"]) == 0
    assert account.notification == ON
    assert "was on before thumbx was deployed" in capsys.readouterr().out


def test_release_ends_well_where_somebody_turned_it_off_already(account: Account) -> None:
    """The note goes too: it would speak of a switch that somebody else may turn on."""
    assert command.main(["enable", "--yes"]) == 0
    account.notification = {}
    assert command.main(["release", "--yes"]) == 0
    assert account.tags == []


def test_release_after_a_destroy_says_what_nobody_knows_any_more(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The note was a tag on our rule: without it, others may need the events."""
    assert command.main(["enable", "--yes"]) == 0
    account.destroy()
    capsys.readouterr()
    assert command.main(["release", "--yes"]) == 1
    assert account.notification == ON
    said = capsys.readouterr().out
    assert "the rule is gone with the stack" in said
    assert 'make adopt ARGS="release --was-off"' in said
    assert "aws s3 rm --recursive s3://theirs/thumbnails/" in said


def test_release_after_a_destroy_turns_off_on_a_person_s_word(account: Account) -> None:
    """It still asks: without a yes the switch stays on."""
    assert command.main(["enable", "--yes"]) == 0
    account.destroy()
    assert command.main(["release", "--was-off"]) == 1
    assert account.notification == ON
    assert command.main(["release", "--was-off", "--yes"]) == 0
    assert account.notification == {}
    assert command.main(["release", "--yes"]) == 0


def test_enable_before_up_is_refused(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """S3 would send, and charge for, events that nobody hears."""
    account.rules = [rule("another-bucket")]
    assert command.main(["enable", "--yes"]) == 2
    assert account.notification == {}
    assert "run `make up` for the stack first" in capsys.readouterr().err


def test_two_stacks_on_one_bucket_are_named(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.rules = [rule("theirs"), rule("theirs") | {"Name": "ThumbX-uploads-rule-7654321"}]
    assert command.main(["enable", "--yes"]) == 2
    assert "two stacks use the bucket" in capsys.readouterr().err


def test_check_refuses_a_bucket_of_another_owner(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3 answers 403 to the expected owner's id; names are global, and this one is somebody's."""
    assert command.main(["check"]) == 2
    assert f"account {B} owns no bucket of that name" in capsys.readouterr().err
    assert "GetBucketPolicy" not in account.calls


def test_credentials_of_another_account_are_refused_before_any_call(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two profiles are easily taken for one another."""
    account.caller = "111111111111"
    for step in ("check", "enable", "policy", "key", "release"):
        assert command.main([step]) == 2
        assert "name a profile of that account" in capsys.readouterr().err
    assert set(account.calls) == {"GetCallerIdentity"}
