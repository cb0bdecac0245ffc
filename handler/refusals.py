"""The refused queue: uploads for which no retry helps, each with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from handler.session import translated

if TYPE_CHECKING:
    from handler.events import Upload
    from handler.pictures.errors import RefusedError
    from handler.session import Clients


class RefusedQueue:
    """Account A's queue for refused uploads, used with the function's own credentials."""

    def __init__(self, clients: Clients, url: str) -> None:
        self._clients = clients
        self._url = url

    def send(
        self, upload: Upload | None, message_id: str, error: RefusedError, request_id: str
    ) -> None:
        """Send the reason why an upload, or a message of unknown content, was refused.

        Raises FailedError if the queue cannot be reached.

        The message may be sent twice: `message_id` is the id of the upload's own message.
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
