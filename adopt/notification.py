"""The bucket's notification configuration: read whole, changed in one thing, written back.

PutBucketNotificationConfiguration replaces everything and has no If-Match [AWS documentation], so
two writers overwrite each other. The value that is written was read just before, and is read again
afterwards: a difference stops the command, which then shows the present value.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import unified_diff
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError, fromstring

from adopt.errors import AdoptError
from audit.accounts.errors import aws_errors
from audit.accounts.permissions import STORAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.accounts.clients import AccountClients

# The elements that botocore reads. It drops every element that it does not know, and a write would
# then remove what somebody configured with a newer tool.
KNOWN = {
    "": {
        *("TopicConfiguration", "QueueConfiguration", "CloudFunctionConfiguration"),
        "EventBridgeConfiguration",
    },
    "TopicConfiguration": {"Id", "Topic", "Event", "Filter"},
    "QueueConfiguration": {"Id", "Queue", "Event", "Filter"},
    "CloudFunctionConfiguration": {"Id", "CloudFunction", "Event", "Filter"},
    "EventBridgeConfiguration": set[str](),
    "Filter": {"S3Key"},
    "S3Key": {"FilterRule"},
    "FilterRule": {"Name", "Value"},
}
SWITCH = "EventBridgeConfiguration"
DESTINATIONS = {
    "TopicConfigurations": "TopicArn",
    "QueueConfigurations": "QueueArn",
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
}
KINDS = (*DESTINATIONS, SWITCH)
DELAY = "S3 takes about five minutes to act on the switch."


@dataclass(frozen=True, kw_only=True)
class Notification:
    """All notifications of one bucket, exactly as botocore returns them."""

    content: dict[str, Any]

    @property
    def is_on(self) -> bool:
        """Whether the bucket sends its events to EventBridge."""
        return SWITCH in self.content

    @property
    def destinations(self) -> list[str]:
        """The ARNs of the queues, topics and functions that are notified."""
        return [
            each[name] for kind, name in DESTINATIONS.items() for each in self.content.get(kind, [])
        ]

    def switched(self, *, on: bool) -> Notification:
        """The same configuration with EventBridge on or off."""
        rest = {kind: value for kind, value in self.content.items() if kind != SWITCH}
        return Notification(content=rest | {SWITCH: {}} if on else rest)

    def text(self) -> str:
        """The configuration as text, for people and for comparison: sorted, one value on each
        line.
        """
        return json.dumps(self.content, indent=2, sort_keys=True)

    def difference(self, other: Notification) -> str:
        """The changes from this configuration to the other, as a unified diff; empty if there
        are none.
        """
        lines = (self.text().splitlines(), other.text().splitlines())
        return "\n".join(unified_diff(*lines, "now", "after", lineterm=""))


def read(access: AccountClients, bucket: str, owner: str) -> Notification:
    """The bucket's present notifications. Raises AdoptError if the configuration contains something
    that we do not understand.
    """
    client = access.client(STORAGE, "s3")
    raw: list[bytes] = []

    def keep(response_dict: Any, **_: Any) -> None:
        raw.append(response_dict["body"])

    event = "response-received.s3.GetBucketNotificationConfiguration"
    client.meta.events.register(event, keep)
    try:
        with aws_errors(f"reading whom {bucket} notifies", STORAGE):
            answer = client.get_bucket_notification_configuration(
                Bucket=bucket, ExpectedBucketOwner=owner
            )
    finally:
        client.meta.events.unregister(event, keep)
    if raw:
        _refuse_unknown(raw[-1], bucket)
    return Notification(content={kind: answer[kind] for kind in KINDS if kind in answer})


def switch(
    access: AccountClients,
    bucket: str,
    owner: str,
    *,
    on: bool,
    agreed: Callable[[str], bool],
) -> bool:
    """Turn the bucket's events for EventBridge on or off; return whether anything was changed.

    `agreed` gets the difference and decides. Raises AdoptError if somebody else changed the
    configuration in between.
    """
    now = read(access, bucket, owner)
    if now.is_on == on:
        return False
    wanted = now.switched(on=on)
    if not agreed(now.difference(wanted)):
        return False
    again = read(access, bucket, owner)
    if again != now:
        raise AdoptError(
            f"somebody changed what {bucket} notifies while you decided, so nothing was written:\n"
            f"{now.difference(again)}\nstart again"
        )
    with aws_errors(f"writing whom {bucket} notifies", STORAGE):
        access.client(STORAGE, "s3").put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration=wanted.content,
            ExpectedBucketOwner=owner,
            # Otherwise S3 sends a test message to all other destinations.
            SkipDestinationValidation=True,
        )
    written = read(access, bucket, owner)
    if written != wanted:
        raise AdoptError(
            f"what {bucket} notifies is not what was written; somebody else changes it "
            f"too:\n{wanted.difference(written)}\nfind out who does, and compare with the earlier "
            f"configuration:\n{now.text()}"
        )
    return True


def _refuse_unknown(xml: bytes, bucket: str) -> None:
    try:
        found = _unknown(fromstring(xml), "")  # noqa: S314
    except ParseError as error:
        raise AdoptError(f"S3's answer on whom {bucket} notifies is not XML: {error}") from error
    if found:
        raise AdoptError(
            f"{bucket} has {', '.join(sorted(found))} in its notification configuration, which "
            "this boto3 does not know and would remove; upgrade boto3 (make lock UPGRADE=1), or "
            "change the switch in the console"
        )


def _unknown(element: Any, kind: str) -> set[str]:
    found: set[str] = set()
    for child in element:
        name = child.tag.rpartition("}")[2]
        if kind in KNOWN and name not in KNOWN[kind]:
            found.add(f"{kind}/{name}" if kind else name)
        elif name in KNOWN:
            found |= _unknown(child, name)
    return found
