"""The report to a reviewer about a change: every principal, at every place, of every stack."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest

from proof.access import AccessChange, Side, compare
from proof.changes import NOBODY
from proof.sides import record_all
from proof.statement_cells import cells_of
from recording.program import PROJECT
from tests.structure.copied import copy_of_the_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("access"), pytest.mark.timeout(400)]

STAMP = ".venv/.installed-requirements-dev.txt"
STRANGER = "arn:aws:iam::999999999999:role/stranger"
Recordings = dict[str, Any]
# A document by stack, resource and input, and a statement of it.
Spot = tuple[str, int, str, int]


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    """Every stack file of a checkout that has those of the tests, by its own code."""
    checkout = copy_of_the_project(tmp_path_factory.mktemp("checkout"))
    for folder in (".", "bootstrap"):
        for file in (checkout / folder).glob("Pulumi.*.yaml"):
            file.unlink()
        for file in (PROJECT / "tests" / "stacks" / folder).glob("Pulumi.*.yaml"):
            shutil.copy(file, checkout / folder)
    found, failed = record_all(checkout)
    assert failed == {}
    assert {"dev", "bootstrap/dev-producer", "bootstrap/dev-storage"} <= set(found)
    return found


def side(recordings: Recordings) -> Side:
    return Side(stacks={name: cells_of(name, each) for name, each in recordings.items()})


def statements(recordings: Recordings) -> Iterator[tuple[Spot, dict[str, Any]]]:
    """Every statement of every document of every stack."""
    for stack, recording in recordings.items():
        for number, resource in enumerate(recording["resources"]):
            for key, value in resource["inputs"].items():
                if isinstance(value, str) and '"Statement"' in value:
                    for index, each in enumerate(json.loads(value)["Statement"]):
                        yield (stack, number, key, index), each


def edited(recordings: Recordings, spot: Spot, statement: dict[str, Any] | None) -> Recordings:
    """The same with one statement replaced, or dropped."""
    stack, number, key, index = spot
    resources = list(recordings[stack]["resources"])
    inputs = resources[number]["inputs"]
    document = json.loads(inputs[key])
    document["Statement"][index : index + 1] = [] if statement is None else [statement]
    resources[number] = resources[number] | {"inputs": inputs | {key: json.dumps(document)}}
    return recordings | {stack: recordings[stack] | {"resources": resources}}


def with_edit(
    base: Side, recordings: Recordings, spot: Spot, statement: dict[str, Any] | None
) -> Side:
    """The same as a side; only the edited stack is read anew, because there are hundreds."""
    changed = edited(recordings, spot, statement)[spot[0]]
    return Side(stacks={**base.stacks, spot[0]: cells_of(spot[0], changed)})


def callers(statement: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Each place in a statement that holds callers: its holder, and the key in it."""
    found: list[tuple[dict[str, Any], str]] = []
    principal = statement.get("Principal")
    if isinstance(principal, dict) and "AWS" in principal and statement["Effect"] == "Allow":
        found.append((cast("dict[str, Any]", principal), "AWS"))
    for operator, keys in statement.get("Condition", {}).items():
        if "Not" in operator and statement["Effect"] == "Deny":
            found += [(keys, key) for key in keys if key in ("aws:PrincipalArn", "aws:userId")]
    return found


def as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def test_without_a_change_nobody_can_do_more_and_it_is_said_of_whom(
    recordings: Recordings,
) -> None:
    """The sentence is only given for compared rows: it says how many principals, and of which
    stacks.
    """
    found = compare(side(recordings), side(copy.deepcopy(recordings)))
    assert found.words().startswith(f"{NOBODY}\nCompared: ")
    for stack in recordings:
        assert stack in found.compared
    assert found.table() == ""


@pytest.mark.parametrize("how", ["add", "widen", "remove"])
def test_a_principal_is_named_at_every_place_of_every_stack(
    recordings: Recordings, how: str
) -> None:
    """Added to an Allow, a trust or the spared of a Deny; made a pattern; taken out."""
    base, seen = side(recordings), 0
    for spot, statement in statements(recordings):
        for number, _ in enumerate(callers(statement)):
            changed = copy.deepcopy(statement)
            holder, key = callers(changed)[number]
            listed = as_list(holder[key])
            who = str(listed[0])
            if how == "add":
                holder[key], who = [*listed, STRANGER], STRANGER
            elif how == "widen":
                holder[key], who = [*listed[1:], f"{who[:12]}*"], f"{who[:12]}*"
            else:
                holder[key] = listed[1:] or ["arn:aws:iam::222222222222:role/nobody"]
            found = compare(base, with_edit(base, recordings, spot, changed))
            lines = found.narrower if how == "remove" else found.wider
            named = [line for line in lines if f"in stack {spot[0]})" in line]
            assert named, (spot, statement)
            assert found.words().count(NOBODY) == 0
            if not who.startswith("AROA"):
                assert any(who.replace("-0a1b2c3", "") in line for line in named), (spot, named)
            assert found.rows
            seen += 1
    assert seen > 10


