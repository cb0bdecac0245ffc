"""Whom a bucket policy names, and which of them it lets read or write."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.evidence.events import Caller

# Conditions whose values name a caller, and what they name him by.
_BY_ARN = "aws:PrincipalArn"
_BY_ID = "aws:userId"


@dataclass(frozen=True)
class PolicyPrincipals:
    """The callers that a policy names: patterns of ARNs, of unique ids, and services."""

    arns: tuple[str, ...]
    ids: tuple[str, ...]
    services: tuple[str, ...]

    def includes(self, principal: Caller) -> bool | None:
        """Whether the policy names the caller; None where the record does not say who it is."""
        if principal.service:
            return principal.service in self.services
        if principal.id and any(fnmatchcase(f"{principal.id}:", each) for each in self.ids):
            return True
        if principal.arn:
            return any(fnmatchcase(principal.arn, each) for each in self.arns)
        return False if principal.kind == "Anonymous" else None


def read_policy(document: dict[str, Any]) -> PolicyPrincipals:
    """Everybody whom the policy's statements allow, or spare from a refusal."""
    arns: list[str] = []
    ids: list[str] = []
    services: list[str] = []
    for statement in document["Statement"]:
        principal = statement.get("Principal")
        if isinstance(principal, dict):
            arns += _list(principal.get("AWS", []))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
            services += _list(principal.get("Service", []))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        for keys in statement.get("Condition", {}).values():
            arns += _list(keys.get(_BY_ARN, []))
            # "AROA…:*" is every session of the role of that unique id.
            ids += _list(keys.get(_BY_ID, []))
    return PolicyPrincipals(*(tuple(dict.fromkeys(each)) for each in (arns, ids, services)))


def exempted(document: dict[str, Any], sid: str) -> list[str] | None:
    """Whom the refusal of that Sid does not refuse; None where there is no such statement."""
    for statement in document["Statement"]:
        if statement.get("Sid") == sid:
            found = read_policy({"Statement": [statement]})
            distributions = [
                arn
                for keys in statement.get("Condition", {}).values()
                for arn in _list(keys.get("aws:SourceArn", []))
            ]
            return [*found.arns, *found.ids, *distributions]
    return None


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
