"""SQS messages with S3 notifications in them, to a list of uploads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from handler.pictures.errors import FailedError


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One object that somebody put, as its notification told.

    Only `bucket` and `key` decide what happens: what is read is always the newest version. The
    rest is for people, but for `size` (bytes), which says how much memory to set aside.
    """

    bucket: str
    key: str
    size: int = 0
    etag: str | None = None
    version: str | None = None
    message_id: str = ""
    receives: int = 1


def read_message(message: dict[str, Any]) -> list[Upload]:
    """The uploads that one SQS message tells of, in its order; empty for S3's own test event.

    The event's name is not looked at: whatever happened to a key, its present state is what
    counts, and a key that is gone is nothing to do. A console's empty "folder" is no upload.

    Raises FailedError for a message that is no S3 notification. Only S3 may send to the queue, so
    such a message is a fault of the deployment; the dead-letter queue keeps it whole, and alarms.
    """
    message_id = str(message["messageId"])
    receives = int(message.get("attributes", {}).get("ApproximateReceiveCount", 1))
    try:
        body = json.loads(message["body"])
        if body.get("Event") == "s3:TestEvent":
            return []
        uploads = [_read_record(record["s3"], message_id, receives) for record in body["Records"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FailedError(
            f"message {message_id} is no S3 notification ({type(error).__name__}: {error}); "
            "find out who else may send to the queue"
        ) from error
    return [upload for upload in uploads if not _is_folder(upload)]


def _read_record(s3: dict[str, Any], message_id: str, receives: int) -> Upload:
    thing = s3["object"]
    return Upload(
        bucket=s3["bucket"]["name"],
        # S3 encodes keys in notifications like a form: "a b.jpg" arrives as "a+b.jpg".
        key=unquote_plus(thing["key"], errors="strict"),
        size=int(thing.get("size", 0)),
        etag=thing.get("eTag"),
        version=thing.get("versionId"),
        message_id=message_id,
        receives=receives,
    )


def _is_folder(upload: Upload) -> bool:
    return upload.key.endswith("/") and upload.size == 0
