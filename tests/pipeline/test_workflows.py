"""What GitHub would run, read as data: the permissions of each job, and that each step is a
command that can run here.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from audit.options import parser
from recording.program import PROJECT
from tests.pipeline.workflows import (
    ACTION,
    IDS,
    JOBS,
    PREPARE,
    STEPS,
    TEXTS,
    WORKFLOWS,
    make_targets,
)
from tests.recorded import configuration

if TYPE_CHECKING:
    from pathlib import Path

# Each with what it is for; a job that asks for more has to be written down here.
RIGHTS = {
    "check/check": {"contents": "read"},
    "preview/preview": {"contents": "read", "id-token": "write"},
    "preview/comment": {"contents": "read", "pull-requests": "write"},
    "fork/fork": {"pull-requests": "write"},
    "deploy/dev": {"contents": "read", "id-token": "write"},
    "deploy/production": {"contents": "read", "id-token": "write"},
    "deploy-stack/plan": {"contents": "read", "id-token": "write"},
    "deploy-stack/up": {"contents": "read", "id-token": "write"},
    "drift/drift": {"contents": "read", "id-token": "write", "issues": "write"},
}


@pytest.mark.parametrize("workflow", sorted(WORKFLOWS))
def test_a_workflow_gives_nothing_that_its_jobs_do_not_ask_for(workflow: str):
    assert WORKFLOWS[workflow]["permissions"] == {}


def test_each_job_has_exactly_these_rights():
    assert {key: job["permissions"] for key, (_, _, job) in zip(IDS, JOBS, strict=True)} == RIGHTS


def test_no_job_can_write_what_others_run():
    """No job may write contents, packages or workflows, so everything that is deployed comes
    through a review.
    """
    granted = {(right, how) for rights in RIGHTS.values() for right, how in rights.items()}
    assert granted == {
        ("contents", "read"),
        ("id-token", "write"),
        ("issues", "write"),
        ("pull-requests", "write"),
    }


def test_a_job_that_writes_for_a_pull_request_runs_none_of_its_code():
    """It checks the target branch out, and has no credentials of AWS or Pulumi Cloud."""
    job = WORKFLOWS["preview"]["jobs"]["comment"]
    checkout, *others = job["steps"]
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "id-token" not in job["permissions"]
    assert [step["run"] for step in others if "run" in step] == ["make environment", "make comment"]
    assert not any("prepare" in step.get("uses", "") for step in others)


def test_no_workflow_runs_a_pull_request_with_the_rights_of_main():
    """`pull_request_target` and `workflow_run` have the permissions of main, so a fork's code
    must not run in them.
    """
    triggers = {name: set(dict.fromkeys(workflow[True])) for name, workflow in WORKFLOWS.items()}
    assert triggers == {
        "check": {"pull_request", "push"},
        "preview": {"pull_request"},
        "fork": {"pull_request_target"},
        "deploy": {"push"},
        "deploy-stack": {"workflow_call"},
        "drift": {"schedule"},
    }
    assert WORKFLOWS["deploy"][True]["push"] == {"branches": ["main"]}


def test_a_fork_is_told_what_to_do_in_fixed_words(tmp_path: Path):
    """This is the only workflow that may write for a fork. It has no code of the pull request and
    cannot get any, and uses only the pull request's number."""
    assert WORKFLOWS["fork"][True] == {"pull_request_target": {"types": ["opened"]}}
    (job,) = WORKFLOWS["fork"]["jobs"].values()
    (step,) = job["steps"]
    assert set(step) == {"name", "env", "run"}
    assert step["env"] == {
        "NUMBER": "${{ github.event.pull_request.number }}",
        "REPOSITORY": "${{ github.repository }}",
        "GH_TOKEN": "${{ github.token }}",
    }
    (tmp_path / "gh").write_text('#!/bin/sh\necho "$@"\n/bin/cat\n')
    (tmp_path / "gh").chmod(0o755)
    said = subprocess.run(
        ["/bin/bash", "-e", "-c", step["run"]],
        env={"PATH": str(tmp_path), "NUMBER": "5", "REPOSITORY": "octo-org/pictures"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert said[0] == "api repos/octo-org/pictures/issues/5/comments --silent --field body=@-"
    assert said[1] == "### No preview for this pull request"
    assert said[-1].strip() == "gh pr checkout NUMBER && git push origin HEAD:preview/NUMBER"


def test_the_access_of_a_pull_request_is_compared_with_what_it_is_merged_into():
    """`base.sha` is older: later changes of main would be shown as the pull request's."""
    checkout, _, step, _ = WORKFLOWS["preview"]["jobs"]["preview"]["steps"]
    assert step["env"]["BASE"] == "HEAD^1"
    assert checkout["with"] == {"fetch-depth": 2, "persist-credentials": False}


def test_a_failed_preview_has_its_comment():
    """The other stack, whose preview did not fail, has its own comment too."""
    job = WORKFLOWS["preview"]["jobs"]["comment"]
    assert job["if"] == "${{ !cancelled() && needs.preview.result != 'skipped' }}"
    (download,) = [step for step in job["steps"] if "download" in step.get("uses", "")]
    assert download["continue-on-error"] is True


def test_a_fork_gets_neither_a_token_nor_a_secret():
    """Its own jobs are `check` and `fork`, and the others do not start for it. GitHub treats
    Dependabot like one."""
    jobs = WORKFLOWS["preview"]["jobs"]
    assert jobs["preview"]["if"] == (
        "github.event.pull_request.head.repo.full_name == github.repository && "
        "github.event.pull_request.user.login != 'dependabot[bot]'"
    )
    assert jobs["comment"]["needs"] == "preview"  # and not where that was skipped
    assert WORKFLOWS["fork"]["jobs"]["fork"]["if"] == (
        "github.event.pull_request.head.repo.full_name != github.repository || "
        "github.event.pull_request.user.login == 'dependabot[bot]'"
    )
    assert "secrets." not in "".join(TEXTS.values()) + ACTION
    assert "vars." not in TEXTS["check"]


def test_every_action_is_pinned_by_commit_and_says_its_version():
    """A person who takes over the repository can move a tag."""
    uses = re.findall(r"uses: (\S+)(.*)", "".join(TEXTS.values()) + ACTION)
    assert len(uses) > 20
    for action, comment in uses:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_dependabot_looks_wherever_something_is_pinned():
    """For the root, Dependabot reads the workflows but no action. A pin that Dependabot does not
    see becomes outdated, and the test below then stops each of its pull requests."""
    config = yaml.safe_load((PROJECT / ".github" / "dependabot.yml").read_text("utf-8"))
    looked = {each["package-ecosystem"]: each["directories"] for each in config["updates"]}
    actions = sorted((PROJECT / ".github" / "actions").glob("*/action.yml"))
    locks = {path.parent for path in PROJECT.glob("requirements*.txt")}
    locks |= {path.parent for path in PROJECT.glob("[a-z]*/requirements*.txt")}
    assert looked == {
        "github-actions": ["/", *(f"/{path.parent.relative_to(PROJECT)}" for path in actions)],
        "pip": sorted(f"/{path.relative_to(PROJECT)}".removesuffix(".") for path in locks),
    }


def test_one_action_has_one_version():
    """If an action had two pins, both would need a review, and one would be forgotten."""
    pins = set(re.findall(r"uses: ([\w/.-]+)@(\w+)", "".join(TEXTS.values()) + ACTION))
    assert len(pins) == len({action for action, _ in pins})


def test_the_audit_is_asked_in_words_that_it_knows():
    """The step has run nowhere yet: only where somebody has made roles for it."""
    step = WORKFLOWS["deploy-stack"]["jobs"]["up"]["steps"][-1]
    words = step["env"]["ARGS"].replace("${{ inputs.stack }}", "dev")
    given = parser().parse_args(words.replace("${{ vars.AWS_REGION }}", "eu-central-1").split())
    profiles = (given.producer_profile, given.storage_profile)
    assert (given.command, given.stack, given.region) == ("check", "dev", "eu-central-1")
    steps = WORKFLOWS["deploy-stack"]["jobs"]["up"]["steps"]
    assert set(profiles) <= {each.get("with", {}).get("aws-profile") for each in steps}


@pytest.mark.parametrize(("workflow", "name", "job"), JOBS, ids=IDS)
def test_every_job_ends_by_itself_on_a_runner_of_github(
    workflow: str, name: str, job: dict[str, Any]
):
    """On a runner that is kept, the profiles would outlive the job."""
    if "uses" in job:
        assert job["uses"] == "./.github/workflows/deploy-stack.yml"
    else:
        # The check has no profiles, and runs every test there is.
        assert job["timeout-minutes"] <= (60 if workflow == "check" else 30)
        assert job["runs-on"] == "ubuntu-24.04"


def test_no_two_runs_of_a_stack_or_a_pull_request_meet():
    """No run is cancelled in the middle of a deployment."""
    for workflow in ("check", "preview"):
        concurrency = WORKFLOWS[workflow]["concurrency"]
        assert concurrency == {
            "group": f"{workflow}-${{{{ github.ref }}}}",
            "cancel-in-progress": True,
        }
    assert WORKFLOWS["drift"]["concurrency"]["cancel-in-progress"] is False
    for stack, job in WORKFLOWS["deploy"]["jobs"].items():
        assert job["concurrency"] == {"group": f"deploy-{stack}", "cancel-in-progress": False}


@pytest.mark.parametrize(
    "step", [step for step in STEPS if "run" in step], ids=lambda s: s["run"][:30]
)
def test_a_step_takes_its_values_from_the_environment(step: dict[str, Any]):
    """GitHub pastes an expression into the script before the shell reads it, so a branch's name or
    a pull request's title could be a command."""
    assert "${{" not in step["run"]


def test_every_step_of_ours_runs_without_github():
    """A make target or a script of the repository; the exception writes fixed words."""
    scripts = [step["run"] for step in STEPS if "run" in step]
    (fixed,) = [step["run"] for step in WORKFLOWS["fork"]["jobs"]["fork"]["steps"]]
    ours = {run for run in scripts if run != fixed}
    assert ours == {
        "bash .ci/run", "make audit", "make comment", "make deploy", "make drift",
        "make engine-version", "make environment", "make install", "make preview", "make smoke",
    }  # fmt: skip
    for run in ours - {"bash .ci/run"}:
        assert run.removeprefix("make ") in make_targets()


def test_the_check_is_the_gate_and_nothing_else():
    """A pull request that passes here passes there."""
    job = WORKFLOWS["check"]["jobs"]["check"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    assert all(step.get("env") is None for step in job["steps"])


def test_no_checkout_leaves_its_token_behind():
    """The token would be in .git/config, where later code could read it."""
    checkouts = [step for step in STEPS if "actions/checkout" in step.get("uses", "")]
    assert len(checkouts) >= 5
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_profiles_have_the_names_of_the_stack_files():
    """If a name differs, the preflight finds no profile, but only on a runner."""
    given = [
        step["with"]
        for step in PREPARE["runs"]["steps"]
        if "role-to-assume" in step.get("with", {})
    ]
    for stack in ("dev", "production"):
        config = configuration(stack)
        made = {each["aws-profile"].replace("${{ inputs.stack }}", stack) for each in given}
        assert made == {
            json.loads(config[f"thumbx:{side}"])["profile"] for side in ("producer", "storage")
        }


def test_every_workflow_names_the_same_stacks():
    """Otherwise a stack could be deployed but not checked for drift, or previewed by only some
    jobs.
    """
    drift, preview = (
        {each["stack"] for each in WORKFLOWS[name]["jobs"][name]["strategy"]["matrix"]["include"]}
        for name in ("drift", "preview")
    )
    deployed = {job["with"]["stack"] for job in WORKFLOWS["deploy"]["jobs"].values()}
    assert drift == preview == deployed
    assert preview == set(WORKFLOWS["preview"]["jobs"]["comment"]["strategy"]["matrix"]["stack"])


def test_production_is_deployed_after_dev_and_from_an_environment():
    """The environment is what the deploy role trusts, and where GitHub asks for the approval."""
    assert WORKFLOWS["deploy"]["jobs"]["production"]["needs"] == "dev"
    jobs = WORKFLOWS["deploy-stack"]["jobs"]
    assert jobs["up"]["environment"] == "${{ inputs.stack }}"
    assert "environment" not in jobs["plan"]
    assert jobs["up"]["needs"] == "plan"


def test_a_token_of_pulumi_cloud_is_never_the_organization_s():
    """The organization's token has an administrator's rights, and a pull request runs its own
    code with its token.
    """
    login = next(
        step for step in PREPARE["runs"]["steps"] if "auth-actions" in step.get("uses", "")
    )
    assert login["with"]["requested-token-type"].endswith(":access_token:team")
    assert login["if"] == "inputs.organization != ''"
    teams = re.findall(r"team: \$\{\{ vars\.(\w+) \}\}", "".join(TEXTS.values()))
    assert sorted(teams) == ["PULUMI_DEPLOY_TEAM", *["PULUMI_READ_TEAM"] * 3]


def test_a_value_of_make_is_no_command():
    """`STACK` and the others reach the program as they are, whatever characters they hold."""
    evil = "dev'; touch pwned; '$(touch pwned)"
    shown = subprocess.run(
        ["make", "--dry-run", "comment", "preview", "smoke", f"STACK={evil}", f"BASE={evil}"],  # noqa: S607
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert 'pipeline comment "$STACK"' in shown
    assert "pwned" not in shown
