"""An existing bucket: adopted, deployed, used, released and destroyed; nothing is lost.

The emulator delivers from S3 to EventBridge and from there to queues of the same account; to a
queue of another account it delivers nothing. A relay stands in for that one hop: it takes what the
rule sends to a queue of B and sends it on with the session of the rule's own role, so that the
role's grant and the policy of A's queue are enforced.
"""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from adopt import command
from adopt.permissions import operations
from adopt.stack import AdoptedStack
from recording.program import configuration, settings_from
from sandbox.actors import Actors
from sandbox.emulator import Emulator
from sandbox.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.clients import SandboxClients
    from tests.engine.engine import Start

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]

BUCKET, PICTURES = "their-pictures", 100
OPTIONS = {
    "storage.bucket": BUCKET,
    "storage.deletable": False,
    "thumbnails.originalsPrefix": "",
}


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(buffer, "JPEG")
    return buffer.getvalue()


class Theirs:
    """The bucket with all that its owner put on it, and a service that reads there."""

    def __init__(self, clients: SandboxClients, stack: Stack, actors: Actors) -> None:
        self.s3 = clients.client("s3", stack.storage, stack.region)
        sqs = clients.client("sqs", stack.storage, stack.region)
        self.service = clients.client("s3", actors.assume(stack.reader), stack.region)
        self.queue = sqs.create_queue(QueueName="their-own")["QueueUrl"]
        arn = f"arn:aws:sqs:{stack.region}:{stack.storage}:their-own"
        may_send = {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        sqs.set_queue_attributes(
            QueueUrl=self.queue,
            Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [may_send]})},
        )
        policy = {
            "Version": "2012-10-17",
            "Id": "theirs",
            "Statement": [
                {
                    "Sid": "ReadEverything",
                    "Effect": "Allow",
                    "Principal": {"AWS": stack.reader},
                    "Action": ["s3:GetObject", "s3:ListBucket"],
                    "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
                }
            ],
        }
        told = {"Id": "their-own", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
        location: Any = {"LocationConstraint": stack.region}
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
        self.s3.put_bucket_notification_configuration(
            Bucket=BUCKET, NotificationConfiguration={"QueueConfigurations": [told]}
        )
        for number in range(PICTURES):
            self.s3.put_object(Bucket=BUCKET, Key=f"2025/{number:03}.jpg", Body=jpeg())
        self.s3.put_object(Bucket=BUCKET, Key="2025/000.jpg", Body=jpeg() + b"\n")

    def settings(self) -> dict[str, Any]:
        """What exists once for the bucket."""
        notification = self.s3.get_bucket_notification_configuration(Bucket=BUCKET)
        notification.pop("ResponseMetadata")
        return {
            "policy": json.loads(self.s3.get_bucket_policy(Bucket=BUCKET)["Policy"]),
            "versioning": self.s3.get_bucket_versioning(Bucket=BUCKET)["Status"],
            "notification": notification,
        }

    def objects(self) -> set[tuple[str, str, str]]:
        """Every version that existed before."""
        pages = self.s3.get_paginator("list_object_versions").paginate(
            Bucket=BUCKET, Prefix="2025/"
        )
        return {
            (each["Key"], each["VersionId"], each["ETag"])
            for page in pages
            for each in page.get("Versions", [])
        }

    def serves(self) -> None:
        """The service reads the first picture and the last."""
        for key in ("2025/000.jpg", f"2025/{PICTURES - 1:03}.jpg"):
            assert self.service.get_object(Bucket=BUCKET, Key=key)["Body"].read()


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    with Emulator(log=tmp_path / "emulator.log") as emulator:
        for name, value in {
            "AWS_ENDPOINT_URL": emulator.clients.endpoint,
            "AWS_CA_BUNDLE": str(emulator.clients.ca_bundle),
            "AWS_ACCESS_KEY_ID": Stack.read().storage,
            "AWS_SECRET_ACCESS_KEY": "emulator",
        }.items():
            monkeypatch.setenv(name, value)
        settings = settings_from(configuration("sandbox", OPTIONS))
        monkeypatch.setattr(command, "read_stack", lambda _: AdoptedStack(settings))
        yield emulator


class Relay:
    """The hop from EventBridge to A that the emulator lacks."""

    def __init__(self, clients: SandboxClients, stack: Stack, actors: Actors, url: str) -> None:
        events = clients.client("events", stack.storage, stack.region)
        self._sqs = clients.client("sqs", stack.storage, stack.region)
        self._queue = self._sqs.create_queue(QueueName="relay")["QueueUrl"]
        (rule,) = events.list_rules(NamePrefix="ThumbX-uploads-rule")["Rules"]
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        own: Any = {
            "Id": "relay",
            "Arn": f"arn:aws:sqs:{stack.region}:{stack.storage}:relay",
        }
        events.put_targets(Rule=rule["Name"], Targets=[own])
        self._events, self._rule = events, rule["Name"]
        role = actors.borrow(target["RoleArn"])
        self._sender = clients.client("sqs", role, stack.region)
        self._to = url
        self.passed = list[dict[str, Any]]()

    def run(self) -> None:
        found = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        for each in found.get("Messages", []):
            self._sender.send_message(QueueUrl=self._to, MessageBody=each["Body"])
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=each["ReceiptHandle"])
            self.passed.append(json.loads(each["Body"]))

    def end(self) -> None:
        self._events.remove_targets(Rule=self._rule, Ids=["relay"])


