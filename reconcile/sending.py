"""Sends messages into the upload queue, at most an hour's work ahead of the function."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import aws_errors
from audit.accounts.permissions import PRODUCER
from reconcile.errors import ReconcileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from audit.accounts.clients import AccountClients

SOURCE = "thumbx.reconcile"  # `handler.events` recognises the messages by it
AHEAD = 3600  # seconds of work that may wait: far below the age alarm and the queue's retention
LOOK_EVERY = 100  # batches between two checks of the queue
PAUSE = 5.0  # seconds until the next check while enough messages wait
TRIES = 8  # for the messages of a batch that SQS reports as failed


def message(bucket: str, key: str, run: str) -> str:
    """The body of the message for one original, by its whole key."""
    return json.dumps({"source": SOURCE, "bucket": bucket, "key": key, "run": run})


@dataclass(frozen=True, kw_only=True)
class Depths:
    """How many messages are in each queue, by SQS's own approximate count."""

    waiting: int
    """The number of messages in the upload queue, visible and in flight."""
    refused: int
    dead: int


@dataclass(kw_only=True)
class Sender:
    """Sends the messages of one run; `rate` is how many pictures the function makes in a second."""

    access: AccountClients
    queue_url: str
    run: str
    rate: float
    depths: Callable[[], Depths]
    progress: Callable[[int, Depths], None]
    sleep: Callable[[float], None] = time.sleep
    sent: int = field(default=0, init=False)

    def send(self, batches: Iterator[Sequence[str]]) -> int:
        """Send them all, in order, and return how many were sent.

        Raises ReconcileError if SQS keeps refusing a message; the batch then does not count as
        sent.
        """
        room = 0
        for number, batch in enumerate(batches):
            if room < len(batch) or number % LOOK_EVERY == 0:
                room = self._wait_for_room(len(batch))
            self._send_batch(batch)
            self.sent += len(batch)
            room -= len(batch)
        self.progress(self.sent, self.depths())
        return self.sent

    def _wait_for_room(self, needed: int) -> int:
        """Wait until less than an hour's work is in the queue; return how many messages fit."""
        most = max(int(self.rate * AHEAD), needed)
        while True:
            found = self.depths()
            self.progress(self.sent, found)
            if found.waiting + needed <= most:
                return most - found.waiting
            self.sleep(PAUSE)

    def _send_batch(self, bodies: Sequence[str]) -> None:
        entries: list[dict[str, Any]] = [
            # Because of the group, SQS delivers live uploads before this run's messages (fair
            # queues).
            {"Id": str(number), "MessageBody": body, "MessageGroupId": self.run}
            for number, body in enumerate(bodies)
        ]
        client = self.access.client(PRODUCER, "sqs")
        failed: list[dict[str, Any]] = []
        for attempt in range(TRIES):
            with aws_errors("sending messages to the upload queue", PRODUCER):
                answer = client.send_message_batch(QueueUrl=self.queue_url, Entries=entries)
            # The answer is 200 even if SQS did not accept some of the messages.
            failed = answer.get("Failed", [])
            if not failed:
                return
            left = {each["Id"] for each in failed}
            entries = [each for each in entries if each["Id"] in left]
            self.sleep(min(2.0**attempt / 10, 5.0))
        raise ReconcileError(
            f"SQS did not accept {len(failed)} messages in {TRIES} tries; its last answer was "
            f"{failed[0].get('Code')}: {failed[0].get('Message', '')}. Start the same command "
            "again; it continues with this batch"
        )
