"""How a command ends if something is wrong with the machine."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NoReturn

import boto3
import pytest
from botocore.exceptions import BotoCoreError

from recording.program import PROJECT
from sandbox import command

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command changes its own process's; it is this one here."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.mark.parametrize("number", ["EACCES", "ENOSPC", "EROFS", "EEXIST"])
def test_a_folder_that_cannot_be_written_is_a_sentence(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk is no fault of the program."""
    code = getattr(errno, number)

    def write() -> NoReturn:
        raise OSError(code, os.strerror(code), "build/demo/index.html")

    assert command.run(write) == 2
    assert capsys.readouterr().err == (
        f"build/demo/index.html cannot be written ({os.strerror(code)}); free some space, or run "
        "this in a folder and with a TMPDIR that can be written\n"
    )


def test_another_error_of_the_system_is_a_fault_of_ours() -> None:
    """Reporting it as a full disk would hide it."""

    def connect() -> NoReturn:
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")

    with pytest.raises(ConnectionRefusedError):
        command.run(connect)


def test_profiles_that_botocore_cannot_open_do_not_matter_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo has keys of its own; a half-written ~/.aws/config ended it with a traceback."""
    (tmp_path / "config").write_text("[profile x\n")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "config"))
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.setenv(name, "nowhere")

    def client() -> int:
        keys = dict.fromkeys(("aws_access_key_id", "aws_secret_access_key"), "1")
        boto3.Session(region_name="eu-central-1", **keys).client("s3")
        return 0

    with pytest.raises(BotoCoreError):
        client()
    assert command.run(client) == 0


@pytest.mark.parametrize("after", [0.2, 0.5, 1, 1.5, 2])
def test_ctrl_c_in_the_first_two_seconds_shows_no_traceback(after: float) -> None:
    """During the imports people often notice a mistake and press Ctrl-C."""
    # A shell starts its background jobs with SIGINT ignored, and these tests may run in one.
    with subprocess.Popen(
        ["/usr/bin/env", "--default-signal=INT", sys.executable, "-m", "demo"],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        time.sleep(after)
        demo.send_signal(signal.SIGINT)
        _, said = demo.communicate()
    # Python itself needs a moment before it runs this code; in that time Python handles Ctrl-C.
    assert f"{PROJECT}/" not in said
    assert demo.returncode != 0
