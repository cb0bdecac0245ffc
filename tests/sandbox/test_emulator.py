"""The emulator starts whatever the machine is set to, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from recording.program import PROJECT
from sandbox.clients import Credentials
from sandbox.emulator import Emulator
from sandbox.errors import SandboxError

REGION = "eu-central-1"


@dataclass(frozen=True)
class Process:
    """One line of /proc; a zombie, state Z, only waits to be counted."""

    id: int
    parent: int
    group: int
    state: str


def processes() -> list[Process]:
    found: list[Process] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
            found.append(Process(int(stat.parent.name), int(parent), int(group), state))
    return found


def running(groups: set[int]) -> list[Process]:
    return [each for each in processes() if each.group in groups and each.state != "Z"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.usefixtures("layer")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_runs_on_after_the_demo_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    """An emulator left over keeps its port, and the next person wonders about a busy machine."""
    with subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=PROJECT,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout
        while "resources" not in demo.stdout.readline():
            pass  # by then it is deployed, and the function's worker runs too
        groups = {each.group for each in processes() if each.parent == demo.pid} - {os.getpgrp()}
        assert len(running(groups)) > 1, "the emulator and a worker of the function"
        demo.send_signal(number)
        demo.communicate()
    deadline = time.monotonic() + 5
    while running(groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(groups) == []
    assert list(tmp_path.iterdir()) == [], "nor is its key left in a temporary folder"


def test_a_port_in_use_is_a_sentence_that_names_it() -> None:
    """The emulator itself would say that one should stop MiniStack, whatever holds the port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1 cannot be used"):
            Emulator(port=port).__enter__()


def test_it_takes_nothing_from_the_machine_and_enforces_iam(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """People who work with AWS have these set; each of them would break it or send it away."""
    monkeypatch.setenv("AWS_PROFILE", "not-there")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.invalid")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/not/there.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "/not/there.pem")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with Emulator() as emulator:
        root = emulator.clients.client("sts", "333333333333", REGION)
        assert root.get_caller_identity()["Arn"] == "arn:aws:iam::333333333333:root"
        nobody = Credentials(access_key="AKIAIOSFODNN7EXAMPLE", secret_key="none")  # noqa: S106
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            emulator.clients.client("sts", nobody, REGION).get_caller_identity()
