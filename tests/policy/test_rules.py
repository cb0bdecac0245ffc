"""The rules by direct calls: on their examples, and on the program as it registers itself."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyProviderResource,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
)
from rules import RESOURCE_RULES, STACK_RULES, buckets, engine, grants, queues
from rules.resource import PreviewedResource, Provider

from recording.resource_types import TYPES
from tests.policy.examples import Example, examples, recorded, resource, urn, violations

if TYPE_CHECKING:
    from recording.recording import Recording


def test_each_rule_has_a_good_and_a_bad_example() -> None:
    """A rule that no test has seen refuse something may refuse nothing."""
    assert {each.rule for each in examples()} == {
        rule.name for rule in (*RESOURCE_RULES, *STACK_RULES)
    }


@pytest.mark.parametrize("example", examples(), ids=str)
def test_the_good_example_breaks_no_rule(example: Example) -> None:
    """An example that keeps one rule and breaks another would help nobody."""
    found = {rule for rule, _ in violations(example.good)}
    # An example of a whole stack shows which neighbours there are, not what is in them.
    shown = {"bucket-refuses-plain-http", "bucket-blocks-public-access"}
    assert found - (shown if example.rule == "bucket-is-closed" else set()) == set()


@pytest.mark.parametrize("example", examples(), ids=str)
def test_the_bad_example_breaks_its_rule_and_no_other(example: Example) -> None:
    """The message is the one that the example gives, and it says the remedy."""
    assert violations(example.bad) == [(example.rule, said) for said in example.says]


def test_the_program_keeps_every_rule(program: Recording) -> None:
    """With each stack that is shipped."""
    assert violations(recorded(program)) == []


def test_every_document_of_the_program_is_looked_at(program: Recording) -> None:
    """A property with a document that the table of types does not name would pass unseen."""
    looked_at = {
        (each.name, kind.document)
        for each in program.resources
        if (kind := TYPES.get(each.token)) and kind.document in each.inputs
    }
    carried = {
        (each.name, key)
        for each in program.resources
        for key, value in each.inputs.items()
        if "Statement" in _keys(value)
    }
    assert carried == looked_at != set()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("thumbx-images-public-access", {"ignorePublicAcls": False}),
        ("thumbx-images-policy", {"policy": json.dumps({"Statement": []})}),
        ("ThumbX-logs", {}),
    ],
)
def test_a_change_to_the_program_breaks_a_rule(
    dev: Recording, name: str, change: dict[str, Any]
) -> None:
    """So that the test of the program above cannot pass by looking at nothing."""
    changed = tuple(
        dataclasses.replace(
            each,
            properties={**each.properties, **change},
            provider=each.provider if change else None,
        )
        if each.name == name
        else each
        for each in recorded(dev)
    )
    assert violations(changed)


@pytest.mark.parametrize("kind", ["BucketPolicy", "BucketPublicAccessBlock"])
def test_a_bucket_without_either_neighbour_is_open(dev: Recording, kind: str) -> None:
    """Both are resources of their own, and easily forgotten with the second bucket."""
    left = tuple(each for each in recorded(dev) if not each.type.endswith(f":{kind}"))
    buckets = dev.of("aws:s3/bucket:Bucket")
    assert [rule for rule, _ in violations(left)] == ["bucket-is-closed"] * len(buckets)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"aws:SourceAccount": "222222222222"}},
        {"StringEqualsIfExists": {"aws:SourceAccount": "222222222222"}},
        {"ForAllValues:StringEquals": {"aws:SourceAccount": "222222222222"}},
        {"StringLike": {"aws:SourceAccount": "*"}},
        {"StringEquals": {"aws:SourceAccount": "*"}},
        {"StringEquals": {"aws:PrincipalAccount": "222222222222"}},
    ],
    ids=str,
)
def test_a_condition_that_lets_strangers_pass_does_not_bind(condition: dict[str, Any]) -> None:
    """Each of these conditions mentions the account, or looks as if it did."""
    condition = {"ArnLike": {"AWS:sourcearn": "arn:aws:s3:::pictures"}} | condition
    (said,) = queues.source(_queue(condition))
    assert said.startswith("BucketEvents does not bind aws:SourceAccount; ")


@pytest.mark.parametrize(
    "arn", ["*", "arn:*", "arn:aws:s3:::*", "arn:aws:s3:*:*:*", "arn:aws:s3:*"]
)
def test_a_source_that_matches_everybodys_does_not_bind(arn: str) -> None:
    """It has the form of an ARN, but names nobody."""
    condition = {"ArnLike": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": "2"}}
    (said,) = queues.source(_queue(condition))
    assert said.startswith("BucketEvents does not bind aws:SourceArn; ")


@pytest.mark.parametrize("arn", ["arn:aws:s3:::pictures-*", "arn:aws:sns:*:222222222222:*"])
def test_a_source_may_be_a_pattern_of_ones_own(arn: str) -> None:
    """A name's beginning, or the account."""
    condition = {"ArnLike": {"aws:SourceArn": arn}, "StringEquals": {"aws:SourceAccount": "2"}}
    assert list(queues.source(_queue(condition))) == []


EVERYBODY = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}


