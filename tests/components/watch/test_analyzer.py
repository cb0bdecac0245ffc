"""The analyzers: which findings are expected, and that the rules for them come first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.components.test_program import waits
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

A, B, C = "111111111111", "222222222222", "333333333333"
ANALYZER, RULE = (
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:accessanalyzer/archiveRule:ArchiveRule",
)
OUTSIDERS = {
    "access.uploaders": [f"arn:aws:iam::{C}:role/uploader", f"arn:aws:iam::{B}:role/uploader"],
    "access.readers": [
        f"arn:aws:iam::{A}:role/reader",
        f"arn:aws:cloudfront::{B}:distribution/E2EXAMPLE",
    ],
    "access.originalReaders": [f"arn:aws:iam::{C}:role/uploader"],
}


def expected(resource_type: str, resource: str, principal: str) -> list[dict[str, Any]]:
    return [
        {"criteria": "resourceType", "eqs": [resource_type]},
        {"criteria": "resource", "contains": [resource]},
        {"criteria": "principal.AWS", "eqs": [principal]},
        {"criteria": "isPublic", "eqs": ["false"]},
    ]


def test_the_one_expected_outsider_is_the_producers_role_on_thumbxrole(dev: Recording) -> None:
    """Exactly this grant is archived: the same role on another resource is a new finding."""
    (rule,) = dev.of(RULE)
    role = f"arn:aws:iam::{A}:role/ThumbX-producer-0a1b2c3"
    assert rule.inputs["filters"] == expected("AWS::IAM::Role", "/ThumbXRole-", role)
    assert rule.inputs["analyzerName"] == "thumbx-dev"
    assert rule.account == B


def test_each_outsider_of_the_configuration_has_a_rule_of_its_own() -> None:
    """People of B are no outsiders, CloudFront is a service, and nobody is named twice."""
    program = record("dev", OUTSIDERS)
    rules = {each.inputs["ruleName"]: each.inputs["filters"] for each in program.of(RULE)}
    rules.pop("thumbx-dev-thumbxrole")
    bucket = ("AWS::S3::Bucket", ":::thumbx-images-")
    assert rules == {
        "thumbx-dev-bucket-1": expected(*bucket, f"arn:aws:iam::{C}:role/uploader"),
        "thumbx-dev-bucket-2": expected(*bucket, f"arn:aws:iam::{A}:role/reader"),
    }


def test_with_a_key_of_ones_own_its_users_are_expected_too() -> None:
    """A principal that may use an encrypted bucket may also use the key."""
    program = record("dev", OUTSIDERS | {"storage.encryption": "kms"})
    keys = {
        each.inputs["ruleName"]: each.inputs["filters"]
        for each in program.of(RULE)
        if each.inputs["ruleName"].startswith("thumbx-dev-key-")
    }
    assert keys == {
        "thumbx-dev-key-1": expected("AWS::KMS::Key", ":key/", f"arn:aws:iam::{C}:role/uploader"),
        "thumbx-dev-key-2": expected("AWS::KMS::Key", ":key/", f"arn:aws:iam::{A}:role/reader"),
    }


@pytest.mark.parametrize("path", [None, "/teams/pictures/"])
def test_the_parts_of_arns_in_the_rules_are_those_of_the_real_ones(path: str | None) -> None:
    """The rules exist before the ARNs are known; a part that matches no ARN archives nothing."""
    storage = {"account": B} | ({"rolePath": path} if path else {})
    program = record("dev", OUTSIDERS | {"storage.encryption": "kms", "storage": storage})
    real = {
        "AWS::IAM::Role": program.named("ThumbXRole").outputs["arn"],
        "AWS::S3::Bucket": program.named("thumbx-images").outputs["arn"],
        "AWS::KMS::Key": program.named("thumbx-images-key").outputs["arn"],
    }
    for rule in filled(program.of(RULE)):
        kind, part = (rule.inputs["filters"][0]["eqs"][0], rule.inputs["filters"][1]["contains"][0])
        assert part in real[kind]


def test_every_rule_is_there_before_thumbxrole_and_the_buckets_policy() -> None:
    """A rule archives only findings that come after it: if it is one second late, the alarm
    keeps ringing.
    """
    program = record("dev", OUTSIDERS)
    rules = {each.name for each in program.of(RULE)}
    assert len(rules) == 3
    assert rules <= set(program.named("ThumbXRole").waits_for)
    assert rules <= waits(program, "thumbx-images-policy")


def test_an_adopted_analyzer_gets_the_rules_and_is_not_made() -> None:
    """An account may have one such analyzer in a region; making a second fails."""
    adopted = f"arn:aws:access-analyzer:eu-central-1:{B}:analyzer/company"
    program = record("dev", {"watch.storageAnalyzer": adopted})
    assert [each.account for each in program.of(ANALYZER)] == [A]
    assert [each.inputs["analyzerName"] for each in program.of(RULE)] == ["company"]


def test_switched_off_nothing_of_it_is_left(dev: Recording) -> None:
    """Neither analyzer nor rules nor the alarms on findings; and the rest is as before."""
    off = record("dev", {"watch.storageAnalyzer": "off", "watch.producerAnalyzer": "off"})
    gone = {each.name for each in dev.resources} - {each.name for each in off.resources}
    sides = ("ThumbX-storage", "ThumbX-pipeline")
    rules = ("findings", "analyzer-changed")
    findings = {f"{side}-{rule}{end}" for side in sides for rule in rules for end in ("", "-log")}
    assert gone == {
        "ThumbX-storage-thumbxrole",
        "ThumbX-storage-analyzer",
        "ThumbX-pipeline-analyzer",
        *findings,
    }
