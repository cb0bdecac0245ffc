"""`make play`: what it prints is typed into a shell, and works."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

# A stand-in for the AWS CLI, for one command: `aws s3 cp --profile NAME FROM TO`.
AWS = """\
import sys, time, boto3
_, _, _, _, profile, source, target = sys.argv[:7]
s3 = boto3.Session(profile_name=profile).client("s3")
if target.startswith("s3://"):
    s3.upload_file(source, *target[5:].split("/", 1))
else:
    s3.download_file(*source[5:].split("/", 1), target + source.rpartition("/")[2])
"""


@pytest.mark.slow
@pytest.mark.usefixtures("layer")
def test_the_printed_commands_work_as_typed_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    """A newcomer whose first upload fails does not try again."""
    aws = tmp_path / "aws"
    aws.write_text(f"#!{sys.executable}\n{textwrap.dedent(AWS)}")
    aws.chmod(0o755)
    with subprocess.Popen(
        [sys.executable, "-m", "demo", "--play"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as play:
        assert play.stdout
        said = ""
        while "With boto3" not in said:
            said += play.stdout.readline()
        lines = re.findall(r"(?m)^  (.*)$", said)
        upload, download, refused = (line for line in lines if line.startswith("aws "))
        exports = [line for line in lines if line.startswith("export ")]

        def typed(*commands: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["sh", "-c", "\n".join([*exports, *commands])],  # noqa: S607
                cwd=PROJECT,
                env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
                capture_output=True,
                text=True,
                check=False,
            )

        put = typed(upload)
        got = typed(f"until {download}; do sleep 0.2; done 2>/dev/null")
        no = typed(refused)
        play.send_signal(signal.SIGINT)
        _, wrong = play.communicate()
    assert put.returncode == 0, put.stderr
    assert got.returncode == 0, got.stderr
    assert (PROJECT / "build" / "play" / "small.jpg").read_bytes().startswith(b"\xff\xd8")
    assert "Forbidden" in no.stderr or "AccessDenied" in no.stderr
    assert (play.returncode, wrong) == (0, "")
    assert not (PROJECT / "build" / "play" / "config").exists()
