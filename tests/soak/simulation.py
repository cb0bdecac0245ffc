"""Containers of the real handler on an AWS in memory, under load and faults of every kind.

The queue delivers at least once, in any order, and delivers again what fails or was being processed
when its container ended. AWS throttles, denies, revokes sessions, breaks off bodies, and closes
connections before or after a call has had its effect. At the same time originals are replaced,
deleted, or replaced by files that are no pictures. In the end every key is checked: nothing may be
lost.
"""

from __future__ import annotations

import importlib.util
import io
import os
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from aws_lambda_powertools.metrics import EphemeralMetrics
from PIL import Image

import handler
from tests.handler.conftest import ENVIRONMENT, Context, message, record
from tests.handler.fake_aws import AwsError, Call, FakeAws, etag

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import ModuleType

CONTAINERS = 4
BATCH = 10
TRIES = 5
SIZE = "small"
# The share of each fault in all calls to AWS.
THROTTLED, DENIED, EXPIRED, BROKEN, KILLED = 0.005, 0.003, 0.003, 0.005, 0.006
# The share of puts and deletes before which the original changes, and the seconds that the call
# takes.
CHANGED, PAUSED, PAUSE = 0.05, 0.05, 0.1
# The share of uploads with a new key, or that are no picture.
FRESH, NO_PICTURE = 0.7, 0.08
# The share of changes that delete the original, or put it again.
DELETED = 0.4
CHANGING = ("PutObject", "DeleteObject")
NEWEST_FIRST = 0.5
DUPLICATED = 0.08  # of all deliveries
OPTIONS = {
    "SIZES": '{"small": 8}',
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    # With `keep`, fewer changes are made, because nobody could say whether a thumbnail should
    # exist.
    "REMOVALS": "follow",
}


class Killed(BaseException):
    """The container's process has ended, so none of its calls has an effect any more."""


@dataclass
class Message:
    """One message of the queue."""

    key: str
    body: dict[str, Any]
    receives: int = 0


@dataclass
class Count:
    """The result for every key, and what was done to the keys on the way."""

    seed: int
    deliveries: int = 0
    kills: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    right: int = 0
    refused: int = 0
    dead: int = 0
    deleted: int = 0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        faults = ", ".join(f"{number} {name}" for name, number in sorted(self.faults.items()))
        return (
            f"seed {self.seed}: {self.deliveries} deliveries, {self.kills} kills, {faults}\n"
            f"right {self.right}, refused {self.refused}, dead {self.dead}, "
            f"deleted {self.deleted}, lost {len(self.lost)}"
        )


