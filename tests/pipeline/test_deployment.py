"""Preview, plan, deployment and drift, with a CLI that answers by its documented exit codes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipeline.comments import marker
from pipeline.report import PreviewReport
from tests.pipeline.fake_tools import BOT

if TYPE_CHECKING:
    from tests.pipeline.conftest import Project

ISSUES = "repos/octo-org/pictures/issues"
DIFF = "    + aws:kms/key:Key: (create) 🔒\n        [urn=urn:pulumi:dev::thumbx::x]"
CI = ["--non-interactive", "--color", "never"]
PACK = ["--policy-pack", "policy"]


def test_what_is_deployed_is_the_plan_that_was_previewed(project: Project):
    """A deployment without the plan could make changes that nobody has seen."""
    plan = str(project.folder / "build" / "plans" / "dev.json")
    assert project.run("preview", "dev").code == 0
    assert project.run("deploy", "dev").code == 0
    assert project.tools.calls("pulumi", "preview") == [
        ["pulumi", "preview", "--stack", "dev", "--diff", *CI, *PACK, "--save-plan", plan]
    ]
    assert project.tools.calls("pulumi", "up") == [
        ["pulumi", "up", "--stack", "dev", "--yes", "--skip-preview", *CI, *PACK, "--plan", plan]
    ]


def test_it_runs_as_a_program_of_its_own(project: Project):
    """The Makefile starts it in this way; the other tests fork a process that has imported it."""
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "preview", "dev"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(project.tools.calls("pulumi", "preview")) == 1


def test_nothing_is_deployed_without_a_plan_or_with_another_layer(project: Project):
    without = project.run("deploy", "dev")
    plans = project.folder / "build" / "plans"
    plans.mkdir(parents=True)
    (plans / "dev.json").write_text("{}")
    (plans / "dev.layer").write_text("0" * 64)
    other = project.run("deploy", "dev")
    assert (without.code, other.code) == (2, 2)
    assert without.err.startswith(
        "build/plans/dev.json does not exist; run `make preview STACK=dev`"
    )
    assert "but the plan was made with 000000000000; build it from the same commit" in other.err
    assert project.tools.calls("pulumi", "up") == []


def test_a_failed_preview_leaves_no_plan_to_deploy(project: Project):
    """Neither the plan of an earlier preview nor this preview's own plan may remain."""
    plans = project.folder / "build" / "plans"
    plans.mkdir(parents=True)
    (plans / "dev.json").write_text("{}")
    (plans / "dev.layer").write_text("0" * 64)
    project.tools.pulumi(code=255, says="error: preview failed")
    ended = project.run("preview", "dev", PULUMI_ORGANIZATION="octo")
    assert ended.code == 2
    assert "error: preview failed" in ended.out
    assert ended.err == "`pulumi preview --stack dev` ended with 255; see above\n"
    assert project.run("deploy", "dev").err.startswith("build/plans/dev.json does not exist")
    assert project.tools.calls("pulumi", "preview")[0][2:4] == ["--stack", "octo/dev"]


def test_a_person_s_deployment_is_previewed_by_pulumi_and_asked_for(project: Project):
    """No `--yes` and no `--skip-preview`: those are for a plan that somebody has approved."""
    project.tools.pulumi(code=4)
    ended = project.run("up", "dev")
    assert ended.code == 2
    assert ended.err == "`pulumi up --stack dev` ended with 4; see above\n"
    assert project.tools.calls("pulumi", "up") == [["pulumi", "up", "--stack", "dev", *PACK]]


