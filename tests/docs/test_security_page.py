"""docs/security.md: each statement and each test that it names is there."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

import pytest

from proof.dangers import DANGERS, Danger
from proof.iam_documents import documents
from proof.variants import VARIANTS, recorded
from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

    from recording.recording import Recording

pytestmark = [
    pytest.mark.usefixtures("layer"),
    pytest.mark.xdist_group("variants"),
]

PAGE = (PROJECT / "docs" / "security.md").read_text("utf-8")
THREATS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.partition("## Threats")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| **")
]


def names(text: str, pattern: str) -> set[str]:
    """What stands in backticks and looks like this."""
    return {word for word in re.findall(r"`([^`]+)`", text) if re.fullmatch(pattern, word)}


def functions_below(folder: Path) -> set[str]:
    return {
        node.name
        for path in folder.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.slow
def test_each_statement_on_the_page_is_in_a_document() -> None:
    """A threat whose statement was renamed looks answered, and is not."""
    known = {
        rule["Sid"]
        for variant in VARIANTS
        for each in documents(recorded(variant))
        for rule in each.statements
    }
    said = {sid for row in THREATS for sid in names(row[2], r"[A-Z]\w+")}
    assert len(said) >= 20
    assert said - known == set()


def test_each_test_on_the_page_and_among_the_dangers_is_there() -> None:
    known = functions_below(PROJECT / "tests")
    assert names(PAGE, r"test_\w+") - known == set()
    assert {each.test for each in DANGERS} - known == set()


@pytest.mark.parametrize("row", THREATS, ids=lambda row: row[0].strip("*"))
def test_each_threat_says_what_stops_it_and_which_test_proves_it(row: list[str]) -> None:
    threat, stops, statement, test, *_left = row
    assert len(stops) > 40, threat
    assert names(statement, r"[A-Z]\w+") or statement == "none", threat
    assert names(test, r"test_\w+"), threat


@pytest.mark.parametrize("danger", DANGERS, ids=lambda danger: danger.name)
def test_each_danger_still_fits_its_module(danger: Danger) -> None:
    """`make mutants` runs seldom; a change that it cannot make any more shows now."""
    assert danger.text != danger.instead
    assert danger.instead in danger.mutant().source


def test_a_change_of_the_bucket_is_an_event_that_somebody_hears_of(dev: Recording) -> None:
    """No Deny can stop a role with bucket-level rights, so this is all there is."""
    bucket = dev.named("thumbx-images").outputs["bucket"]
    heard = set[str]()
    for rule in dev.of("aws:cloudwatch/eventRule:EventRule"):
        detail = json.loads(rule.inputs["eventPattern"]).get("detail", {})
        names_ = detail.get("requestParameters", {}).get("bucketName", [])
        if rule.account == "222222222222" and bucket in names_:
            targets = dev.of("aws:cloudwatch/eventTarget:EventTarget")
            assert any(each.inputs["rule"] == rule.outputs["name"] for each in targets)
            heard |= set(detail.get("eventName", []))
    assert {"PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLifecycle"} <= heard
