"""The deployed program in the sandbox, while SIGKILL ends its function again and again."""

from __future__ import annotations

import io
import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from handler.events import read_message
from recording.program import PROJECT
from sandbox.deployment import deployed

if TYPE_CHECKING:
    from sandbox.deployment import Deployment

# In times of what the first picture takes, cold start and all: on a busy machine everything does.
PAUSE = (0.5, 2.5)  # between two kills, at random
AGAIN = 4  # after which a message comes back; sooner, it would be worked on twice and soon be dead
KILLS = 20
SECONDS = 300


@dataclass
class Killing:
    """The result for the pictures."""

    kills: int = 0
    right: int = 0
    dead: int = 0
    lost: int = 0

    def __str__(self) -> str:
        return f"{self.kills} kills, right {self.right}, dead {self.dead}, lost {self.lost}"


def run(seed: int, pictures: int) -> Killing:
    """Upload pictures while the function's processes are killed; check when the queue is empty."""
    source = random.Random(seed)  # noqa: S311 - a repeatable run
    count, stop = Killing(), threading.Event()
    log = PROJECT / "build" / "soak" / "emulator.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with deployed(log=log) as deployment:
        uploader = deployment.client("s3", "uploader")
        first, *keys = [f"{deployment.stack.originals}{number}.png" for number in range(pictures)]
        began = time.monotonic()
        deadline = began + SECONDS
        uploader.put_object(Bucket=deployment.bucket, Key=first, Body=_picture(source))
        while not _complete(deployment, first, _thumbnails(deployment)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the first picture has no thumbnails after {SECONDS} s")
            time.sleep(0.1)
        took = time.monotonic() - began
        _come_back_soon(deployment, took)
        killer = threading.Thread(target=_kill, args=(source, count, stop, took), daemon=True)
        killer.start()
        for key in keys:
            uploader.put_object(Bucket=deployment.bucket, Key=key, Body=_picture(source))
            time.sleep(0.05)
        while count.kills < KILLS and _waiting(deployment, "queue_url"):
            time.sleep(0.5)
        stop.set()
        killer.join()
        while _waiting(deployment, "queue_url") and time.monotonic() < deadline:
            time.sleep(0.5)
        dead = _dead(deployment)
        there = _thumbnails(deployment)
        missing = [key for key in keys if not _complete(deployment, key, there)]
        count.right = 1 + len(keys) - len(missing)
        count.dead = len([key for key in missing if key in dead])
        count.lost = len(missing) - count.dead
    return count


def _come_back_soon(deployment: Deployment, took: float) -> None:
    """A setting for this test only; the program's is six times the timeout."""
    deployment.sqs.set_queue_attributes(
        QueueUrl=deployment.exports["queue_url"],
        Attributes={"VisibilityTimeout": str(1 + int(AGAIN * took))},
    )


def _kill(source: random.Random, count: Killing, stop: threading.Event, took: float) -> None:
    while not stop.wait(took * source.uniform(*PAUSE)):
        for pid in _workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                count.kills += 1


def _workers() -> list[int]:
    """The processes in which the emulator that this process started runs the function."""
    return [pid for pid in _below(os.getpid()) if b"_worker.py" in _command(pid)]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _below(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_below(int(child))]
    return found


def _waiting(deployment: Deployment, queue: str) -> int:
    found = deployment.sqs.get_queue_attributes(
        QueueUrl=deployment.exports[queue],
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    return sum(map(int, found["Attributes"].values()))


def _dead(deployment: Deployment) -> set[str]:
    """The keys in the dead letters; they are read once and hidden, which ends the loop."""
    keys: set[str] = set()
    while found := deployment.sqs.receive_message(
        QueueUrl=deployment.exports["dead_letter_queue_url"],
        MaxNumberOfMessages=10,
        VisibilityTimeout=600,
    ).get("Messages"):
        for each in found:
            told = {"messageId": each.get("MessageId", ""), "body": each.get("Body", "")}
            keys |= {upload.key for upload in read_message(told)}
    return keys


def _thumbnails(deployment: Deployment) -> set[str]:
    pages = deployment.s3.get_paginator("list_objects_v2").paginate(
        Bucket=deployment.bucket, Prefix=deployment.stack.thumbnails
    )
    return {each["Key"] for page in pages for each in page.get("Contents", [])}


def _complete(deployment: Deployment, key: str, there: set[str]) -> bool:
    stack = deployment.stack
    below = f"{stack.thumbnails}{key.removeprefix(stack.originals)}/"
    return len([each for each in there if each.startswith(below)]) == len(stack.names)


def _picture(source: random.Random) -> bytes:
    buffer = io.BytesIO()
    Image.frombytes("RGB", (64, 64), source.randbytes(64 * 64 * 3)).save(buffer, "PNG")
    return buffer.getvalue()
