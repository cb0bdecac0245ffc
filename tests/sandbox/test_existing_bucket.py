"""An existing bucket in the sandbox: the audit, and three guards against feedback, one by one.

Its originals have no prefix, so that a thumbnail lies among the originals, and a guard must keep
thumbnails from being made of thumbnails. Each is tried with the other two taken away where they are
deployed: the rule's pattern in EventBridge, the Deny in ThumbXRole's own policy, and the check in
the function's code.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pulumi
import pytest

from audit import command as audit
from audit.checks import expected
from components.producer.package import function_archive
from recording.program import PROJECT
from recording.recording import record
from sandbox.actors import Actors
from sandbox.deployment import Deployment, deploy
from sandbox.emulator import Emulator
from sandbox.providers.function import zipped
from sandbox.stack import Stack
from tests.existing import BUCKET, OPTIONS, Relay, eventually, jpeg
from tests.sandbox.test_audit import as_auditor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow  # a deployment of its own, and five scenarios on it

PATTERN, DENY, HANDLER = "the rule's pattern", "ThumbXRole's Deny", "the handler"
CHECK = "if upload.key.startswith(settings.thumbnails):"  # in handler/pipeline.py
TWICE = "thumbnails/thumbnails/"


class Feedback:
    """The deployed stack, its three guards, and the relay to the queue in A."""

    def __init__(self, deployment: Deployment) -> None:
        stack = deployment.stack
        self.deployment = deployment
        self._events = deployment.clients.client("events", stack.storage, stack.region)
        (rule,) = self._events.list_rules(NamePrefix="ThumbX-uploads-rule")["Rules"]
        self._rule, self._pattern = rule["Name"], json.loads(rule["EventPattern"])
        self._role = deployment.exports["thumbx_role_arn"].rpartition("/")[2]
        iam = deployment.iam(stack.storage)
        names = iam.list_role_policies(RoleName=self._role)["PolicyNames"]
        (self._refusals,) = [each for each in names if "refusals" in each]
        self._denied = iam.get_role_policy(RoleName=self._role, PolicyName=self._refusals)

    @cached_property
    def relay(self) -> Relay:
        """Another target of the rule, from its first use on."""
        found = self.deployment
        return Relay(found.clients, found.stack, found.actors, found.exports["queue_url"])

    def leave(self, left: str | None) -> None:
        """Take all guards away but one."""
        assert self.relay
        pattern = json.loads(json.dumps(self._pattern))
        if left != PATTERN:
            del pattern["detail"]["object"]
        self._events.put_rule(Name=self._rule, EventPattern=json.dumps(pattern))
        iam: Any = self.deployment.iam(self.deployment.stack.storage)
        own = {"RoleName": self._role, "PolicyName": self._refusals}
        document = self._denied["PolicyDocument"]
        iam.put_role_policy(**own, PolicyDocument=json.dumps(document))
        if left != DENY:
            iam.delete_role_policy(**own)
        self.deployment.lambda_.update_function_code(
            FunctionName=self.deployment.exports["function_name"],
            ZipFile=zipped(_handler(guarded=left == HANDLER)),
        )

    def upload(self, key: str) -> None:
        """Upload as the bucket's owner."""
        self.deployment.s3.put_object(Bucket=BUCKET, Key=key, Body=jpeg())

    def keys(self, prefix: str) -> set[str]:
        """The keys below a prefix, after the relay has passed on what waited."""
        self.relay.run()
        listed = self.deployment.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return {each["Key"] for each in listed.get("Contents", [])}

    def lines(self, key: str) -> list[dict[str, Any]]:
        """The function's lines about a key."""
        self.relay.run()
        group = self.deployment.exports["log_group"]
        found = self.deployment.logs.filter_log_events(logGroupName=group)["events"]
        lines = [json.loads(each["message"]) for each in found if key in each["message"]]
        return [each for each in lines if each.get("key") == key]


def _handler(*, guarded: bool) -> Any:
    """The function's archive; not guarded, it makes thumbnails of thumbnails."""
    archive = function_archive()
    if not guarded:
        name = "handler/pipeline.py"
        code = (PROJECT / name).read_text()
        assert code.count(CHECK) == 1
        archive.assets[name] = pulumi.StringAsset(code.replace(CHECK, "if False:"))
    return archive


@pytest.fixture(scope="module")
def feedback(layer: None) -> Iterator[Feedback]:
    stack = Stack.read()
    with Emulator(log=PROJECT / "build" / "e2e" / "feedback.log") as emulator:
        actors = Actors(emulator.clients, stack)
        actors.seed()
        s3 = emulator.clients.client("s3", stack.storage, stack.region)
        location: Any = {"LocationConstraint": stack.region}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        yield Feedback(deploy(emulator.clients, stack, actors, options=OPTIONS))


def test_the_audit_passes_an_existing_bucket_with_the_printed_rights(
    feedback: Feedback,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`audit policy --bucket` prints them; the sandbox has neither trail nor analyzer."""
    environment = as_auditor(feedback.deployment, tmp_path, BUCKET)
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(expected, "recorded", lambda stack: record(stack, OPTIONS))
    profiles = [f"--{account}-profile={account}" for account in ("producer", "storage")]
    code = audit.main(["check", "--stack", "sandbox", "--json", *profiles])
    found = capsys.readouterr()
    assert found.out, found.err
    lines = {line["what"]: line for line in json.loads(found.out)["lines"]}
    others = {what: line for what, line in lines.items() if line["status"] != "pass"}
    assert {line["status"] for line in others.values()} == {"off"}, others
    assert code == 0, found.err
    ours = {f"{what} of the sending role" for what in ("trust", "grants")}
    assert not (ours | {"queue policies", "notification", "event rules, storage"}) & set(others)


def test_without_any_guard_thumbnails_are_made_of_thumbnails(feedback: Feedback) -> None:
    """The tests below could not fail if nothing ever came of a thumbnail."""
    feedback.leave(None)
    feedback.upload("unguarded/a.jpg")
    assert eventually(lambda: bool(feedback.keys(f"{TWICE}unguarded/a.jpg/")))


@pytest.mark.parametrize("guard", [PATTERN, DENY, HANDLER])
def test_one_guard_is_enough_with_the_other_two_taken_away(feedback: Feedback, guard: str) -> None:
    feedback.leave(guard)
    folder = guard.replace(" ", "-")
    names = feedback.deployment.stack.names
    feedback.upload(f"{folder}/a.jpg")
    assert eventually(lambda: len(feedback.keys(f"thumbnails/{folder}/a.jpg/")) == len(names))
    thumbnails = sorted(feedback.keys(f"thumbnails/{folder}/a.jpg/"))
    # S3 told of these thumbnails before it tells of the next upload.
    feedback.upload(f"{folder}/b.jpg")
    assert eventually(lambda: len(feedback.keys(f"thumbnails/{folder}/b.jpg/")) == len(names))
    if guard == PATTERN:
        assert not {*thumbnails} & {*feedback.relay.keys()}
    else:
        stopped = {
            DENY: ("failed", "AccessDenied"),
            HANDLER: ("refused", "own-thumbnail"),
        }[guard]
        for each in thumbnails:
            assert eventually(lambda key=each: bool(feedback.lines(key))), each
            (line, *_) = feedback.lines(each)
            assert line["outcome"] == stopped[0]
            assert stopped[1] in json.dumps(line)
    assert not feedback.keys(f"{TWICE}{folder}/")
