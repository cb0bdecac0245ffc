"""Serves S3 and STS over HTTP; each S3 call takes longer, as if the bucket's region were far away.

It is a separate process, so that it takes no processor time from the function's interpreter.
It answers only the calls of the handler and the tutorial, and does not store what is put.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DELAY = 0.040  # seconds added to each call to S3


class SlowAws(BaseHTTPRequestHandler):
    """Every object is the same picture, and every AssumeRole succeeds."""

    protocol_version = "HTTP/1.1"
    # a response is one packet, because with two packets each side would wait for the other
    wbufsize = -1
    picture = b""
    etag = ""

    def do_GET(self) -> None:
        """GetObject."""
        time.sleep(DELAY)
        self._answer(self.picture)

    def do_HEAD(self) -> None:
        """HeadObject."""
        time.sleep(DELAY)
        self._answer(self.picture, body=False)

    def do_PUT(self) -> None:
        """PutObject."""
        self._read()
        time.sleep(DELAY)
        self._answer(b"")

    def do_POST(self) -> None:
        """AssumeRole."""
        self._read()
        expiry = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        self._answer(
            b"<AssumeRoleResponse><AssumeRoleResult><Credentials>"
            b"<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            b"<SessionToken>t</SessionToken><Expiration>" + expiry.encode() + b"</Expiration>"
            b"</Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )

    def handle_expect_100(self) -> bool:
        """Send "100 Continue" at once, because botocore waits a second for it."""
        answer = super().handle_expect_100()
        self.wfile.flush()
        return answer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""

    def _answer(self, content: bytes, *, body: bool = True) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", self.etag)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def _read(self) -> None:
        if "Content-Length" in self.headers:
            self.rfile.read(int(self.headers["Content-Length"]))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            self.rfile.read(size + 2)
        while self.rfile.readline().strip():
            pass


@contextmanager
def slow_aws(picture: Path) -> Iterator[str]:
    """Serve a picture; yields the URL of the endpoint."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(picture)], stdout=subprocess.PIPE, text=True
    )
    try:
        port = process.stdout.readline().strip() if process.stdout else ""
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


def serve(picture: Path) -> None:
    """Print the port, then serve until terminated."""
    SlowAws.picture = picture.read_bytes()
    SlowAws.etag = f'"{hashlib.md5(SlowAws.picture).hexdigest()}"'  # noqa: S324 - S3's own
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowAws)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
