"""Compares GitHub's rules for the default branch with `.github/ruleset.json`.

A commit on the default branch is deployed to dev at once, so a person who can push there can
deploy. The ruleset prevents that; GitHub stores it, and this module reads it with `gh`. Classic
branch protection is not read, because only a ruleset can be compared by equality; both apply at the
same time.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError
from pipeline.tools import output_of
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

RULESET = ".github/ruleset.json"
OWNERS = ".github/CODEOWNERS"
OWNED = ("/.github/", "/bootstrap/", "/components/", "/policy/")
Rule = dict[str, Any]


def missing(repository: str) -> list[str]:
    """Return what the repository lacks, one sentence each; PipelineError if `gh` fails."""
    branch = str(_ask(f"repos/{repository}")["default_branch"])
    return [
        *_rules(repository, branch),
        *_owners(repository),
        *_environments(repository, branch),
    ]


def _rules(repository: str, branch: str) -> Iterator[str]:
    asked: Rule = json.loads((PROJECT / RULESET).read_text("utf-8"))
    there: list[Rule] = _ask(f"repos/{repository}/rules/branches/{branch}")
    remedy = f"gh api --method POST repos/{repository}/rulesets --input {RULESET}"
    for rule in asked["rules"]:
        found = [each for each in there if each["type"] == rule["type"]]
        if not found:
            yield f"{branch} has no rule {rule['type']}; make the ruleset: {remedy}"
        for name, least in rule.get("parameters", {}).items():
            values = [each.get("parameters", {}).get(name) for each in found]
            if found and not any(_enough(value, least) for value in values):
                yield (
                    f"{branch}: {rule['type']}.{name} is {_shown(values)} and must be "
                    f"{_shown([least])}; change the ruleset, or make this one: {remedy}"
                )
    for number in sorted({each["ruleset_id"] for each in there if "ruleset_id" in each}):
        passing: list[dict[str, Any]] | None = _ask(f"repos/{repository}/rulesets/{number}").get(
            "bypass_actors"
        )
        for actor in passing or []:
            yield (
                f"ruleset {number} exempts {actor['actor_type']} {actor['actor_id']}; remove that "
                "actor, because a push there deploys without a review"
            )


def _enough(value: Any, least: Any) -> bool:
    """Whether a parameter requires at least as much."""
    if isinstance(least, bool):
        return value is True or not least
    if isinstance(least, int):
        return isinstance(value, int) and value >= least
    return _contexts(least) <= _contexts(value or [])


def _contexts(checks: list[Rule]) -> set[str]:
    return {each["context"] for each in checks}


def _shown(values: list[Any]) -> str:
    return ", ".join(json.dumps(each) for each in values)


def _owners(repository: str) -> Iterator[str]:
    path = PROJECT / OWNERS
    text = path.read_text("utf-8") if path.is_file() else ""
    lines = re.findall(r"^(/\S*)[ \t]+@\S+", text, re.MULTILINE)
    for folder in OWNED:
        if folder not in lines:
            yield f"{OWNERS} names no owner of {folder}; add a line for it"
    for error in _ask(f"repos/{repository}/codeowners/errors")["errors"]:
        where = f"{error['path']}, line {error['line']}"
        yield f"{where}: {error['message'].splitlines()[0]}; GitHub then asks nobody for approval"


def _environments(repository: str, branch: str) -> Iterator[str]:
    where = f"repos/{repository}/environments"
    for each in _ask(where)["environments"]:
        name = each["name"]
        remedy = "docs/deploy.md, The environments, has the two commands"
        policy = each["deployment_branch_policy"]
        if not policy or not policy["custom_branch_policies"]:
            yield f"environment {name} takes jobs of any branch, or of any protected one; {remedy}"
            continue
        found = _ask(f"{where}/{name}/deployment-branch-policies")["branch_policies"]
        for other in sorted({policy["name"] for policy in found} - {branch}):
            yield f"environment {name} takes jobs of {other}, which is not {branch}; {remedy}"


def _ask(address: str) -> Any:
    text = output_of("gh", "api", address)
    try:
        return json.loads(text)
    except ValueError as error:
        raise PipelineError(f"`gh api {address}` printed no JSON: {text[:200]}") from error
