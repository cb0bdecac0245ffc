"""The IAM documents that a resource carries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from recording.resource_types import TYPES

if TYPE_CHECKING:
    from components.policies import Statement
    from rules.resource import PreviewedResource

PERMISSION = "aws:lambda/permission:Permission"


def statements(resource: PreviewedResource) -> list[Statement]:
    """The statements of the resource's document; none where it carries none."""
    if resource.type == PERMISSION:
        return [_permission(resource.properties)]
    kind = TYPES.get(resource.type)
    return _of(resource.properties.get(kind.document)) if kind and kind.document else []


def unread(resource: PreviewedResource) -> list[str]:
    """The properties that hold a document, on a resource type that the table of types does not
    have.
    """
    if not resource.type.startswith("aws:") or resource.type in TYPES:
        return []
    given = resource.properties.items()
    return [key for key, value in given if isinstance(value, str) and _is_document(value)]


def _is_document(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and "Statement" in found


def inline_statements(resource: PreviewedResource) -> list[Statement]:
    """The statements of the inline policies of a role, without its trust policy."""
    inline: list[Mapping[str, Any]] = listed(resource.properties.get("inlinePolicies"))
    return [statement for each in inline for statement in _of(each.get("policy"))]


def _of(document: Any) -> list[Statement]:
    if not document:
        return []
    body: Any = json.loads(document) if isinstance(document, str) else document
    return [cast("Statement", each) for each in listed(body["Statement"])]


def _permission(properties: Mapping[str, Any]) -> Statement:
    """The statement that Lambda writes into the function's policy."""
    return {
        "Sid": properties.get("statementId"),
        "Effect": "Allow",
        "Principal": {"AWS": properties.get("principal")},
        "Action": properties.get("action"),
    }


def name(statement: Statement) -> str:
    """The statement's name in a message."""
    return str(statement.get("Sid") or "a statement without a Sid")


def listed(value: Any) -> list[Any]:
    """IAM accepts one value or a list everywhere; this is always a list."""
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(cast("Sequence[Any]", value))
    return [value]


def principals(statement: Statement, kind: str) -> list[str]:
    """The principals of a kind (`AWS`, `Service`); a bare `*` counts as every principal."""
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        return listed(cast("Mapping[str, Any]", principal).get(kind))
    return listed(principal)


def conditions(statement: Statement) -> dict[tuple[str, str], list[Any]]:
    """The values by operator and key, both in lower case, as IAM compares them."""
    return {
        (operator.lower(), key.lower()): listed(values)
        for operator, keys in cast("Mapping[str, Any]", statement.get("Condition") or {}).items()
        for key, values in keys.items()
    }
