"""The state of a job at each step: roles, files that it passes on, and installed packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from pipeline.environment import passed
from recording.program import PROJECT
from tests.pipeline.workflows import ACTION, IDS, JOBS, PREPARE, STEPS, TEXTS, WORKFLOWS

EXPECTED = yaml.safe_load((PROJECT / "tests" / "pipeline" / "jobs.yaml").read_text("utf-8"))
DEPLOYING = ("deploy-stack/plan", "deploy-stack/up", "drift/drift", "preview/preview")
# GitHub's own, AWS's and Pulumi's. Any other owner that is named here runs code beside the
# credentials.
OWNERS = {"actions", "aws-actions", "pulumi"}
CREDENTIALS = "aws-actions/configure-aws-credentials"
ARTIFACTS = {
    "deploy-stack/plan": [
        ("upload", "plan-${{ inputs.stack }}", "build/plans/${{ inputs.stack }}.*")
    ],
    "deploy-stack/up": [("download", "plan-${{ inputs.stack }}", "build/plans")],
    "preview/preview": [
        ("upload", "comment-${{ matrix.stack }}", "build/comments/${{ matrix.stack }}*")
    ],
    "preview/comment": [("download", "comment-${{ matrix.stack }}", "build/comments")],
}
ROLES = {
    "deploy-stack/plan": {"producer-plan-role", "storage-plan-role"},
    "deploy-stack/up": {
        "PRODUCER_DEPLOY_ROLE", "STORAGE_DEPLOY_ROLE", "SMOKE_UPLOADER_ROLE", "SMOKE_READER_ROLE",
        "PRODUCER_AUDIT_ROLE", "STORAGE_AUDIT_ROLE",
    },
    "drift/drift": {"producer", "storage"},
    "preview/preview": {"producer", "storage"},
}  # fmt: skip


def _bare(part: Any) -> Any:
    """Leave out the commits of actions, which Dependabot raises."""
    if isinstance(part, dict):
        return {
            key: value.partition("@")[0] if key == "uses" else _bare(value)
            for key, value in part.items()
        }
    return [_bare(each) for each in part] if isinstance(part, list) else part


def _by_id() -> dict[str, Any]:
    return {key: job for key, (_, _, job) in zip(IDS, JOBS, strict=True)}


def _text(step: dict[str, Any]) -> str:
    return step.get("uses", "") + step.get("run", "")


def test_every_job_is_exactly_the_one_that_was_reviewed() -> None:
    """A longer session, credentials as outputs, an upload of `~/.aws`, or a token in a step's
    environment are each one more line of YAML that all other tests would accept."""
    found = {key: _bare(job) for key, job in _by_id().items()}
    assert found | {"prepare": _bare(PREPARE["runs"])} == EXPECTED


def test_every_action_is_of_an_owner_on_the_list() -> None:
    """`pulumii/actions` could be pinned by a commit as well."""
    used = re.findall(r"uses: ([\w-]+)/", "".join(TEXTS.values()) + ACTION)
    assert len(used) > 20
    assert set(used) == OWNERS


def test_files_are_handed_on_from_these_paths_and_no_others() -> None:
    """Everybody who can read the repository can read an artifact: `.` contains the profiles'
    `.git`, and `~/.aws` the keys."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for key, job in _by_id().items():
        for step in job.get("steps", ()):
            if how := re.search(r"actions/(upload|download)-artifact", _text(step)):
                handed = (how[1], step["with"]["name"], step["with"]["path"])
                found.setdefault(key, []).append(handed)
    assert found == ARTIFACTS


@pytest.mark.parametrize("key", DEPLOYING)
def test_a_job_takes_its_own_roles(key: str) -> None:
    """If main's plan used the deploy role, nobody would have approved that deployment."""
    steps = _by_id()[key]["steps"]
    given = "".join(
        str(value)
        for step in steps
        for name, value in step.get("with", {}).items()
        if name.endswith("role") or name == "role-to-assume"
    )
    assert set(re.findall(r"\$\{\{ \w+\.([\w-]+) \}\}", given)) == ROLES[key]


def test_credentials_are_taken_for_a_profile_and_for_an_hour() -> None:
    """More arguments give longer sessions, keys in the environment of every later step, or keys
    as outputs."""
    taken = [step["with"] for step in STEPS if CREDENTIALS in _text(step)]
    assert len(taken) >= 6
    for each in taken:
        assert set(each) == {"aws-region", "aws-profile", "role-to-assume", "role-session-name"}


@pytest.mark.parametrize("key", [*DEPLOYING, "preview/comment"])
def test_all_is_installed_before_the_first_credential(key: str) -> None:
    """Code that is installed later could read the profiles, or the token that may write
    comments.
    """
    steps: list[dict[str, Any]] = []
    for step in _by_id()[key]["steps"]:
        inner = PREPARE["runs"]["steps"] if "prepare" in _text(step) else [step]
        steps += inner
    words = [f"{_text(step)} {step.get('env', '')}" for step in steps]
    (install,) = [n for n, text in enumerate(words) if re.match("make (install|environment)", text)]
    secret = re.compile(f"{CREDENTIALS}|pulumi/auth-actions|_TOKEN")
    assert next(n for n, text in enumerate(words) if secret.search(text)) > install
    fetching = re.compile("setup-|pulumi/actions|checkout")
    assert max(n for n, text in enumerate(words) if fetching.search(text)) < install