@pytest.mark.parametrize(
    ("token", "properties"),
    [
        ("aws:kms/keyPolicy:KeyPolicy", {"policy": json.dumps({"Statement": [EVERYBODY]})}),
        ("aws:s3/bucket:Bucket", {"policy": json.dumps({"Statement": [EVERYBODY]})}),
        (
            "aws:lambda/permission:Permission",
            {"statementId": "All", "action": "lambda:InvokeFunction", "principal": "*"},
        ),
    ],
)
def test_everybody_is_let_in_by_no_type_of_resource(token: str, properties: dict[str, Any]) -> None:
    """There are several ways to write the same document."""
    made = resource(token, properties=properties)
    assert list(grants.wildcards(made)) == ["All allows everybody; name the principals."]


def test_a_permission_for_a_service_or_a_role_is_no_wildcard() -> None:
    for principal in ("s3.amazonaws.com", "arn:aws:iam::111111111111:role/caller"):
        properties = {"action": "lambda:InvokeFunction", "principal": principal}
        made = resource("aws:lambda/permission:Permission", properties=properties)
        assert list(grants.wildcards(made)) == []


def test_the_refusal_of_plain_http_may_say_false_as_json_does() -> None:
    """IAM takes both."""
    (good,) = next(each.good for each in examples() if each.rule == "bucket-refuses-plain-http")
    policy = json.loads(json.dumps(good.properties["policy"]))
    for value, rules in ((False, set()), (True, {"bucket-refuses-plain-http"})):
        policy["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": value}}
        changed = dataclasses.replace(good, properties={"policy": policy})
        assert {rule for rule, _ in violations((changed,))} == rules


def test_a_bucket_with_a_public_acl_of_its_own_is_refused() -> None:
    """The old way, which the provider still takes."""
    bucket = resource("aws:s3/bucket:Bucket", properties={"acl": "public-read"})
    (said,) = buckets.public_acl(bucket)
    assert said.startswith("Its ACL is public-read; ")


def test_one_more_condition_is_a_way_around_the_refusal_of_plain_http() -> None:
    """Conditions are ANDed: a request that does not meet the second one is not refused."""
    (good,) = next(each.good for each in examples() if each.rule == "bucket-refuses-plain-http")
    policy = json.loads(json.dumps(good.properties["policy"]))
    policy["Statement"][0]["Condition"]["StringEquals"] = {"aws:PrincipalAccount": "2"}
    changed = dataclasses.replace(good, properties={"policy": policy})
    assert "bucket-refuses-plain-http" in {rule for rule, _ in violations((changed,))}


@pytest.mark.parametrize("key", ["NotAction", "NotPrincipal"])
def test_an_allow_of_all_but_something_is_refused(key: str) -> None:
    """It allows what nobody has listed, and what AWS adds next year. As NotPrincipal, everybody but
    one: strangers and people who are not signed in as well."""
    named = {"Principal": {"AWS": "arn:aws:iam::1:role/x"}, "Action": "s3:GetObject"}
    named[key] = named.pop(key.removeprefix("Not"))
    allow = {"Sid": "Most", "Effect": "Allow", "Resource": "arn:aws:s3:::pictures/*", **named}
    made = resource(
        "aws:s3/bucketPolicy:BucketPolicy",
        properties={"policy": json.dumps({"Statement": allow})},
    )
    assert list(grants.wildcards(made)) == [
        f"Most allows everything except what its {key} lists; name what it needs."
    ]


def test_a_deny_may_have_wildcards() -> None:
    """Wildcards are right in a Deny, because a list of what is refused becomes stale."""
    deny = {"Effect": "Deny", "Principal": "*", "NotAction": ["s3:Get*"], "Resource": "*"}
    made = resource(
        "aws:s3/bucketPolicy:BucketPolicy",
        properties={"policy": json.dumps({"Statement": deny})},
    )
    assert list(grants.wildcards(made)) == []


def test_a_rule_sees_what_the_engine_says_of_a_resource() -> None:
    """If a property were left out, the rule about it would read nothing and accept everything."""
    properties, ours = {"bucket": "pictures"}, {"region": "eu-central-1"}
    kind, of = "aws:s3/bucketPolicy:BucketPolicy", "pulumi:providers:aws"
    options = PolicyResourceOptions(
        protect=False,
        ignore_changes=[],
        delete_before_replace=None,
        aliases=[],
        custom_timeouts=PolicyCustomTimeouts(0, 0, 0),
        additional_secret_outputs=[],
    )
    provider = PolicyProviderResource(of, ours, urn(of, "storage"), "storage")
    bucket = PolicyResource("b", {}, "urn:b", "b", options, None, None, [], {})
    told = PolicyResource(
        *(kind, properties, urn(kind, "policy"), "policy", options, provider, None, [bucket]),
        {"bucket": [bucket]},
    )
    assert engine.resource(told) == PreviewedResource(
        type=kind,
        name="policy",
        urn=urn(kind, "policy"),
        properties=properties,
        provider=Provider(name="storage", properties=ours),
        refers_to={"bucket": frozenset({"urn:b"})},
    )
    assert engine.resource(bucket).provider is None
    # By itself, a resource says nothing of its neighbours.
    alone = ResourceValidationArgs(kind, properties, urn(kind, "policy"), "policy", options, None)
    assert engine.resource(alone).refers_to == {}


def _queue(condition: dict[str, Any]) -> PreviewedResource:
    statement = {
        "Sid": "BucketEvents",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:eu-central-1:111111111111:uploads",
        "Condition": condition,
    }
    return resource(
        "aws:sqs/queuePolicy:QueuePolicy",
        properties={"policy": json.dumps({"Statement": [statement]})},
    )


def _keys(value: Any) -> set[str]:
    try:
        found = json.loads(value)
    except (TypeError, ValueError):
        return set()
    return set(found) if isinstance(found, dict) else set()