def test_every_part_of_every_statement_is_in_some_cell(recordings: Recordings) -> None:
    """Removed, inverted, with another action or resource, or without its conditions: every change
    of a document belongs to some principal."""
    base, seen = side(recordings), 0
    for spot, statement in statements(recordings):
        versions: list[dict[str, Any] | None] = [None]
        other = "Deny" if statement["Effect"] == "Allow" else "Allow"
        versions.append(statement | {"Effect": other})
        versions += [
            statement | {key: [*as_list(statement[key]), "ec2:RunInstances"]}
            for key in ("Action", "NotAction", "Resource", "NotResource")
            if key in statement
        ]
        if "Condition" in statement:
            versions.append({k: v for k, v in statement.items() if k != "Condition"})
        for version in versions:
            found = compare(base, with_edit(base, recordings, spot, version))
            assert NOBODY not in found.words(), (spot, version)
            seen += 1
    assert seen > 100


def test_a_refusal_that_goes_is_wider_and_a_grant_that_grows_is_too(
    recordings: Recordings,
) -> None:
    """A reviewer looks at "Wider" first."""
    by_sid = {
        each["Sid"]: (spot, each) for spot, each in statements(recordings) if spot[0] == "dev"
    }
    spot, _ = by_sid["DenyOtherReadsOfOriginals"]
    found = compare(side(recordings), side(edited(recordings, spot, None)))
    assert any(
        line.startswith("everybody is no longer refused to call s3:GetObject on")
        for line in found.wider
    )
    spot, reads = by_sid["AllowReads"]
    grown = reads | {"Resource": reads["Resource"].replace("thumbnails/*", "*")}
    found = compare(side(recordings), side(edited(recordings, spot, grown)))
    (line,) = found.wider
    assert (
        "role/reader was allowed: s3:GetObject on arn:aws:s3:::thumbx-images/thumbnails/*" in line
    )
    shrunk = compare(side(edited(recordings, spot, grown)), side(recordings))
    assert (len(shrunk.narrower), shrunk.wider) == (1, [])


def test_a_condition_that_takes_more_values_is_wider(recordings: Recordings) -> None:
    """`repo:OWNER/NAME:*` in a trust lets every branch in, and pull requests of strangers."""
    spot, trust = next(
        (spot, each)
        for spot, each in statements(recordings)
        if spot[0].startswith("bootstrap/") and ":sub" in json.dumps(each)
    )
    looser = json.loads(
        re.sub(r'("[^"]+:sub": )("[^"]+"|\[.+?\])', r'\1"repo:*"', json.dumps(trust))
    )
    looser["Condition"] = {
        operator.replace("StringEquals", "StringLike"): keys
        for operator, keys in looser["Condition"].items()
    }
    found = compare(side(recordings), side(edited(recordings, spot, looser)))
    assert found.wider
    assert not found.narrower


def test_a_switch_that_opens_something_is_said(recordings: Recordings) -> None:
    """No document changes when the public access block is switched off."""
    changed = copy.deepcopy(recordings)
    for each in changed["dev"]["resources"]:
        if each["token"].endswith(":BucketPublicAccessBlock"):
            each["inputs"]["blockPublicPolicy"] = False
    found = compare(side(recordings), side(changed))
    assert any("blockPublicPolicy" in line and "false" in line for line in found.wider)
    back = compare(side(changed), side(recordings))
    assert any("blockPublicPolicy" in line for line in back.narrower)
    assert not back.wider
    assert NOBODY not in found.words()


def test_a_stack_that_is_new_or_gone_is_named_with_whom_it_lets_in(
    recordings: Recordings,
) -> None:
    """A stranger who administers a new stack is as new as one who is added to an old one."""
    changed = copy.deepcopy(recordings)
    text = json.dumps(recordings["dev"]).replace(
        "role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*", "role/new-administrator"
    )
    changed["second"] = json.loads(text)
    found = compare(side(recordings), side(changed))
    assert found.stacks == ["stack second is new"]
    assert any(
        "role/new-administrator is no longer refused" in line and "in stack second)" in line
        for line in found.wider
    )
    gone = compare(side(changed), side(recordings))
    assert gone.stacks == ["stack second is gone"]
    for each in (found, gone):
        assert NOBODY not in each.words()


