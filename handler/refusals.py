"""The refused queue: uploads that no retry can help, each with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from handler.session import translated

if TYPE_CHECKING:
    from handler.events import Upload
    from handler.pictures.errors import RefusedError
    from handler.session import Clients


class RefusedQueue:
    """Account A's queue for refused uploads, under the function's own credentials."""

    def __init__(self, clients: Clients, url: str) -> None:
        self._clients = clients
        self._url = url

    def send(
        self, upload: Upload | None, message_id: str, error: RefusedError, request_id: str
    ) -> None:
        """Tell why an upload was refused, or a message of which nobody knows what it tells of.

        Raises FailedError if the queue cannot be reached.

        As everything here, it may come twice: `message_id` is that of the upload's own message.
        """
        body = {
            "bucket": upload.bucket if upload else None,
            "key": upload.key if upload else None,
            "version": upload.version if upload else None,
            "etag": upload.etag if upload else None,
            "reason": error.reason,
            "message": error.message,
            "message_id": message_id,
            "request_id": request_id,
        }
        with translated(f"reporting that message {message_id} was refused"):
            self._clients.sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(body))
