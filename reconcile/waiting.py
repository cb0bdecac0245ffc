"""The messages that wait for a person: refused pictures and dead letters.

SQS can move dead letters back by itself (StartMessageMoveTask), but only those of a dead-letter
queue, all of them, and not by reason. Receive, send and delete serve every queue in one way.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import aws_errors
from audit.accounts.permissions import PRODUCER
from handler.errors import ThumbxError
from handler.events import read_message
from reconcile.errors import ReconcileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from audit.accounts.clients import AccountClients

DEAD = "dead letter"
# Seconds that a received message stays hidden, so that one look does not see it twice.
HIDDEN = 900
# Long polling asks every server of SQS, so an empty answer means an empty queue.
WAIT = 1


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a queue: what it is about, why it is there, and how to take it away."""

    queue_url: str
    receipt: str
    body: str
    keys: tuple[str, ...]
    """The originals, by whole key; empty for a message that nobody can read."""
    reason: str
    """The refusal's word, or `dead letter`."""
    says: str


def waiting(
    access: AccountClients, refused_url: str, dead_urls: Iterable[str]
) -> Iterator[Message]:
    """Every message of the queues, each once; they stay hidden until `show_again`."""
    for body, receipt in _received(access, refused_url):
        yield _refused(refused_url, receipt, body)
    for url in dead_urls:
        for body, receipt in _received(access, url):
            yield _dead(url, receipt, body)


def show_again(access: AccountClients, messages: Iterable[Message]) -> None:
    """Let others see the messages at once."""
    sqs = access.client(PRODUCER, "sqs")
    for each in messages:
        with aws_errors("showing a message again", PRODUCER):
            sqs.change_message_visibility(
                QueueUrl=each.queue_url, ReceiptHandle=each.receipt, VisibilityTimeout=0
            )


def send_again(
    access: AccountClients,
    messages: Iterable[Message],
    uploads_url: str,
    body_of: Callable[[str], str],
) -> int:
    """Send the originals of the messages into the upload queue; how many messages were moved.

    A message is deleted only after all its originals were sent: a run that is killed between the
    two sends them twice and loses none.
    """
    sqs = access.client(PRODUCER, "sqs")
    moved = 0
    for each in messages:
        for key in each.keys:
            with aws_errors(f"sending {key} again", PRODUCER):
                sqs.send_message(QueueUrl=uploads_url, MessageBody=body_of(key))
        with aws_errors("deleting a message that was sent again", PRODUCER):
            sqs.delete_message(QueueUrl=each.queue_url, ReceiptHandle=each.receipt)
        moved += 1
    return moved


def _received(access: AccountClients, url: str) -> Iterator[tuple[str, str]]:
    sqs = access.client(PRODUCER, "sqs")
    while True:
        with aws_errors(f"reading the queue {url.rpartition('/')[2]}", PRODUCER):
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=WAIT,
            )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for each in messages:
            yield each["Body"], each["ReceiptHandle"]


def _refused(url: str, receipt: str, body: str) -> Message:
    try:
        told: dict[str, Any] = json.loads(body)
        key, reason, says = told["key"], str(told["reason"]), str(told["message"])
    except (ValueError, KeyError, TypeError) as error:
        raise ReconcileError(
            f"a message of the refused queue is none of the function's ({error}): {body[:200]}; "
            "find out who else may send to the queue, and delete it by hand"
        ) from error
    return Message(
        queue_url=url,
        receipt=receipt,
        body=body,
        keys=(str(key),) if key else (),
        reason=reason,
        says=says,
    )


def _dead(url: str, receipt: str, body: str) -> Message:
    try:
        uploads = read_message({"messageId": receipt, "body": body})
        says = "tried as often as the queue allows; the function's log has the errors"
    except ThumbxError as error:
        uploads, says = [], str(error)
    return Message(
        queue_url=url,
        receipt=receipt,
        body=body,
        keys=tuple(each.key for each in uploads),
        reason=DEAD,
        says=says,
    )
