"""Lambda's Runtime API for the runtime client in the box; the test says how much time is left."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any
from uuid import uuid4

ARN = "arn:aws:lambda:eu-central-1:111111111111:function:ThumbX-function-a06432c"
PREFIX = "/2018-06-01/runtime"


@dataclass
class Invocation:
    """One event, until the runtime has answered it."""

    event: dict[str, Any]
    seconds: float
    id: str = field(default_factory=lambda: str(uuid4()))
    answers: Queue[tuple[str, Any]] = field(default_factory=Queue)
    began: float = 0.0
    ended: float = 0.0


class RuntimeApi(ThreadingHTTPServer):
    """Serves one execution environment."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.events: Queue[Invocation] = Queue()
        self.running: dict[str, Invocation] = {}
        self.ready = threading.Event()
        self.ready_at = 0.0
        self.init_error: Any = None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """The runtime's process may end at any time, and its connections with it."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RuntimeApi

    def do_GET(self) -> None:
        """`next`: wait for an event; the first one says that the function has started."""
        if not self.server.ready.is_set():
            self.server.ready_at = time.perf_counter()
            self.server.ready.set()
        while True:
            try:
                invocation = self.server.events.get(timeout=1)
                break
            except Empty:
                continue
        self.server.running[invocation.id] = invocation
        deadline = int((time.time() + invocation.seconds) * 1000)
        invocation.began = time.perf_counter()
        self._reply(
            200,
            json.dumps(invocation.event).encode(),
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": ARN,
                "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
            },
        )

    def do_POST(self) -> None:
        body = self._body()
        value = json.loads(body) if body else None
        _, _, rest = self.path.partition(PREFIX)
        if rest == "/init/error":
            self.server.init_error = value
            self.server.ready.set()
        else:
            _, _, request_id, kind = rest.split("/")
            invocation = self.server.running.pop(request_id)
            invocation.ended = time.perf_counter()
            invocation.answers.put((kind, value))
        self._reply(202, b'{"status":"OK"}')

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        whole = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass
