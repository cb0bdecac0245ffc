"""A bucket that was there before in the emulator, and the one hop that the emulator lacks.

The emulator delivers from S3 to EventBridge and from there to queues of the same account; to a
queue of another account it delivers nothing. A relay stands in for that one hop: it takes what the
rule sends to a queue of B and sends it on with the session of the rule's own role, so that the
role's grant and the policy of A's queue are enforced.
"""

from __future__ import annotations

import io
import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from sandbox.actors import Actors
    from sandbox.clients import SandboxClients
    from sandbox.stack import Stack

BUCKET, PICTURES = "their-pictures", 100
OPTIONS = {
    "storage.bucket": BUCKET,
    "storage.deletable": False,
    "thumbnails.originalsPrefix": "",
}
PAUSE = 0.05  # seconds between two reads of their service


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
        """The settings that a bucket has only once."""
        notification = self.s3.get_bucket_notification_configuration(Bucket=BUCKET)
        notification.pop("ResponseMetadata")
        return {
            "policy": json.loads(self.s3.get_bucket_policy(Bucket=BUCKET)["Policy"]),
            "versioning": self.s3.get_bucket_versioning(Bucket=BUCKET)["Status"],
            "notification": notification,
        }

    def objects(self) -> set[tuple[str, str, str]]:
        """Every version of what was there before."""
        pages = self.s3.get_paginator("list_object_versions").paginate(
            Bucket=BUCKET, Prefix="2025/"
        )
        return {
            (each["Key"], each["VersionId"], each["ETag"])
            for page in pages
            for each in page.get("Versions", [])
        }

    @contextmanager
    def reading(self) -> Generator[list[int]]:
        """Let the service read one picture after another until the block ends.

        It yields the number of reads so far, as a list of one number. Raises the first read's
        failure, so that a service that was not served for a moment fails the test.
        """
        count, ended, failures = [0], threading.Event(), list[Exception]()

        def read() -> None:
            while not ended.is_set():
                key = f"2025/{count[0] % PICTURES:03}.jpg"
                try:
                    assert self.service.get_object(Bucket=BUCKET, Key=key)["Body"].read()
                except Exception as error:  # raised below, in the test's thread
                    failures.append(error)
                count[0] += 1
                ended.wait(PAUSE)

        service = threading.Thread(target=read, name="their service")
        service.start()
        try:
            yield count
        finally:
            ended.set()
            service.join()
        if failures:
            raise AssertionError(f"{len(failures)} of {count[0]} reads failed") from failures[0]


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

    def keys(self) -> list[str]:
        """The keys of the events that it has passed on."""
        return [each["detail"]["object"]["key"] for each in self.passed]

    def end(self) -> None:
        self._events.remove_targets(Rule=self._rule, Ids=["relay"])


def eventually(true: Callable[[], bool], *, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
