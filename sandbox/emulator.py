"""Starts an AWS with two accounts on this machine: the `ministack` emulator with IAM enforced,
over TLS.
"""

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
# The environment variables that the emulator, and the function that it runs, inherit. The list
# names what is passed, because a list of what is not passed becomes outdated: an inherited CA
# bundle makes the function hang until its timeout, and an AWS_* or a proxy variable makes it call
# another address.
INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


class Emulator:
    """The emulator as a context manager: `endpoint` answers inside the block; nothing runs after
    it.
    """

    endpoint: str
    ca_bundle: Path
    port: int
    clients: SandboxClients

    def __init__(self, *, port: int | None = None, log: Path | None = None) -> None:
        """`port` is a fixed port, or any free one; `log` is the file for its output, if the
        output should be kept.
        """
        self._wanted_port = port
        self._log = log

    def __enter__(self) -> Self:
        """Start it and wait until it answers; SandboxError if it does not."""
        with contextlib.ExitStack() as undo:
            # Errors are ignored because a worker may still write files while it is being killed.
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
                "AUTH": "true",  # without it the emulator enforces no policy
                "CLOUDTRAIL_RECORDING": "1",
                "GATEWAY_PORT": str(self.port),
                "BIND_HOST": "127.0.0.1",
                "IOT_MTLS_ENABLED": "0",  # otherwise it also opens port 8883
                "USE_SSL": "1",
                "MINISTACK_SSL_CERT": str(certificate.chain),
                "MINISTACK_SSL_KEY": str(certificate.key),
                "AWS_CA_BUNDLE": str(certificate.authority),  # for the function
                "TMPDIR": str(folder),
                "HOME": str(folder),  # so that nothing reads ~/.aws
            }
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", str(WATCHDOG)],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    # Ctrl-C goes to the runner, which then stops this process
                    start_new_session=True,
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
        """Close the clients, let the function's workers end, and end the process group."""
        # The order matters, because a kept-alive connection or a running worker makes a SIGTERM
        # alone hang.
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
                    "the emulator started without enforcing IAM, so its results would prove "
                    "nothing; delete .venv and run the command again to get the pinned version"
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
    """`wanted` if it is free, or any free port if none is wanted; SandboxError if it is in use.

    The port is not chosen by the system, because the system may give such a port to another
    program's outgoing connection before the emulator opens it. It never gives away a port below the
    range for outgoing connections.
    """
    if wanted:
        if error := _in_use(wanted):
            raise SandboxError(
                f"port {wanted} of 127.0.0.1 cannot be used ({error.strerror}); end the program "
                "that listens there, perhaps another `make sandbox`, or name another port in the "
                "endpoints of Pulumi.sandbox.yaml"
            ) from error
        return wanted
    for port in random.sample(PORTS, 100):
        if not _in_use(port):
            return port
    raise SandboxError(
        f"a hundred ports between {PORTS.start} and {PORTS.stop} of 127.0.0.1 are all in use; end "
        "the programs that listen there"
    )


def _in_use(port: int) -> OSError | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error
    return None
