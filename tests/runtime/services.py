"""S3, STS and SQS over HTTP for the function in the box: `FakeAws` behind a socket.

The credentials are recognisable: no part of them may appear in the function's output.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING

from tests.handler.fake_aws import BUCKET, FakeAws

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "CANARY"
ROLE_SECRET = f"{CANARY}secretOfThumbXRole/0123456789abcde"
ROLE_TOKEN = f"{CANARY}tokenOfThumbXRole//" + "t" * 300 + "=="
OWN_SECRET = f"{CANARY}secretOfTheFunction/0123456789abcd"
OWN_TOKEN = f"{CANARY}tokenOfTheFunction//" + "u" * 300 + "=="


class Services(FakeAws):
    """The fake AWS with an address; `cut` may shorten an answer on its way."""

    secret, token = ROLE_SECRET, ROLE_TOKEN

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self.cut: Callable[[str, bytes], bytes] = lambda _, body: body
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, services: Services) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.services = services

    def handle_error(self, request: object, client_address: object) -> None:
        """The function's process may end at any time, and its connections with it."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _serve(self) -> None:
        services = self.server.services
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.removeprefix(f"/{BUCKET}")
        request = SimpleNamespace(
            method=self.command, url=f"http://s3{path}", headers=dict(self.headers), body=body
        )
        if "x-amz-target" in self.headers:
            kind, answer = "sqs", services._sqs
        elif self.command == "POST":
            kind, answer = "sts", services._sts
        else:
            kind, answer = "s3", services._s3
        response = answer("box", request)
        whole = response.raw.read()
        sent = services.cut(kind, whole)
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        head = self.command == "HEAD"
        told = str(max(len(whole), len(sent)))
        length = response.headers.get("Content-Length") if head else told
        self.send_header("Content-Length", length or "0")
        if len(sent) < len(whole):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if not head:
            self.wfile.write(sent)

    do_GET = do_PUT = do_POST = do_HEAD = _serve  # noqa: N815 - http.server fixes the names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass
