"""Reads the objects that an SQS message is about; there is one reader for each envelope."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus

from handler.pictures.errors import RefusedError

# What `python -m reconcile` sends.
RECONCILE = "thumbx.reconcile"

# How many characters of an unknown message are kept, so that people see what it is.
SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One object about which a message reports an event.

    Only `bucket` and `key` decide what is done, because the function always reads the newest
    version. `size` (bytes) says how much memory to reserve, and `created` says that the object must
    have existed. The other fields are for people.
    """

    bucket: str
    key: str
    size: int = 0
    etag: str | None = None
    version: str | None = None
    created: bool = True
    run: str | None = None
    message_id: str = ""
    receives: int = 1


def read_message(message: dict[str, Any]) -> list[Upload]:
    """The uploads in one SQS message, in its order; empty for S3's own test event.

    The event's kind does not matter, not even a removal: the key's present state does. An empty
    "folder" of S3's console is no upload. Raises RefusedError for a message that is none of the
    four, because no retry would help.
    """
    message_id, receives = str(message["messageId"]), receives_of(message)
    text: Any = message.get("body")
    try:
        uploads = _read(json.loads(text))
    # Nested or wrong data raises errors that cannot all be listed: RecursionError, OverflowError, …
    except Exception as error:
        raise RefusedError(
            "unknown-message",
            f"message {message_id} is neither a notification of S3, directly, by SNS or by "
            f"EventBridge, nor a message of reconcile ({type(error).__name__}); find out who else "
            f"may send to the queue. It begins: {str(text)[:SHOWN]}",
        ) from error
    return [
        replace(upload, message_id=message_id, receives=receives)
        for upload in uploads
        # A removal has no size, but the removed object may still have been a picture.
        if not (upload.created and upload.key.endswith("/") and upload.size == 0)
    ]


def receives_of(message: dict[str, Any]) -> int:
    """How often the queue has delivered a message, including this time."""
    return int(message.get("attributes", {}).get("ApproximateReceiveCount", 1))


def _read(body: Any) -> list[Upload]:
    match body:
        case {"source": source} if source == RECONCILE:
            # A listing has just shown the key, so if it is gone now, it was deleted.
            key = Upload(bucket=body["bucket"], key=body["key"], run=_text(body.get("run")))
            # The size is not known; one byte is assumed, because an empty "folder" is never sent.
            return [_checked(replace(key, created=False, size=1))]
        case {"source": "aws.s3", "detail": detail}:
            return [_from_eventbridge(body["detail-type"], detail)]
        case {"Type": "Notification", "TopicArn": _, "Message": str(inner)}:
            return _from_s3(json.loads(inner))
        case _:
            return _from_s3(body)


def _from_s3(body: dict[str, Any]) -> list[Upload]:
    """S3's notification. Keys are encoded as in a form: "a b.jpg" arrives as "a+b.jpg"."""
    if body.get("Event") == "s3:TestEvent":
        return []
    return [
        _object(
            record["s3"]["bucket"]["name"],
            record["s3"]["object"],
            unquote_plus(record["s3"]["object"]["key"], errors="strict"),
            etag="eTag",
            version="versionId",
            created=str(record.get("eventName", "ObjectCreated:")).startswith("ObjectCreated:"),
        )
        for record in body["Records"]
    ]


def _from_eventbridge(kind: str, detail: dict[str, Any]) -> Upload:
    """EventBridge's event, whose keys are not encoded. A restored object can be read again."""
    return _object(
        detail["bucket"]["name"],
        detail["object"],
        detail["object"]["key"],
        etag="etag",
        version="version-id",
        created=kind == "Object Created",
    )


def _object(
    bucket: Any, thing: dict[str, Any], key: Any, *, etag: str, version: str, created: bool
) -> Upload:
    size: object = thing.get("size", 0)
    return _checked(
        Upload(
            bucket=bucket,
            key=key,
            # The size is only used to plan memory, so a wrong size does no harm.
            size=size if isinstance(size, int) and size > 0 else 0,
            etag=_text(thing.get(etag)),
            version=_text(thing.get(version)),
            created=created,
        )
    )


def _checked(upload: Upload) -> Upload:
    """Raise for names that no object can have: a name is text, not empty, and valid UTF-8."""
    for name in (upload.bucket, upload.key):
        if not name.encode():
            raise ValueError(name)
    return upload


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
