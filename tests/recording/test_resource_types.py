"""The table of resource types says of each type what the provider's own class says."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from recording.errors import RecordingError
from recording.resource_types import TYPES, Chosen, outputs, resource_type

if TYPE_CHECKING:
    from recording.recording import Recording

CHOSEN = Chosen(
    name="thing-1a2b3c4", unique="0123456789ABCDEF", account="111111111111", region="eu-west-1"
)
OF_AWS = sorted(token for token in TYPES if token.startswith("aws:"))


def class_of(token: str) -> Any:
    _, module, name = token.split(":")
    folder = module.split("/")[0]
    with warnings.catch_warnings(action="ignore"):  # of classes beside the one asked for
        found = importlib.import_module(f"pulumi_aws.{'lambda_' if folder == 'lambda' else folder}")
        return getattr(found, name)


def arguments(token: str) -> set[str]:
    return set(inspect.signature(class_of(token)._internal_init).parameters)


def snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).lower()


@pytest.mark.parametrize("token", OF_AWS)
def test_a_line_says_what_the_provider_s_class_says(token: str) -> None:
    """A line made up by hand would be believed by seven readers at once."""
    line, taken = TYPES[token], arguments(token)
    assert line.tagged == ("tags" in taken)
    for key in (line.named, line.document):
        assert not key or snake(key) in taken
    assert bool(line.arn) <= hasattr(class_of(token), "arn")
    assert not [key for key in line.outputs if not hasattr(class_of(token), snake(key))]


@pytest.mark.parametrize("token", OF_AWS)
def test_every_type_with_an_arn_has_its_template(token: str) -> None:
    """A missing ARN becomes null inside a policy, and the policy is still valid."""
    own = "arn" in vars(class_of(token)) and "arn" not in arguments(token)
    assert own == bool(TYPES[token].arn or "arn" in TYPES[token].outputs)


@pytest.mark.parametrize(
    ("token", "inputs", "added"),
    [
        (
            "aws:iam/role:Role",
            {"path": "/teams/"},
            {
                "id": "thing-1a2b3c4",
                "name": "thing-1a2b3c4",
                "arn": "arn:aws:iam::111111111111:role/teams/thing-1a2b3c4",
                "uniqueId": "AROA0123456789ABCDEF",
            },
        ),
        (
            "aws:sqs/queue:Queue",
            {"name": "own"},
            {
                "id": "https://sqs.eu-west-1.amazonaws.com/111111111111/own",
                "url": "https://sqs.eu-west-1.amazonaws.com/111111111111/own",
                "name": "own",
                "arn": "arn:aws:sqs:eu-west-1:111111111111:own",
            },
        ),
        ("aws:iam/rolePolicy:RolePolicy", {"role": "r", "name": "p"}, {"id": "r:p", "name": "p"}),
        ("aws:sns/topicPolicy:TopicPolicy", {"arn": "arn:topic"}, {"id": "arn:topic"}),
        (
            "aws:cloudwatch/eventTarget:EventTarget",
            {"rule": "r", "targetId": "t"},
            {"id": "r-t", "targetId": "t"},
        ),
    ],
)
def test_what_aws_adds_follows_from_the_inputs(
    token: str, inputs: dict[str, Any], added: dict[str, Any]
) -> None:
    """What the program asked for comes before what would be chosen for it."""
    assert outputs(token, inputs, CHOSEN) == added


def test_a_missing_type_says_which_line_to_add() -> None:
    """Where, and how the line begins."""
    with pytest.raises(RecordingError) as refusal:
        resource_type("aws:ec2/vpc:Vpc")
    assert str(refusal.value) == (
        "aws:ec2/vpc:Vpc is not in the table of resource types; add its line to TYPES in "
        'recording/resource_types.py: "aws:ec2/vpc:Vpc": ResourceType(arn=..., id=..., ...)'
    )


def test_the_program_makes_each_type_where_the_table_says(dev: Recording) -> None:
    """The bootstrap gives each account's roles the rights of these types and no others."""
    providers = {each.name: each.inputs for each in dev.of("pulumi:providers:aws")}
    sides = {
        json.loads(providers[side]["allowedAccountIds"])[0]: side
        for side in ("producer", "storage")
    }
    found = {(each.token, sides[each.account]) for each in dev.resources if each.token in OF_AWS}
    assert found <= {(token, side) for token in OF_AWS for side in TYPES[token].accounts}


@pytest.mark.parametrize("token", ["aws:sqs/queue:queue", "aws:ec2/vpc:Vpc", "thumbx:storage:Gone"])
def test_a_recording_is_asked_for_types_that_are_there(dev: Recording, token: str) -> None:
    """A test over all resources of a misspelt type would assert nothing."""
    with pytest.raises(RecordingError, match=f"{token} is not in the table"):
        dev.of(token)


def test_a_type_that_a_stack_leaves_out_is_none(dev: Recording) -> None:
    """The key is an option; who asks for it gets an empty answer."""
    assert dev.of("aws:kms/key:Key") == ()