def test_drift_opens_one_issue_and_edits_it_the_next_night(project: Project):
    """One issue each night would make a hundred with the same text."""
    spoof = {"id": 1, "number": 1, "user": {"login": "mallory"}, "body": marker("drift:dev")}
    by_bot = {"id": 2, "number": 2, "user": {"login": BOT}, "body": marker("drift:dev")}
    gone = {"id": 3, "number": 3, "user": None, "body": None}
    project.tools.github({ISSUES: [spoof, {**by_bot, "pull_request": {}}, gone]})
    project.tools.pulumi(code=7, says="~ tags: first")
    first = project.run("drift", "dev", "--repository", "octo-org/pictures")
    project.tools.pulumi(code=7, says="~ tags: second")
    second = project.run("drift", "dev", "--repository", "octo-org/pictures")
    assert (first.code, second.code) == (0, 0)
    assert first.out.endswith("https://github.test/repos/octo-org/pictures/issues\n")
    made = project.tools.on_github(ISSUES)[3:]
    assert [each["title"] for each in made] == ["Stack dev has drifted"]
    assert "~ tags: second" in made[0]["body"]
    assert "~ tags: first" not in made[0]["body"]
    assert project.tools.calls("pulumi", "preview")[0] == [
        "pulumi", "preview", "--stack", "dev", "--refresh", "--expect-no-changes", "--diff", *CI,
    ]  # fmt: skip


def test_drift_for_a_person_is_an_exit_code(project: Project):
    project.tools.pulumi(code=7)
    assert project.run("drift", "dev").code == 3
    assert project.tools.calls("gh") == []


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (1, 2), (255, 2)])
def test_no_drift_opens_nothing_and_a_failure_is_no_drift(
    project: Project, code: int, expected: int
):
    """If an expired session opened an issue, or counted as a clean night, people would believe
    it.
    """
    project.tools.pulumi(code=code)
    ended = project.run("drift", "dev", "--repository", "octo-org/pictures")
    assert ended.code == expected
    assert project.tools.on_github(ISSUES) == []
    assert (f"ended with {code}" in ended.err) == (code != 0)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_pull_request_is_told_who_could_do_more_and_what_it_costs(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    """From the preview by the pull request's code to the comment by the target branch's."""
    _commit_all(project)
    stack = project.folder / "Pulumi.dev.yaml"
    before = stack.read_text()
    project.tools.pulumi(says=DIFF)
    try:
        stack.write_text(before.replace("role/uploader", "role/stranger"))
        assert project.run("preview", "dev", "--base", "HEAD").code == 0
        assert "--refresh=false" in project.tools.calls("pulumi", "preview")[0]
    finally:
        stack.write_text(before)
        shutil.rmtree(project.folder / ".git")
    about = [
        "--repository",
        "octo-org/pictures",
        "--number",
        "5",
        "--commit",
        "0a1b2c3",
        "--run",
        "r",
    ]
    ended = project.run("comment", "dev", *about)
    assert ended.code == 0, ended.err
    body = project.tools.on_github(f"{ISSUES}/5/comments")[0]["body"]
    assert body.startswith(marker("preview:dev") + "\n### What this pull request changes in `dev`")
    assert "+1 Key, +1.00 USD a month" in body
    assert "(create) 🔒" in body
    monkeypatch.setattr("pipeline.report.FOLDER", project.folder / "build" / "comments")
    monkeypatch.setattr("pipeline.report.PROJECT", project.folder)
    access = PreviewReport.read("dev").access
    assert access
    assert access in body
    assert "role/stranger is now allowed to call s3:PutObject" in access
    assert "role/uploader is no longer allowed to call s3:PutObject" in access
    assert "Nobody can do more" not in access
    assert "Not known" not in access
    page = (project.folder / "build" / "comments" / "dev-access.txt").read_text()
    assert access in page
    assert "role/stranger" in PreviewReport.read("dev").cells


def test_a_base_that_git_does_not_know_is_said_and_no_failure(project: Project):
    """The rest of the comment is still useful."""
    ended = project.run("preview", "dev", "--base", "no-such-revision")
    assert ended.code == 0
    left = (project.folder / "build" / "comments" / "dev.json").read_text()
    assert "Who can do more or less is not known" in left
    assert "no-such-revision" in left


def _commit_all(project: Project) -> None:
    """Make the project a repository with one commit."""
    name = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    code = ["add", "--", "components", "handler", "recording", "proof", "__main__.py",
            "requirements.txt", "Pulumi.yaml", "Pulumi.dev.yaml",
            "Pulumi.production.yaml", "Pulumi.sandbox.yaml"]  # fmt: skip
    for words in (["init", "-q"], code, [*name, "commit", "-qm", "base"]):
        subprocess.run(["git", *words], cwd=project.folder, check=True)  # noqa: S607
