"""One reading: what the preflight reads in a stack file is what the engine hands to the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from recording import stack_file
from recording.errors import RecordingError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pipeline.conftest import Project

PROJECT_FILE = "name: thumbx\nruntime: yaml\n"
# What `pulumi config --json` of 3.274.1 says of each plain word.
READINGS: dict[str, Any] = {
    "1e3": 1000,
    "1E3": 1000,
    "1.5e1": 15,
    "80.0": 80,
    "1.50": 1.5,
    ".5": 0.5,
    "+5": 5,
    "1_000": 1000,
    "0x10": 16,
    "0b11": 3,
    "0o17": 15,
    "017": 15,
    "089": 89,
    "12:30": "12:30",
    "12:30:45": "12:30:45",
    "yes": "yes",
    "off": "off",
    "n": "n",
    "true": True,
    "False": False,
    '"017"': "017",
    "'1e3'": "1e3",
    "a b": "a b",
}


def _file(folder: Path, text: str) -> Path:
    path = folder / "Pulumi.dev.yaml"
    path.write_text(text)
    return path


def _written() -> str:
    fields = "".join(f"    f{number}: {word}\n" for number, word in enumerate(READINGS))
    keys = "".join(f"  thumbx:k{number}: {word}\n" for number, word in enumerate(READINGS))
    return f"config:\n  group:\n{fields}{keys}  thumbx:nothing: ~\n"


def test_every_plain_word_is_read_as_the_engine_reads_it(tmp_path: Path):
    """If the preflight read a number as text, it would refuse a valid stack file."""
    read = stack_file.values(_file(tmp_path, _written()), "thumbx")
    assert read["thumbx:group"] == {f"f{i}": value for i, value in enumerate(READINGS.values())}
    assert [read[f"thumbx:k{number}"] for number in range(len(READINGS))] == [*READINGS.values()]
    assert read["thumbx:nothing"] == ""


def test_the_engine_that_is_here_reads_them_so(tmp_path: Path):
    program = shutil.which("pulumi")
    if program is None:
        pytest.skip("needs the Pulumi CLI on the PATH")
    (tmp_path / "Pulumi.yaml").write_text(PROJECT_FILE)
    path = _file(tmp_path, _written())
    (tmp_path / "state").mkdir()
    environment = os.environ | {
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    words = ["config", "--json", "--stack", "dev"]
    for each in (["stack", "init", "dev"], words):
        done = subprocess.run(
            [program, *each], cwd=tmp_path, env=environment, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
    said = {key: value["value"] for key, value in json.loads(done.stdout).items()}
    ours = {key: stack_file.text(value) for key, value in stack_file.values(path, "thumbx").items()}
    assert json.loads(said.pop("thumbx:group")) == json.loads(ours.pop("thumbx:group"))
    assert said == ours


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("config:\n  thumx:function: {}\n", "did you mean thumbx:function?"),
        ("config:\n  aws:region: eu-west-1\n", "run: pulumi config rm 'aws:region'"),
        ("config:\n  region: a\n  thumbx:region: b\n", "thumbx:region is set twice"),
        ("config:\n  region: a\n  region: b\n", "region is set twice; keep one of the two"),
        ("config:\n  region: 2026-01-01\n", "is read as a date; put it in quotes"),
        ("config: [\n", "Pulumi.dev.yaml is not YAML"),
    ],
)
def test_what_nobody_would_read_is_refused(tmp_path: Path, text: str, says: str):
    with pytest.raises(RecordingError) as refusal:
        stack_file.values(_file(tmp_path, text), "thumbx")
    assert says in str(refusal.value)


def test_the_engine_s_own_settings_pass(tmp_path: Path):
    """Tags of Pulumi Cloud, for example."""
    path = _file(tmp_path, "config:\n  pulumi:tags:\n    owner: pictures\n")
    assert stack_file.values(path, "thumbx") == {"pulumi:tags": {"owner": "pictures"}}


def test_an_encrypted_value_is_refused_before_the_engine_starts(project: Project):
    """The engine would hand it over as a secret, which the program refuses half a minute later."""
    file = project.folder / "Pulumi.sealed.yaml"
    file.write_text("config:\n  thumbx:storage:\n    account:\n      secure: AAABAO==\n")
    try:
        ended = project.run("preflight", "sealed")
    finally:
        file.unlink()
    assert ended.code == 2
    assert "thumbx:storage is a secret" in ended.err