@pytest.mark.parametrize("workflow", ["deploy-stack", "drift", "preview"])
def test_a_deploying_job_installs_requirements_txt_and_no_plugin_on_its_way(workflow: str) -> None:
    """The linters and the emulator of requirements-dev.txt are much more code of others."""
    assert WORKFLOWS[workflow]["env"] == {
        "REQUIREMENTS": "requirements.txt",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    assert not {name for name in WORKFLOWS if "env" in WORKFLOWS[name]} - {
        "deploy-stack", "drift", "preview",
    }  # fmt: skip


CLEAN = "python3 pipeline/environment.py"
# Each command line that make would start, with a stamp that is there; `_` stands for the Python.
LAYER = f'{CLEAN} _ -m pipeline layer "$STACK"'
RECIPES = {
    "audit": [LAYER, "_ -m audit check"],
    "comment": [
        (
            '_ -m pipeline comment "$STACK" --repository "$REPOSITORY" --number "$NUMBER"'
            ' --commit "$COMMIT" --run "$RUN"'
        ),
    ],
    "deploy": [LAYER, '_ -m pipeline deploy "$STACK"'],
    "drift": [LAYER, '_ -m pipeline drift "$STACK" --repository "$REPOSITORY"'],
    "environment": [],
    "install": [LAYER, f"{CLEAN} _ -m pipeline plugin"],
    "preview": [LAYER, '_ -m pipeline preview "$STACK" --base "$BASE"'],
    "smoke": ['_ -m pipeline smoke "$STACK" --uploader "$UPLOADER" --reader "$READER"'],
}


@pytest.mark.parametrize("target", RECIPES)
def test_a_target_of_the_workflows_runs_these_commands_and_no_others(target: str) -> None:
    """`@env` above them would write every token into the log of a public repository."""
    assert _recipe(target, "--old-file", ".venv/.installed-requirements.txt") == RECIPES[target]


def test_packages_are_installed_as_wheels_by_their_hashes_and_without_a_token() -> None:
    """pip runs code of a source distribution when it installs it."""
    pip = "pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:"
    lines = _recipe("environment", "--what-if", "requirements.txt")
    assert [line for line in lines if "pip install" in line] == [
        f"{CLEAN} _ -m {pip} -r requirements.txt"
    ]


def _recipe(target: str, *words: str) -> list[str]:
    given = {"REQUIREMENTS": "requirements.txt", "BASE": "x", "REPOSITORY": "x", "PATH": os.defpath}
    shown = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", *words, target],  # noqa: S607
        cwd=PROJECT,
        env=given | {"ARGS": "check"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.replace("\\\n", " ")
    lines = [re.sub(r"\s+", " ", line).strip() for line in shown.splitlines()]
    return [
        line.replace(".venv/bin/python", "_")
        for line in lines
        if line.strip() and "make:" not in line
    ]


def test_an_install_sees_no_token_and_still_finds_its_index() -> None:
    """GitHub puts the token that gets a job its roles into the environment of every step."""
    needed = {"PATH": os.defpath, "HOME": "/", "PIP_INDEX_URL": "x", "HTTPS_PROXY": "x"}
    secret = {
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "canary", "ACTIONS_ID_TOKEN_REQUEST_URL": "canary",
        "ACTIONS_RUNTIME_TOKEN": "canary", "GITHUB_TOKEN": "canary", "GH_TOKEN": "canary",
        "PULUMI_ACCESS_TOKEN": "canary", "AWS_SECRET_ACCESS_KEY": "canary", "AWS_PROFILE": "canary",
        "HOMEPATHTOKEN": "canary", "XPATH": "canary",
    }  # fmt: skip
    assert passed(needed | secret) == needed
    command = [sys.executable, "-c", "import os; print(dict(os.environ))"]
    seen = subprocess.run(
        [sys.executable, "pipeline/environment.py", *command],
        cwd=PROJECT,
        env=needed | secret,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "PIP_INDEX_URL" in seen
    assert "canary" not in seen


# Each command of the deploying jobs as it is typed, up to where it asks for an account.
COMMANDS = {
    "pipeline preflight dev": 2,
    "pipeline deploy dev": 2,
    "pipeline smoke dev --uploader nobody --reader nobody": 2,
    "pipeline drift dev": 2,
    "pipeline layer none": 2,
    "audit check --help": 0,
}
WITHOUT = """
import importlib.metadata, re, runpy, sys
def plain(name): return re.sub(r"[-_.]+", "-", name).lower()
pinned = {plain(line.split("==")[0]) for line in open("requirements.txt") if "==" in line}
found = importlib.metadata.packages_distributions()
absent = {name for name in found if not pinned & {plain(each) for each in found[name]}}
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not in requirements.txt")
sys.meta_path.insert(0, Absent())
sys.path.insert(0, "")
sys.argv[:] = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_the_jobs_need_no_package_beyond_requirements_txt(command: str) -> None:
    """Otherwise the first deployment ends in a traceback that no developer's machine shows."""
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT, *command.split()],
        cwd=PROJECT,
        env={"PATH": os.defpath, "HOME": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    assert ended.returncode == COMMANDS[command], ended.stderr
