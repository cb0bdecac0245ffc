"""The emulator starts with any settings of the machine, and leaves nothing running."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
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
from sandbox import limits
from sandbox.clients import Credentials
from sandbox.emulator import Emulator
from sandbox.errors import SandboxError

REGION = "eu-central-1"


@dataclass(frozen=True)
class Process:
    """One line of /proc; a zombie (state Z) has ended."""

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
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_runs_on_after_the_demo_is_ended(number: signal.Signals, tmp_path: Path) -> None:
    """A remaining emulator would keep its port and the processor busy."""
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
    """The emulator's own message would say to stop MiniStack, whatever program uses the port."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1 cannot be used"):
            Emulator(port=port).__enter__()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="looks into /proc")
def test_it_listens_on_loopback_only_and_its_key_is_private() -> None:
    """The emulator accepts an account id as root access key, so anybody on another machine who
    reaches the port could run code here. A person who can read the key could answer instead of the
    emulator."""
    with Emulator() as emulator:
        group = {each.group for each in processes() if each.parent == os.getpid()}
        ours = {each.id for each in running(group - {os.getpgrp()})}
        assert ours
        listening = _listening(ours)
        ports = {port for _, port in listening}
        assert emulator.port in ports
        assert ports <= {emulator.port, 443}  # which ministack takes too where it may
        assert {address for address, _ in listening} <= {"127.0.0.1", "::1"}
        folder = emulator.ca_bundle.parent
        keys = [path for path in folder.rglob("*") if "PRIVATE KEY" in _text(path)]
        assert keys
        assert [path for path in keys if path.stat().st_mode & 0o077] == []
        assert folder.stat().st_mode & 0o077 == 0


def _text(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text("latin-1") if path.is_file() else ""
    return ""


def _listening(ids: set[int]) -> set[tuple[str, int]]:
    """Address and port of each TCP socket that these processes listen on, by the kernel's list."""
    held: set[str] = set()
    for number in ids:
        for link in Path(f"/proc/{number}/fd").iterdir():
            with contextlib.suppress(OSError):
                held.add(str(link.readlink()))
    found: set[tuple[str, int]] = set()
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in held:
                address, _, port = fields[1].partition(":")
                # Words of four bytes, each in the machine's own order.
                words = [bytes.fromhex(word)[::-1] for word in re.findall("." * 8, address)]
                found.add((str(ipaddress.ip_address(b"".join(words))), int(port, 16)))
    return found


@pytest.mark.parametrize("module", ["sandbox", "demo"])
def test_whoever_starts_it_is_told_what_it_lets_others_do(module: str, tmp_path: Path) -> None:
    """An account id is no secret, so people must know this before they start it."""
    with subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=PROJECT,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "400"},
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        assert started.stdout
        said = "".join(started.stdout.readline() for _ in range(3))
        started.send_signal(signal.SIGTERM)
        started.communicate()
    assert limits.WARNING in said


def test_it_takes_nothing_from_the_machine_and_enforces_iam(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """People who work with AWS have these variables set; each of them would break it or make it
    call another address.
    """
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
