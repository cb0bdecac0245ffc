"""`adopt policy --write` and `adopt key` as they are typed, with S3 and IAM in memory."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

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


class Account:
    """Account B: the bucket's policy and ThumbXRole. `changed_at` is a read that meets a change."""

    def __init__(self) -> None:
        self.policy: dict[str, Any] = THEIRS
        self.reads = 0
        self.changed_at = 0
        self.calls: list[str] = []

    def access(self, *_: Any) -> AccountClients:
        return AccountClients(self._client)

    def _client(self, _account: str, service: str, _region: str | None) -> Any:
        session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="a")  # noqa: S106
        client = session.client(service, region_name="eu-central-1")
        asked: list[Any] = [{}]
        client.meta.events.register(
            "before-parameter-build", lambda params, **_: asked.__setitem__(0, params)
        )
        client.meta.events.register(
            "before-call",
            lambda model, **_: (
                SimpleNamespace(status_code=200, headers={}),
                self._answer(model.name, asked[0]),
            ),
        )
        return client

    def _answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(operation)
        match operation:
            case "GetCallerIdentity":
                return {"Account": B}
            case "ListRoles":
                role = {"RoleName": "ThumbXRole-1", "RoleId": "AROA1", "Arn": f"arn:aws:iam::{B}:r"}
                return {"Roles": [role], "IsTruncated": False}
            case "GetBucketPolicy":
                self.reads += 1
                if self.reads == self.changed_at:
                    self.policy = {**THEIRS, "Id": "changed"}
                return {"Policy": json.dumps(self.policy)}
            case "PutBucketPolicy":
                assert asked["ExpectedBucketOwner"] == B
                self.policy = json.loads(asked["Policy"])
                return {}
            case _:
                raise AssertionError(operation)


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
