"""Which action takes which resource and carries which key: found where AWS says nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proof.iam_documents import documents
from proof.ignores import IGNORES, OF_BOOTSTRAP
from proof.linting import Finding, remaining
from proof.pairs import faults
from proof.variants import BOOTSTRAP, STACKS, VARIANTS, recorded
from recording.program import PROJECT
from tests.filled import filled

pytestmark = [
    pytest.mark.usefixtures("layer"),
    pytest.mark.xdist_group("variants"),  # one worker records each of them once
]

BUCKET, OBJECTS = "arn:aws:s3:::pictures", "arn:aws:s3:::pictures/originals/*"
ROLE = "arn:aws:iam::222222222222:role/team/ThumbX"


def statement(action: Any, resource: Any, effect: str = "Allow", **condition: Any) -> Any:
    return {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        "Condition": {"StringEquals": condition},
    }


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", OBJECTS),
        ("s3:ListBucket", BUCKET),
        ("sts:AssumeRole", ROLE),
        ("logs:PutLogEvents", "arn:aws:logs:eu-central-1:1:log-group:thumbs:*"),
        ("sqs:SendMessage", "arn:aws:sqs:eu-central-1:111111111111:uploads"),
        ("sqs:ListQueues", "*"),
        ("access-analyzer:GetAnalyzer", "*"),
    ],
)
def test_what_belongs_together_passes(action: str, resource: str) -> None:
    assert faults(statement(action, resource)) == []


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetObject", BUCKET),
        ("s3:ListBucket", OBJECTS),
        ("s3:PutObject", "arn:aws:sqs:eu-central-1:111111111111:pictures/*"),
        ("logs:PutLogEvents", "arn:aws:logs:eu-central-1:1:log-group:thumbs"),
        ("kms:Decrypt", ROLE),
        ("kms:ListKeys", ROLE),
    ],
)
def test_an_action_on_what_it_does_not_take_is_found(action: str, resource: str) -> None:
    """IAM accepts it, but it grants nothing."""
    assert f"{action} takes none of {resource}" in faults(statement(action, resource))


def test_a_resource_that_no_action_takes_is_found() -> None:
    """A reader easily overlooks it, because another resource in the list fits."""
    assert faults(statement("s3:GetObject", [OBJECTS, BUCKET])) == [
        f"none of s3:GetObject takes {BUCKET}"
    ]


def test_an_unknown_action_is_found() -> None:
    assert "there is no action s3:ReadObject" in faults(statement("s3:ReadObject", OBJECTS))


@pytest.mark.parametrize(
    ("action", "resource", "key"),
    [
        ("s3:GetObject", OBJECTS, "s3:prefix"),
        ("s3:ListBucket", BUCKET, "s3:x-amz-server-side-encryption"),
        ("sqs:SendMessage", "arn:aws:sqs:eu-central-1:111111111111:q", "aws:SourceARNs"),
    ],
)
def test_a_key_that_the_action_does_not_carry_is_found(
    action: str, resource: str, key: str
) -> None:
    """If no request has the key, the condition gives every request the same result."""
    rule = statement(action, resource, **{key: "x"})
    assert faults(rule) == [f"{action} does not carry the condition key {key}"]


def test_of_a_family_one_member_has_to_fit() -> None:
    """`s3:*` on both ARNs, with a key that some actions lack, is how a Deny is written."""
    deny = statement("s3:*", [BUCKET, OBJECTS], "Deny", **{"s3:TlsVersion": "1.2"})
    assert faults(deny) == []
    assert faults(deny | {"Effect": "Allow"})
    assert faults(statement("s3:*", [BUCKET], "Deny", **{"s3:nothing": "1"})) == [
        "s3:* does not carry the condition key s3:nothing"
    ]


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ("s3:x-amz-acl", []),
        ("s3:prefix", ["what is not s3:GetObject does not carry the condition key s3:prefix"]),
        ("s3:nonsense", ["what is not s3:GetObject does not carry the condition key s3:nonsense"]),
    ],
)
def test_what_notaction_leaves_has_to_carry_its_keys(key: str, fault: list[str]) -> None:
    """A refusal of all other actions that never applies looks like the widest refusal."""
    deny = statement([], OBJECTS, "Deny", **{key: "x"})
    del deny["Action"]
    assert faults(deny | {"NotAction": "s3:GetObject"}) == fault


def test_each_stack_of_the_tests_is_a_variant() -> None:
    """The linters skip the documents of a stack that is no variant."""
    there = {path.name.split(".")[1] for path in (PROJECT / STACKS).glob("Pulumi.*.yaml")}
    assert {stack for stack, changes in VARIANTS.values() if not changes} == there


@pytest.mark.parametrize("variant", [*VARIANTS, *BOOTSTRAP])
def test_every_statement_of_every_variant_belongs_together(variant: str) -> None:
    for each in filled(documents(recorded(variant))):
        for rule in filled(each.spelt_out()["Statement"]):
            assert faults(rule) == [], f"{each.resource}: {rule['Sid']}"


def test_every_input_that_looks_like_a_document_is_read_as_one() -> None:
    """A policy on a new type of resource would be linted by nobody."""
    for variant in ("dev", "own key, short presigned URLs", *BOOTSTRAP):
        program = recorded(variant)
        looks = {
            each.name
            for each in program.resources
            for value in each.inputs.values()
            if isinstance(value, str) and '"Statement"' in value
        }
        assert looks
        assert looks - {each.resource for each in documents(program)} == set()


def test_ignores_are_few_reasoned_and_needed() -> None:
    """Each is a place where nobody looks any more; a linter's own configuration would be one that
    is not counted."""
    assert len(IGNORES) <= 3
    assert len(OF_BOOTSTRAP) <= 5
    assert not [*PROJECT.glob("*iam-validator*"), *PROJECT.glob("proof/*iam-validator*")]
    ignores = (*IGNORES, *OF_BOOTSTRAP)
    assert all(len(each.reason) > 40 for each in ignores)
    idle = remaining([])
    assert len(idle) == len(ignores)
    assert all(each.says.startswith("nothing needs to ignore") for each in idle)


def test_a_finding_is_covered_by_an_ignore_of_its_own_linter_only() -> None:
    """The same words from the other linter are a new finding."""
    word = "MISMATCHED_TYPE: s3:TlsVersion requires a value of type Numeric but given ['1.2']"
    told = Finding("parliament", "dev: policy", word)
    other = Finding("iam-policy-validator", "dev: policy", word)
    left = remaining([told, other])
    assert other in left
    assert told not in left


def test_what_is_ignored_of_the_bootstrap_counts_of_the_program() -> None:
    """The deploy role may change a bucket's policy; a role of the program that could do so would
    be a finding.
    """
    word = (
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION: Possible resource policy privilege escalation on "
        "arn:aws:s3:::x due to s3:GetObject not being allowed, but does allow s3:PutBucketPolicy"
    )
    deploys = Finding("parliament", "bootstrap of B: thumbx-deploy-grants", word)
    works = Finding("parliament", "dev: ThumbXRole-grants", word)
    left = remaining([deploys, works])
    assert works in left
    assert deploys not in left


@pytest.mark.parametrize(
    ("action", "key", "known"),
    [
        ("sts:AssumeRoleWithWebIdentity", "token.actions.githubusercontent.com:sub", True),
        ("sts:AssumeRoleWithWebIdentity", "token.actions.githubusercontent.com:subject", False),
        ("sts:AssumeRole", "token.actions.githubusercontent.com:sub", False),
    ],
)
def test_a_key_of_githubs_token_is_of_a_web_identity_only(
    action: str, key: str, known: bool
) -> None:
    """A misspelt subject is no condition: IAM saves it, and nobody gets in."""
    assert (faults(statement(action, ROLE, **{key: "x"})) == []) is known


def test_a_document_spelt_out_names_its_carrier_and_nothing_else_changes() -> None:
    for each in filled(documents(recorded("own key, short presigned URLs"))):
        plain = [rule | {"Resource": each.carrier} for rule in each.statements]
        if each.token in {"aws:iam/role:Role", "aws:kms/key:Key"}:
            assert each.spelt_out()["Statement"] == plain
        else:
            assert json.dumps(each.spelt_out()) == json.dumps(each.body)
