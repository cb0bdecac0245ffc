"""A two-account AWS on this machine: the `ministack` emulator with IAM enforced, over TLS."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import urllib3

from sandbox.certificate import write_certificate
from sandbox.clients import SandboxClients
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from types import TracebackType

START_SECONDS = 30
STOP_SECONDS = 2
PORTS = range(20_000, 32_000)
WATCHDOG = Path(__file__).with_name("watchdog.py")
# All that the emulator, and the function it runs as a process, inherit. A list of what passes,
# because a list of what does not goes stale: an inherited CA bundle makes the function hang
# until its timeout, an AWS_* or a proxy variable sends it elsewhere.
INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


class Emulator:
    """The emulator as a context manager: inside it `endpoint` answers; after it nothing runs."""

    endpoint: str
    ca_bundle: Path
    port: int
    clients: SandboxClients

    def __init__(self, *, port: int | None = None, log: Path | None = None) -> None:
        """`port` is fixed, or any free one; `log` is where its output goes, if it should stay."""
        self._wanted_port = port
        self._log = log

    def __enter__(self) -> Self:
        """Start it and wait until it answers; SandboxError if it does not."""
        with contextlib.ExitStack() as undo:
            # Errors are ignored because a worker may still write while it is being killed.
            temporary = tempfile.TemporaryDirectory(
                prefix="thumbx-sandbox-", ignore_cleanup_errors=True
            )
            folder = Path(undo.enter_context(temporary))
            self.port = _free_port(self._wanted_port)
            self.endpoint = f"https://localhost:{self.port}"
            certificate = write_certificate(folder)
            self.ca_bundle = certificate.authority
            log = self._log or folder / "emulator.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
            environment |= {
                "AUTH": "true",  # without it no policy is enforced
                "CLOUDTRAIL_RECORDING": "1",
                "GATEWAY_PORT": str(self.port),
                "BIND_HOST": "127.0.0.1",
                "IOT_MTLS_ENABLED": "0",  # else it also opens port 8883
                "USE_SSL": "1",
                "MINISTACK_SSL_CERT": str(certificate.chain),
                "MINISTACK_SSL_KEY": str(certificate.key),
                "AWS_CA_BUNDLE": str(certificate.authority),  # for the function
                "TMPDIR": str(folder),
                "HOME": str(folder),  # so that nobody reads ~/.aws
            }
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", str(WATCHDOG)],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,  # Ctrl-C is for the runner, which then stops this
                )
            undo.callback(self._stop)
            self._pool = undo.enter_context(
                urllib3.PoolManager(ca_certs=str(self.ca_bundle), retries=False)
            )
            self.clients = SandboxClients(self.endpoint, self.ca_bundle)
            undo.callback(self.clients.close)
            self._wait_until_it_answers(log)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the clients, let the function's workers go, end the process group."""
        # The order matters: a kept-alive connection or a live worker makes a lone SIGTERM hang.
        self.clients.close()
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            self._pool.request("POST", f"{self.endpoint}/_ministack/reset", timeout=STOP_SECONDS)
        self._pool.clear()
        self._undo.close()

    def _wait_until_it_answers(self, log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                answer = self._pool.request(
                    "GET", f"{self.endpoint}/_ministack/health", timeout=START_SECONDS
                )
                if answer.json()["auth"] == "enabled":
                    return
                raise SandboxError(
                    "the emulator started without enforcing IAM, so nothing it shows would count; "
                    "delete .venv and run the command again to get the pinned version"
                )
            time.sleep(0.05)
        said = log.read_text(errors="replace").strip().splitlines()[-5:]
        raise SandboxError(
            f"the emulator did not answer on port {self.port} within {START_SECONDS} s; "
            "it last said: " + (" / ".join(said) or "nothing")
        )

    def _stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        if self._process.stdin:
            self._process.stdin.close()


def _free_port(wanted: int | None) -> int:
    """`wanted` if nobody listens there, else any free port; SandboxError if it is in use.

    One that the system would choose may be given to somebody's outgoing connection before the
    emulator has it; those below the range for such connections may not.
    """
    if wanted:
        if error := _in_use(wanted):
            raise SandboxError(
                f"port {wanted} of 127.0.0.1 cannot be used ({error.strerror}); end what listens "
                "there, perhaps another `make sandbox`, or name another port in the endpoints of "
                "Pulumi.sandbox.yaml"
            ) from error
        return wanted
    for port in random.sample(PORTS, 100):
        if not _in_use(port):
            return port
    raise SandboxError(
        f"a hundred ports between {PORTS.start} and {PORTS.stop} of 127.0.0.1 are all in use; end "
        "what listens there"
    )


def _in_use(port: int) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error
    return None