def eventually(true: Callable[[], bool], *, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def noted(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """The operations that the commands call from now on."""
    calls = set[tuple[str, str]]()
    connect = command.connect

    def connected(*arguments: Any) -> Any:
        access = connect(*arguments)
        client = access.client

        def noting(account: str, service: str, region: str | None = None) -> Any:
            found = client(account, service, region)
            found.meta.events.register(
                "before-call",
                lambda model, **_: calls.add((service, model.name)),
                unique_id=f"noted-{service}",
            )
            return found

        monkeypatch.setattr(access, "client", noting)
        return access

    monkeypatch.setattr(command, "connect", connected)
    return calls


def ran(calls: set[tuple[str, str]], step: str, *words: str) -> set[tuple[str, str]]:
    """Run one step of the command; the operations that it called."""
    calls.clear()
    assert command.main([step, "--stack", "sandbox", *words]) == 0
    return set(calls)


def test_a_bucket_in_use_is_adopted_used_and_released(
    start: Start,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Policy, notification and every earlier object are as before, and its readers were served."""
    stack, clients = Stack.read(), emulator.clients
    actors = Actors(clients, stack)
    actors.seed()
    theirs = Theirs(clients, stack, actors)
    settings, objects = theirs.settings(), theirs.objects()
    assert len(objects) == PICTURES + 1

    calls = noted(monkeypatch)
    assert ran(calls, "check") == operations("check")
    said = capsys.readouterr().out
    assert "off: thumbx would get no event about an upload" in said
    assert "their-own" in said

    engine = start("sandbox", options=stack.at(clients.endpoint, str(clients.ca_bundle)) | OPTIONS)
    engine.up()
    engine.clean()
    assert theirs.settings() == settings
    theirs.serves()

    after_a_no = {("events", "UntagResource")}
    assert ran(calls, "enable", "--yes") == operations("enable") - after_a_no
    switched = settings["notification"] | {"EventBridgeConfiguration": {}}
    assert theirs.settings() == settings | {"notification": switched}
    engine.clean()  # the note on the rule is nobody's change
    assert ran(calls, "policy") == operations("policy") - {("s3", "PutBucketPolicy")}
    assert "ThumbXDenyOtherReadsOfOriginals" in capsys.readouterr().out
    assert theirs.settings()["policy"] == settings["policy"]

    relay = Relay(clients, stack, actors, engine.outputs()["queue_url"])
    theirs.s3.put_object(Bucket=BUCKET, Key="2026/new one.jpg", Body=jpeg())
    folder = "thumbnails/2026/new one.jpg/"

    def made() -> bool:
        relay.run()
        found = theirs.s3.list_objects_v2(Bucket=BUCKET, Prefix=folder).get("Contents", [])
        return len(found) == len(stack.names)

    assert eventually(made)
    time.sleep(0.5)
    relay.run()
    keys = [each["detail"]["object"]["key"] for each in relay.passed]
    assert keys == ["2026/new one.jpg"]  # not one of its thumbnails
    relay.end()
    theirs.serves()

    assert ran(calls, "release", "--yes") == operations("release")
    assert f"aws s3 rm --recursive s3://{BUCKET}/thumbnails/" in capsys.readouterr().out
    engine.destroy()
    assert list(engine.cloud) == []
    assert theirs.settings() == settings
    assert theirs.objects() == objects
    assert theirs.s3.list_objects_v2(Bucket=BUCKET, Prefix=folder)["KeyCount"] == len(stack.names)
    theirs.serves()