def test_what_could_not_be_recorded_is_never_nobody(recordings: Recordings) -> None:
    """If one side is missing there is nothing to compare, and the sentence says so."""
    whole = side(recordings)
    without = {name: each for name, each in whole.stacks.items() if name != "dev"}
    failed = Side(stacks=without, failed={"dev": "ConfigError: no region"})
    nothing = Side(stacks={**whole.stacks, "dev": {}})
    for base, head in (
        (failed, whole),
        (whole, failed),
        (nothing, nothing),
        (Side(stacks={}), Side(stacks={})),
    ):
        words = compare(base, head).words()
        assert words.startswith("Not known:"), words
        assert NOBODY not in words
    assert "ConfigError: no region" in compare(failed, whole).words()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with what is in this folder as its commit, and one stack, to be fast."""
    folder = tmp_path_factory.mktemp("access") / "thumbx"
    for name in ("audit", "bootstrap", "components", "handler", "policy", "proof", "recording",
                 "sandbox", "samples"):  # fmt: skip
        shutil.copytree(
            PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.zip")
        )
    for name in (
        "__main__.py",
        "Makefile",
        "Pulumi.yaml",
        "requirements.txt",
        "requirements-dev.txt",
    ):
        shutil.copyfile(PROJECT / name, folder / name)
    for path in folder.glob("bootstrap/Pulumi.*.yaml"):
        path.unlink()
    shutil.copyfile(PROJECT / "tests/stacks/Pulumi.dev.yaml", folder / "Pulumi.dev.yaml")
    (folder / ".venv").symlink_to(sys.prefix)
    git(folder, "init", "-q")
    git(folder, "add", "--", *(each.name for each in folder.iterdir() if each.name[0] != "."))
    commit(folder, "base")
    return folder


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)  # noqa: S607


def commit(folder: Path, text: str) -> None:
    name = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    git(folder, *name, "commit", "-qam", text)


def access(folder: Path, base: str) -> tuple[int, str]:
    """`make access` as it is typed, with nothing of pytest's in the environment."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    # What the Makefile would install is there already: see the fixture.
    done = subprocess.run(
        ["make", "-o", STAMP, "access", f"BASE={base}"],  # noqa: S607
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_make_access_says_who_of_a_changed_and_of_a_new_stack(repository: Path) -> None:
    """The stranger of issue 18: he uploads, reads originals and administers."""
    stack = repository / "Pulumi.dev.yaml"
    before = stack.read_text()
    assert "role/uploader" in before
    try:
        stack.write_text(before.replace("role/uploader", "role/stranger"))
        (repository / "Pulumi.second.yaml").write_text(
            before.replace("role/reader", "role/second-reader")
        )
        code, said = access(repository, "HEAD")
    finally:
        stack.write_text(before)
        (repository / "Pulumi.second.yaml").unlink()
    assert code == 0, said
    assert "stack second is new" in said
    assert "role/stranger is now allowed to call s3:PutObject" in said
    assert "role/uploader is no longer allowed to call s3:PutObject" in said
    assert "role/second-reader is now allowed to call s3:GetObject" in said
    assert "who " in said.partition("Compared: ")[2]  # the table
    assert NOBODY not in said
    assert not list((repository / ".git").glob("worktrees/*"))


def test_a_base_whose_code_cannot_be_recorded_is_said(repository: Path) -> None:
    """Each side is recorded by its own code; one that fails is not taken for one without rows."""
    main = repository / "__main__.py"
    before = main.read_text()
    main.write_text("raise SystemExit('broken at the base')\n")
    commit(repository, "broken")
    main.write_text(before)
    code, said = access(repository, "HEAD")
    assert code != 0
    assert "stack dev of the base cannot be recorded" in said
    assert NOBODY not in said
    commit(repository, "whole again")
    code, said = access(repository, "HEAD~2")
    assert code == 0, said
    assert said.startswith(f"{NOBODY}\nCompared: "), said


def test_a_revision_that_git_does_not_know_is_an_error(repository: Path) -> None:
    code, said = access(repository, "no-such-revision")
    assert code != 0
    assert "git does not know the revision no-such-revision" in said
    assert NOBODY not in said


def test_nothing_compared_is_not_nobody() -> None:
    """Only compared rows can prove that nobody can do more or less."""
    assert AccessChange().words() == "Nothing was compared."
