"""`make init`, as a person types it: what it asks, finds out itself, refuses and writes."""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from components.configuration.accounts import Access
from components.configuration.options import options_of
from pipeline.interview import administrators_of
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.pipeline.conftest import Project

A, B = "111111111111", "222222222222"
SSO = f"arn:aws:iam::{B}:role/aws-reserved/sso.amazonaws.com"
LETTERS = "0123456789abcdef"


@pytest.fixture
def new(project: Project) -> Iterator[Project]:
    """A person with two profiles of the default names, and no stack file."""
    project.profiles({"thumbx-trial-producer": A, "thumbx-trial-storage": B, "stranger": B})
    yield project
    (project.folder / "Pulumi.trial.yaml").unlink(missing_ok=True)


def init(project: Project, *lines: str, stack: str = "trial") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", "init", stack],
        cwd=project.folder,
        env=project.environment | {"PYTHONPATH": str(PROJECT)},
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        check=False,
    )


def written(project: Project) -> dict[str, Any]:
    return yaml.safe_load((project.folder / "Pulumi.trial.yaml").read_text("utf-8"))["config"]


def test_enter_is_enough_where_the_profiles_have_their_names(new: Project) -> None:
    """The accounts return their own ids, and the caller becomes the administrator: five times
    Enter.
    """
    done = init(new, *[""] * 6)
    assert done.returncode == 0, done.stderr
    assert written(new) == {
        "thumbx:region": "eu-central-1",
        "thumbx:producer": {"account": A, "profile": "thumbx-trial-producer"},
        "thumbx:storage": {"account": B, "profile": "thumbx-trial-storage"},
        "thumbx:access": {"administrators": [f"arn:aws:iam::{B}:user/x"]},
    }
    assert f"account {A}, as arn:aws:iam::{A}:user/x" in done.stdout
    assert done.stdout.rstrip().endswith("Next: `make up STACK=trial`") or (
        "Still missing before `make up STACK=trial`:" in done.stdout
    )


@pytest.mark.slow
def test_each_wrong_answer_is_a_sentence_and_asked_again(new: Project) -> None:
    """It writes nothing that the program would refuse."""
    role = f"arn:aws:iam::{B}:role/uploader"
    lines = ["thumbx-trail-producer", "", "thumbx-trial-producer", "stranger"]
    gone = f"arn:aws:iam::{B}:role/gone"
    lines += ["eu-centrl-1", "eu-west-1", f"arn:aws:iam::{B}:role/*", gone, role, "", ""]
    done = init(new, *lines)
    assert done.returncode == 0, done.stderr
    for said in (
        "thumbx-trail-producer is not in ~/.aws/config; did you mean thumbx-trial-producer?",
        f"thumbx-trial-producer is of account {A} too; the two sides need two accounts",
        "eu-centrl-1 is not an AWS region; did you mean eu-central-1?",
        f"{gone} cannot be looked up",
        "role/* is not the ARN of one role or user",
    ):
        assert said in done.stdout
    assert written(new)["thumbx:region"] == "eu-west-1"
    assert written(new)["thumbx:access"]["uploaders"] == [role]


@pytest.mark.slow
def test_a_profile_that_botocore_cannot_open_is_a_sentence(new: Project) -> None:
    """A newcomer may have a half-written file in ~/.aws."""
    config = os.path.realpath(new.environment["AWS_CONFIG_FILE"])
    with open(config, "a") as file:  # noqa: PTH123
        file.write("[profile broken]\nsource_profile = nowhere\nrole_arn = x\n")
    done = init(new, "broken")
    assert done.returncode == 2
    assert "nowhere" in done.stdout
    with open(config, "w") as file:  # noqa: PTH123
        file.write("[profile\n")
    done = init(new, "")
    assert "Traceback" not in done.stderr
    assert "Unable to parse config file" in done.stdout


@pytest.mark.slow
def test_a_stack_file_of_somebodys_own_is_never_overwritten(new: Project) -> None:
    """Only the example in the repository may be overwritten."""
    new.profiles({"thumbx-trial-producer": "333333333333", "thumbx-trial-storage": B})
    assert init(new, *[""] * 6).returncode == 0
    again = init(new, *[""] * 6)
    assert (again.returncode, again.stdout) == (2, "")
    assert "Pulumi.trial.yaml is there already" in again.stderr


def test_answers_that_end_leave_nothing_behind(new: Project) -> None:
    done = init(new, "")
    assert done.returncode == 2
    assert "nothing was written" in done.stderr
    assert not (new.folder / "Pulumi.trial.yaml").exists()


@pytest.mark.parametrize(
    ("caller", "role"),
    [
        (
            f"arn:aws:sts::{B}:assumed-role/AWSReservedSSO_AdministratorAccess_{LETTERS}/alice",
            f"{SSO}/AWSReservedSSO_AdministratorAccess_{LETTERS}",
        ),
        (
            f"arn:aws:sts::{B}:assumed-role/AWSReservedSSO_My_Set_{LETTERS}/alice",
            f"{SSO}/eu-west-1/AWSReservedSSO_My_Set_fedcba9876543210",
        ),
        (f"arn:aws:sts::{B}:assumed-role/admin/alice", f"arn:aws:iam::{B}:role/admin"),
        (f"arn:aws:sts::{B}:assumed-role/admin/alice", f"arn:aws:iam::{B}:role/team/admin"),
        (f"arn:aws:iam::{B}:user/team/alice", f"arn:aws:iam::{B}:user/team/alice"),
    ],
)
def test_whoever_calls_is_among_the_administrators(caller: str, role: str) -> None:
    """The pattern of a session's role is used, because AWS puts a region and a random suffix
    into its name.
    """
    patterns = administrators_of(caller, B)
    assert any(fnmatch.fnmatchcase(role, pattern) for pattern in patterns)
    assert not any(fnmatch.fnmatchcase(f"{role}x", pattern) for pattern in patterns) or (
        "Reserved" in role
    )


def test_root_is_no_administrator() -> None:
    assert administrators_of(f"arn:aws:iam::{B}:root", B) == []


def test_the_examples_pattern_matches_awss_own_permission_set() -> None:
    """AWS's predefined set is AdministratorAccess, and the role's name has a random suffix."""
    meaning = next(each.meaning for each in options_of(Access) if each.key == "administrators")
    (pattern,) = re.findall(r"`(arn:[^`]+\*)`", meaning)
    for region in ("", "eu-west-1/"):
        role = f"{SSO}/{region}AWSReservedSSO_AdministratorAccess_{LETTERS}"
        assert fnmatch.fnmatchcase(role, pattern)
    assert pattern in (PROJECT / "Pulumi.dev.yaml").read_text("utf-8") or (
        "222222222222" not in (PROJECT / "Pulumi.dev.yaml").read_text("utf-8")
    )
