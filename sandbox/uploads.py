"""Uploads pictures as the uploader, waits for their thumbnails, and explains missing ones."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from handler.pictures.formats import READERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.deployment import Deployment

# What the function reads. Other files of a folder, such as notes on the pictures, are not uploaded.
SUFFIXES = frozenset(suffix for reader in READERS for suffix in reader.suffixes)
PATIENCE = 30.0  # seconds without news before a missing thumbnail is given up
GLANCE = 0.05  # seconds between two checks


@dataclass(kw_only=True)
class TimedUpload:
    """One uploaded picture."""

    key: str
    body: bytes
    thumbnails: Mapping[str, str]
    """The keys of the thumbnails that must appear, by file name, small sizes first."""
    started: float = 0.0
    seconds: float | None = None
    """From the start of the upload until the last thumbnail existed."""
    trouble: str | None = None
    """The reason why there will be no thumbnail, as a clause after the key."""
    refused: bool = False
    """Whether the function refused the picture."""

    @property
    def smallest(self) -> str:
        """The key of its smallest thumbnail."""
        return next(iter(self.thumbnails.values()))


def prepare(deployment: Deployment, name: str, body: bytes) -> TimedUpload:
    """Prepare an upload of `body` as `name` below the originals; it is not sent yet."""
    stack = deployment.stack
    return TimedUpload(
        key=f"{stack.originals}{name}",
        body=body,
        thumbnails={file: f"{stack.thumbnails}{name}/{file}" for file in stack.names},
    )


def send(deployment: Deployment, upload: TimedUpload) -> None:
    """Upload it as the uploader role of B."""
    upload.started = time.monotonic()
    try:
        deployment.client("s3", "uploader").put_object(
            Bucket=deployment.bucket, Key=upload.key, Body=upload.body
        )
    except ClientError as error:
        upload.trouble = f"could not be uploaded: {error}"


def fetch(deployment: Deployment, upload: TimedUpload) -> dict[str, bytes]:
    """Its thumbnails by key, read as the reader role of B."""
    reader = deployment.client("s3", "reader")
    found: dict[str, bytes] = {}
    try:
        for key in upload.thumbnails.values():
            found[key] = reader.get_object(Bucket=deployment.bucket, Key=key)["Body"].read()
    except ClientError as error:
        upload.trouble = f"has a thumbnail that the reader cannot get: {error}"
    return found


def wait(
    deployment: Deployment,
    uploads: Sequence[TimedUpload],
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Wait until each picture has its thumbnails or was refused, or until nothing happens for
    PATIENCE.

    `progress` is called with the number of thumbnails. A picture that is still missing then has
    neither `seconds` nor `trouble`.
    """
    there = -1
    deadline = time.monotonic() + PATIENCE
    while any(not upload.seconds and not upload.trouble for upload in uploads):
        keys = _thumbnails(deployment)
        now = time.monotonic()
        for upload in uploads:
            if not upload.seconds and keys.issuperset(upload.thumbnails.values()):
                upload.seconds = now - upload.started
        _note_refusals(deployment, uploads)
        count = sum(key in keys for upload in uploads for key in upload.thumbnails.values())
        progress(count)
        if count > there:
            there, deadline = count, now + PATIENCE
        if now > deadline:
            return
        time.sleep(GLANCE)


def messages(deployment: Deployment, queue: str) -> list[Any]:
    """Take the messages from the queue that the program exports as `queue`; bodies, read as
    JSON.
    """
    url = deployment.exports[queue]
    found: list[Any] = []
    while True:
        batch = deployment.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        if not batch.get("Messages"):
            return found
        for message in batch.get("Messages", []):
            deployment.sqs.delete_message(
                QueueUrl=url,
                ReceiptHandle=message["ReceiptHandle"],  # pyright: ignore[reportTypedDictNotRequiredAccess]
            )
            found.append(json.loads(message.get("Body", "null")))


def _thumbnails(deployment: Deployment) -> set[str]:
    pages = deployment.s3.get_paginator("list_objects_v2").paginate(
        Bucket=deployment.bucket, Prefix=deployment.stack.thumbnails
    )
    return {found.get("Key", "") for page in pages for found in page.get("Contents", [])}


def _note_refusals(deployment: Deployment, uploads: Sequence[TimedUpload]) -> None:
    by_key = {upload.key: upload for upload in uploads}
    for message in messages(deployment, "refused_queue_url"):
        upload = by_key.get(message["key"])
        if upload:
            upload.trouble = f"was refused by the function: {message['message']}"
            upload.refused = True
