"""Missing rules of main, read from a fake GitHub that answers as its REST documentation says."""

from __future__ import annotations

import copy
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.ruleset import OWNED
from recording.program import PROJECT

if TYPE_CHECKING:
    from tests.pipeline.conftest import Project

REPOSITORY = "octo-org/pictures"
RULESET = json.loads((PROJECT / ".github" / "ruleset.json").read_text("utf-8"))
POST = f"gh api --method POST repos/{REPOSITORY}/rulesets --input .github/ruleset.json"
GH = """\
#!{python} -IS
import json, pathlib, sys
assert sys.argv[1] == "api" and len(sys.argv) == 3, "it only reads"
answers = json.loads((pathlib.Path(__file__).parent / "answers.json").read_text())
print(json.dumps(answers[sys.argv[2]]))
"""


def _github() -> dict[str, Any]:
    """A repository with the ruleset and two environments as docs/deploy.md makes them."""
    where = f"repos/{REPOSITORY}"
    chosen = {"protected_branches": False, "custom_branch_policies": True}
    return {
        where: {"default_branch": "main"},
        f"{where}/rules/branches/main": [
            rule | {"ruleset_id": 7} for rule in copy.deepcopy(RULESET["rules"])
        ],
        f"{where}/rulesets/7": {"bypass_actors": []},
        f"{where}/codeowners/errors": {"errors": []},
        f"{where}/environments": {
            "environments": [
                {"name": name, "deployment_branch_policy": chosen} for name in ("dev", "production")
            ]
        },
        **{
            f"{where}/environments/{name}/deployment-branch-policies": {
                "branch_policies": [{"name": "main"}]
            }
            for name in ("dev", "production")
        },
    }


def _said(project: Project, github: dict[str, Any]) -> tuple[int, str, list[str]]:
    script = project.tools.folder / "gh"
    script.write_text(GH.format(python=sys.executable))
    (project.tools.folder / "answers.json").write_text(json.dumps(github))
    ended = project.run("ruleset", REPOSITORY)
    return ended.code, ended.out, ended.err.splitlines()


def test_a_repository_with_the_ruleset_lacks_nothing(project: Project) -> None:
    said = f"{REPOSITORY} asks for all that .github/ruleset.json says\n"
    assert _said(project, _github()) == (0, said, [])


def test_a_repository_without_rules_is_told_all_of_them(project: Project) -> None:
    """GitHub makes a new repository like this: everybody who can push deploys dev."""
    github = _github() | {f"repos/{REPOSITORY}/rules/branches/main": []}
    code, _, lines = _said(project, github)
    assert code == 2
    assert lines == [
        f"main has no rule {rule['type']}; make the ruleset: {POST}" for rule in RULESET["rules"]
    ]


PARAMETERS = [
    (rule["type"], name, value)
    for rule in RULESET["rules"]
    for name, value in rule.get("parameters", {}).items()
    if value is not False
]


@pytest.mark.parametrize(("kind", "name", "value"), PARAMETERS, ids=lambda each: str(each)[:40])
def test_a_rule_that_asks_for_less_is_said(
    project: Project, kind: str, name: str, value: Any
) -> None:
    """No review, a review by anybody, or a review of an earlier commit."""
    github = _github()
    less: Any = type(value)()  # False, 0 or no checks
    for rule in github[f"repos/{REPOSITORY}/rules/branches/main"]:
        if rule["type"] == kind:
            rule["parameters"] = rule["parameters"] | {name: less}
    code, _, lines = _said(project, github)
    assert code == 2
    (line,) = lines
    assert line.startswith(f"main: {kind}.{name} is {json.dumps(less)} and must be ")


def test_more_than_is_asked_for_is_enough(project: Project) -> None:
    github = _github()
    for rule in github[f"repos/{REPOSITORY}/rules/branches/main"]:
        if rule["type"] == "pull_request":
            rule["parameters"]["required_approving_review_count"] = 2
        if rule["type"] == "required_status_checks":
            rule["parameters"]["required_status_checks"] += [{"context": "more"}]
    assert _said(project, github)[0] == 0


def test_whoever_may_pass_a_ruleset_by_is_named(project: Project) -> None:
    actor = {"actor_type": "RepositoryRole", "actor_id": 5}
    github = _github() | {f"repos/{REPOSITORY}/rulesets/7": {"bypass_actors": [actor]}}
    code, _, (line,) = _said(project, github)
    assert (code, line.partition(";")[0]) == (2, "ruleset 7 exempts RepositoryRole 5")


def test_owners_that_github_does_not_know_are_said(project: Project) -> None:
    """GitHub then requests no review, and the page of the pull request looks the same."""
    error = {"path": ".github/CODEOWNERS", "line": 4, "message": "Unknown owner on line 4\nmore"}
    github = _github() | {f"repos/{REPOSITORY}/codeowners/errors": {"errors": [error]}}
    code, _, (line,) = _said(project, github)
    assert code == 2
    assert line.startswith(".github/CODEOWNERS, line 4: Unknown owner on line 4; GitHub then")


@pytest.mark.parametrize(
    "policy", [None, {"protected_branches": True, "custom_branch_policies": False}]
)
def test_an_environment_that_takes_other_branches_is_said(
    project: Project, policy: dict[str, bool] | None
) -> None:
    """The deploy role trusts only the environment's name, so a job on any branch could assume
    the role.
    """
    github = _github()
    github[f"repos/{REPOSITORY}/environments"]["environments"][0]["deployment_branch_policy"] = (
        policy
    )
    assert _said(project, github)[2][0].startswith("environment dev takes jobs of any branch")
    github = _github()
    policies = f"repos/{REPOSITORY}/environments/dev/deployment-branch-policies"
    github[policies]["branch_policies"] += [{"name": "feature/*"}]
    (line,) = _said(project, github)[2]
    assert line.startswith("environment dev takes jobs of feature/*, which is not main")


def test_the_ruleset_and_the_owners_are_what_the_page_says() -> None:
    """Reviews by owners, of the last push, and the check; nobody can bypass them."""
    assert RULESET["enforcement"] == "active"
    assert RULESET["bypass_actors"] == []
    kinds = {rule["type"]: rule.get("parameters", {}) for rule in RULESET["rules"]}
    assert set(kinds) == {
        "deletion", "non_fast_forward", "pull_request", "required_status_checks",
    }  # fmt: skip
    asked = kinds["pull_request"]
    assert asked["required_approving_review_count"] >= 1
    for name in (
        "dismiss_stale_reviews_on_push", "require_code_owner_review", "require_last_push_approval",
    ):  # fmt: skip
        assert asked[name] is True
    checks = kinds["required_status_checks"]["required_status_checks"]
    assert [each["context"] for each in checks] == [".ci/run"]
    owned = re.findall(r"^(/\S*)", (PROJECT / ".github" / "CODEOWNERS").read_text(), re.MULTILINE)
    assert set(OWNED) == {"/.github/", "/bootstrap/", "/components/", "/policy/"}
    assert set(OWNED) <= set(owned)
    for path in owned:
        assert list(PROJECT.glob(path.strip("/"))), path
