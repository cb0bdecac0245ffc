"""The messages that wait for a person: refused pictures and dead letters.

SQS can move dead letters back itself (StartMessageMoveTask), but only from a dead-letter queue,
only all of them, and not by reason. Receive, send and delete work in the same way for every queue.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import aws_errors
from audit.accounts.permissions import PRODUCER
from handler.errors import ThumbxError
from handler.events import read_message
from reconcile.letterbox import Letterbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from audit.accounts.clients import AccountClients
    from reconcile.target import ReconciledStack

DEAD, UNKNOWN = "dead letter", "unknown"
SHOWN = 200  # characters of a message that nobody can read
# Seconds for which a received message stays hidden, so that one check does not read it twice.
HIDDEN = 900
# Long polling asks every server of SQS, so an empty answer means an empty queue.
WAIT = 1


@dataclass(frozen=True, kw_only=True)
class WaitingMessage:
    """One message of a queue: its picture, the reason for it, and how to delete it."""

    queue: Letterbox
    receipt: str
    keys: tuple[str, ...]
    """The originals, by whole key; empty for a message that cannot be read."""
    reason: str
    """The refusal's word, `dead letter`, or `unknown` for a message that cannot be read."""
    says: str


def all_of(access: AccountClients, target: ReconciledStack) -> list[WaitingMessage]:
    """Every message that waits, each once; they stay hidden until `show_again`.

    SQS hides 120,000 messages of a queue at most [AWS documentation]: no more are ever held.
    """
    refused = Letterbox(account=PRODUCER, url=target.refused_url)
    found = [_refused(refused, *each) for each in _received(access, refused)]
    for queue in target.dead_letters:
        found += [_dead(queue, *each) for each in _received(access, queue)]
    return found


def show_again(access: AccountClients, messages: Iterable[WaitingMessage]) -> None:
    """Make the messages visible to others at once."""
    for each in messages:
        with aws_errors("showing a message again", each.queue.account):
            access.client(each.queue.account, "sqs").change_message_visibility(
                QueueUrl=each.queue.url, ReceiptHandle=each.receipt, VisibilityTimeout=0
            )


def send_again(
    access: AccountClients,
    messages: Iterable[WaitingMessage],
    uploads_url: str,
    body_of: Callable[[str], str],
    group: str,
) -> int:
    """Send the originals of the messages into the upload queue; return how many messages were
    moved.

    A message is deleted only after all its originals were sent, so a run that is killed between the
    two sends them twice and loses none.
    """
    sqs = access.client(PRODUCER, "sqs")
    moved = 0
    for each in messages:
        for key in each.keys:
            with aws_errors(f"sending {key} again", PRODUCER):
                sqs.send_message(
                    QueueUrl=uploads_url, MessageBody=body_of(key), MessageGroupId=group
                )
        with aws_errors("deleting a message that was sent again", each.queue.account):
            access.client(each.queue.account, "sqs").delete_message(
                QueueUrl=each.queue.url, ReceiptHandle=each.receipt
            )
        moved += 1
    return moved


def _received(access: AccountClients, queue: Letterbox) -> Iterator[tuple[str, str]]:
    sqs = access.client(queue.account, "sqs")
    while True:
        with aws_errors(f"reading the queue {queue.name}", queue.account):
            answer = sqs.receive_message(
                QueueUrl=queue.url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=HIDDEN,
                WaitTimeSeconds=WAIT,
            )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for each in messages:
            yield each["Body"], each["ReceiptHandle"]


def _refused(queue: Letterbox, body: str, receipt: str) -> WaitingMessage:
    try:
        told: dict[str, Any] = json.loads(body)
        key, reason, says = told["key"], str(told["reason"]), str(told["message"])
    except (ValueError, KeyError, TypeError) as error:
        key, reason = None, UNKNOWN
        says = (
            f"not one of the function's messages ({type(error).__name__}): {body[:SHOWN]}; find "
            "out who else may send to the queue, and delete it by hand"
        )
    return WaitingMessage(
        queue=queue,
        receipt=receipt,
        keys=(str(key),) if key else (),
        reason=reason,
        says=says,
    )


def _dead(queue: Letterbox, body: str, receipt: str) -> WaitingMessage:
    try:
        uploads = read_message({"messageId": receipt, "body": body})
        says = "tried as often as the queue allows; the function's log has the errors"
        if queue.account != PRODUCER:
            says = "EventBridge could not deliver it; the error is in the message's attributes"
    except ThumbxError as error:
        uploads, says = [], str(error)
    return WaitingMessage(
        queue=queue,
        receipt=receipt,
        keys=tuple(each.key for each in uploads),
        reason=DEAD,
        says=says,
    )
