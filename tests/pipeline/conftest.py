"""A copy of the project in which the pipeline runs, with fake versions of the CLI, GitHub and
STS.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from components.producer import package
from components.producer.bytecode import named_patch
from recording.forks import Ended, Forks
from recording.program import PROJECT
from tests.pipeline.fake_tools import Tools
from tests.recorded import STACKS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 240
CODE = ("components", "handler", "pipeline", "proof", "reconcile", "recording", "sandbox")
ANSWER = """\
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::{0}:user/x</Arn><UserId>x</UserId>
<Account>{0}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
ROLE = b"<GetRoleResponse><GetRoleResult><Role/></GetRoleResult></GetRoleResponse>"
REFUSAL = """\
<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code>
<Message>The security token included in the request is expired</Message></Error></ErrorResponse>"""


# What is there of AWS's few, by the end of the call's name.
FEW = {
    "DescribeTrails": b'{"trailList": []}',
    "DescribeResourcePolicies": b'{"resourcePolicies": []}',
}


class Sts(BaseHTTPRequestHandler):
    """Accepts an access key of twelve digits for the account with that id; one key has expired.

    For calls to IAM, it knows one role, `uploader`.

    For calls to S3, it accepts every put, and each put makes one more version of every object. It
    has no trails, no resource policies of logs and no analyzers.
    """

    puts = 0

    def do_POST(self) -> None:
        if target := self.headers["X-Amz-Target"]:
            self._answer(FEW[target.rpartition(".")[2]])
            return
        key = self.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if b"Action=GetRole" in asked:
            self._answer(ROLE, 200 if b"RoleName=uploader" in asked else 404)
            return
        body = (ANSWER if key.isdigit() else REFUSAL).format(key).encode()
        self._answer(body, 200 if key.isdigit() else 403)

    def do_GET(self) -> None:
        assert self.path.startswith("/analyzer?")
        self._answer(b'{"analyzers": []}')

    def _answer(self, body: bytes, code: int = 200) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        Sts.puts += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("x-amz-version-id", str(Sts.puts))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        pass


@pytest.fixture(scope="session")
def sts() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Sts) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def copied(layer: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project without tests; files that the pipeline leaves in build/ are not shared between
    tests.
    """
    copy = tmp_path_factory.mktemp("project")
    for folder in CODE:
        shutil.copytree(
            PROJECT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    (copy / "docs").mkdir()
    (copy / "policy").mkdir()
    (copy / ".venv").symlink_to(sys.prefix)
    (copy / ".github").mkdir()
    for name in ("CODEOWNERS", "ruleset.json"):
        shutil.copyfile(PROJECT / ".github" / name, copy / ".github" / name)
    plain, built = package.layer_path("x86_64"), copy / compiled_layer()
    built.parent.mkdir(parents=True)
    # Stand-ins for what Python 3.13 writes: only the bytes count here.
    shutil.copyfile(plain, built)
    shutil.copyfile(plain, built.with_name(plain.name))
    bytecode_ = copy / package.function_path(named_patch()).relative_to(PROJECT)
    (bytecode_ / "handler" / "__pycache__").mkdir(parents=True)
    (bytecode_ / "handler" / "__pycache__" / "entry.cpython-313.pyc").write_bytes(b"bytecode")
    further = (path.name for path in PROJECT.glob("requirements-layer*.txt"))
    further = ("__main__.py", "requirements.txt", *further)
    for name in ("Pulumi.yaml", "policy/PulumiPolicy.yaml", *further):
        shutil.copyfile(PROJECT / name, copy / name)
    for path in (PROJECT / STACKS).glob("Pulumi.*.yaml"):
        shutil.copyfile(path, copy / path.name)
    return copy


def compiled_layer() -> Path:
    """The path of the layer that is deployed, from the project's folder."""
    return package.layer_path("x86_64", named_patch()).relative_to(PROJECT)


@pytest.fixture(scope="session")
def forks(copied: Path) -> Iterator[Forks]:
    """The process that starts the others."""
    started = Forks("pipeline.__main__", copied)
    yield started
    started.close()


class Project:
    """The copy, the tools on its PATH, and the profiles of a person or a job."""

    def __init__(self, folder: Path, tools: Tools, home: Path, sts: str, forks: Forks) -> None:
        self.folder = folder
        self.tools = tools
        self._home = home
        self._sts = sts
        self._forks = forks
        self.environment = {
            "PATH": f"{tools.folder}:{home / 'bin'}",
            "HOME": str(home),
            "AWS_CONFIG_FILE": str(home / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.profiles({"thumbx-dev-producer": "111111111111", "thumbx-dev-storage": "222222222222"})

    def profiles(self, accounts: dict[str, str]) -> None:
        """The profiles that there are, each with its access key."""
        text = "".join(
            f"[profile {name}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"
            f"endpoint_url = {self._sts}\n"
            for name, key in accounts.items()
        )
        (self._home / "config").write_text(text)

    def run(self, *words: str, **environment: str) -> Ended:
        """Run `python -m pipeline`; only git and the given tools can be found."""
        return self._forks.run(words, self.environment | environment, SECONDS)


@pytest.fixture
def project(copied: Path, tmp_path: Path, sts: str, forks: Forks) -> Iterator[Project]:
    tools, home = tmp_path / "tools", tmp_path / "home"
    for folder in (tools, home, home / "bin"):
        folder.mkdir()
    git = shutil.which("git")
    assert git
    (home / "bin" / "git").symlink_to(git)
    yield Project(copied, Tools(tools), home, sts, forks)
    for left in ("plans", "comments"):
        shutil.rmtree(copied / "build" / left, ignore_errors=True)
