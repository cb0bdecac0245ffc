"""Rules on what a document may allow, and to whom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules.documents import inline_statements, listed, name, principals, statements, unread
from rules.resource import PreviewedResource, ResourceRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.policies import Statement

ROLE = "aws:iam/role:Role"
_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+")


def wildcards(resource: PreviewedResource) -> Iterator[str]:
    """An Allow with a wildcard as principal or in an action, or with NotAction or NotPrincipal.

    A Deny may and should use wildcards, because a list of refused actions becomes outdated.
    """
    yield from _in(statements(resource))


def inline_wildcards(resource: PreviewedResource) -> Iterator[str]:
    """The same for the inline policies of a role; an unknown policy does not stop the check of
    the trust policy.
    """
    yield from _in(inline_statements(resource))


def _in(found: list[Statement]) -> Iterator[str]:
    for statement in found:
        if statement["Effect"] == "Allow":
            yield from _wildcards(statement)


def _wildcards(statement: Statement) -> Iterator[str]:
    for key in ("NotAction", "NotPrincipal"):
        if key in statement:
            yield (
                f"{name(statement)} allows everything except what its {key} lists; name what it "
                "needs."
            )
    for action in listed(statement.get("Action")):
        if "*" in action or "?" in action:
            yield f"{name(statement)} allows {action}; name the actions that are needed."
    for kind in ("AWS", "Service", "Federated"):
        if any("*" in each for each in principals(statement, kind)):
            yield f"{name(statement)} allows everybody; name the principals."
            return


def trust(resource: PreviewedResource) -> Iterator[str]:
    """A role that trusts a user, or an account, whose administrators then decide who may assume
    it.
    """
    if resource.type == ROLE:
        for statement in statements(resource):
            for principal in principals(statement, "AWS"):
                if statement["Effect"] == "Allow" and not _ROLE_ARN.fullmatch(principal):
                    yield f"{name(statement)} trusts {principal}; name one role by its whole ARN."


def unknown(resource: PreviewedResource) -> Iterator[str]:
    """A document on a resource type that no rule would check."""
    for key in unread(resource):
        yield (
            f"No rule reads its {key}; add the line of {resource.type} to TYPES in "
            "recording/resource_types.py."
        )


NO_WILDCARD = ResourceRule(
    "no-wildcard-in-an-allow", "An Allow names its principals and actions.", wildcards
)
NO_INLINE_WILDCARD = ResourceRule(
    "no-wildcard-in-an-inline-policy",
    "An Allow that a role carries itself names its actions.",
    inline_wildcards,
)
TRUST_NAMES_A_ROLE = ResourceRule(
    "trust-names-a-role", "A role that other accounts may assume trusts a role by name.", trust
)
IS_READ = ResourceRule(
    "document-is-read", "The table of types knows each type that carries a document.", unknown
)