class Soak:
    """One run; the same seed makes the same choices, but the order of threads can differ."""

    def __init__(self, seed: int) -> None:
        self.count = Count(seed)
        self.random = random.Random(seed)  # noqa: S311 - a repeatable run
        self.aws = Bucket(self)
        self.queue: list[Message] = []
        self.dead: set[str] = set()
        self.keys: list[str] = []
        self.lock = threading.RLock()
        self.calm = False

    def run(self, deliveries: int, seconds: float) -> Count:
        """Make this many deliveries, then let the queue run empty without faults, and check."""
        ends = time.monotonic() + seconds
        with started(self.aws) as containers, ThreadPoolExecutor(CONTAINERS) as pool:

            def live(container: Simulated) -> None:
                while self.count.deliveries < deliveries and time.monotonic() < ends:
                    for _ in range(BATCH // 2):
                        self._upload()
                    self._deliver(container)

            def drain(container: Simulated) -> None:
                while self.queue:
                    self._deliver(container)

            list(pool.map(live, containers))
            self.calm = True
            list(pool.map(drain, containers))
        self._look()
        return self.count

    def chance(self, share: float) -> bool:
        with self.lock:
            return not self.calm and self.random.random() < share

    def _upload(self) -> None:
        with self.lock:
            fresh = not self.keys or self.random.random() < FRESH
            key = f"originals/{len(self.keys)}" if fresh else self.random.choice(self.keys)
            if fresh:
                self.keys.append(key)
            whole = self.random.random() > NO_PICTURE
            body = drawn(self.random) if whole else self.random.randbytes(40)
            self.aws.put(key, body)
            self._tell(Message(key, message(record(key, body))))

    def change(self, key: str) -> None:
        """During a call about an original, somebody replaces or deletes it."""
        with self.lock:
            if key in self.aws.objects and self.random.random() < DELETED:
                self.aws.delete(key)
                self.count.faults["deletes"] += 1
                told = record(key) | {"eventName": "ObjectRemoved:DeleteMarkerCreated"}
            else:
                body = drawn(self.random)
                self.aws.put(key, body)
                self.count.faults["replacements"] += 1
                told = record(key, body)
            self._tell(Message(key, message(told)))

    def _tell(self, told: Message) -> None:
        self.queue.append(told)

    def _take(self) -> list[Message]:
        with self.lock:
            # In any order, and half of the time the newest first, so that two containers meet.
            if self.random.random() < NEWEST_FIRST:
                self.random.shuffle(self.queue)
            number = self.random.randint(1, BATCH)
            self.queue, taken = self.queue[:-number], self.queue[-number:]
            # The same messages a second time, now or later, whatever happens to these.
            again = [replace(each, body=dict(each.body)) for each in taken if self._twice()]
            self.queue += again
            self.count.faults["duplicates"] += len(again)
            return taken

    def _twice(self) -> bool:
        return not self.calm and self.random.random() < DUPLICATED

    def _deliver(self, container: Simulated) -> None:
        batch = self._take()
        if not batch:
            return
        for number, each in enumerate(batch):
            each.receives += 1
            each.body |= {
                "messageId": f"m{number}",
                "attributes": {"ApproximateReceiveCount": str(each.receives)},
            }
        failed = container.invoke([dict(each.body) for each in batch])
        with self.lock:
            self.count.deliveries += len(batch)
            self.aws.now += timedelta(seconds=20)
            for number, each in enumerate(batch):
                if f"m{number}" in failed:
                    self._again(each)

    def _again(self, failed: Message) -> None:
        if failed.receives < TRIES:
            self.queue.append(failed)
        else:
            self.dead.add(failed.key)

    def _look(self) -> None:
        refusals = {(each["key"], each["etag"]) for each in self.aws.refused}
        for key in self.keys:
            body = self.aws.objects.get(key)
            thumbnail = f"thumbnails/{key.removeprefix('originals/')}/{SIZE}.png"
            made_of = self.aws.headers.get(thumbnail, {}).get("x-amz-meta-original-etag")
            if body is None and (made_of is None or key in self.dead):
                self.count.deleted += 1
            elif body is None:
                self.count.lost.append(key)
            elif made_of == etag(body).strip('"'):
                self.count.right += 1
            elif (key, etag(body).strip('"')) in refusals:
                self.count.refused += 1
            elif key in self.dead:
                self.count.dead += 1
            else:
                self.count.lost.append(key)


class Bucket(FakeAws):
    """The AWS in memory, with faults before and after each call has its effect."""

    def __init__(self, soak: Soak) -> None:
        super().__init__()
        self._soak = soak
        self.before, self.after = self._before, self._after
        self.ended: set[str] = set()

    def _before(self, call: Call) -> None:
        self._live(call)
        if call.operation in CHANGING and self._soak.chance(CHANGED):
            self._soak.change(f"originals/{call.key.split('/')[1]}")
        if call.operation in CHANGING and self._soak.chance(PAUSED):
            threading.Event().wait(PAUSE)
        for share, error in (
            (THROTTLED, AwsError(503, "SlowDown")),
            (DENIED, AwsError(403, "AccessDenied")),
            (EXPIRED, AwsError(400, "ExpiredToken")),
        ):
            if self._soak.chance(share):
                self._soak.count.faults[error.code] += 1
                raise error

    def _after(self, call: Call) -> None:
        self._live(call)

    def _live(self, call: Call) -> None:
        if call.container not in self.ended and self._soak.chance(KILLED):
            self.ended.add(call.container)
            self._soak.count.kills += 1
        if call.container in self.ended:
            raise Killed

    def _object(self, call: Call, request: Any) -> tuple[dict[str, str], bytes]:
        headers, body = super()._object(call, request)
        if call.operation == "GetObject" and self._soak.chance(BROKEN):
            self._soak.count.faults["broken bodies"] += 1
            body = body[: len(body) // 2]
        return headers, body


class Simulated:
    """One container; if it is killed, another with the same name follows."""

    def __init__(self, aws: Bucket, name: str, entry: ModuleType) -> None:
        self._aws, self._name, self._entry = aws, name, entry

    def invoke(self, messages: list[dict[str, Any]]) -> set[str]:
        """Return the ids of the messages to deliver again; all of them if the container was
        killed.
        """
        every = {each["messageId"] for each in messages}
        response = self._entry.handler({"Records": messages}, Context())
        if self._name in self._aws.ended:
            self._aws.ended.discard(self._name)
            return every
        return {each["itemIdentifier"] for each in response["batchItemFailures"]}


@contextmanager
def started(aws: Bucket) -> Generator[list[Simulated]]:
    """Import the entry point as containers do, each with its own clients on this AWS."""
    containers: list[Simulated] = []
    with (
        patch.dict(os.environ, ENVIRONMENT | OPTIONS),
        patch("handler.session.datetime") as clock,
        patch("aws_lambda_powertools.metrics.Metrics", EphemeralMetrics),
        patch("time.sleep"),
        patch("sys.stdout", io.StringIO()),
    ):
        clock.now.side_effect = lambda _: aws.now
        for number in range(CONTAINERS):
            name = f"container-{number}"
            spec = importlib.util.spec_from_file_location(name, f"{handler.__path__[0]}/entry.py")
            assert spec
            assert spec.loader
            entry = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(entry)
            aws.attach(entry.clients, name)
            containers.append(Simulated(aws, name, entry))
        yield containers
        sys.stdout.truncate(0)
    aws.detach()


def drawn(source: random.Random) -> bytes:
    """A small picture that is different from every other."""
    side = source.randint(8, 16)
    pixels = source.randbytes(side * side * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (side, side), pixels).save(buffer, "PNG")
    return buffer.getvalue()
