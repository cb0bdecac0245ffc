"""The principals that a bucket policy names, and which of them it lets read or write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

from audit.accounts.errors import AuditError

if TYPE_CHECKING:
    from pathlib import Path

    from audit.evidence.events import Caller

# The condition keys that identify a caller, and by what.
_BY_ARN = "aws:PrincipalArn"
_BY_ID = "aws:userId"


@dataclass(frozen=True)
class PolicyPrincipals:
    """The callers that a policy names: patterns of ARNs, of unique ids, and services."""

    arns: tuple[str, ...]
    ids: tuple[str, ...]
    services: tuple[str, ...]

    def includes(self, principal: Caller) -> bool | None:
        """Whether the policy names the caller; None if the record does not identify the caller."""
        if principal.service:
            return principal.service in self.services
        if principal.id and any(fnmatchcase(f"{principal.id}:", each) for each in self.ids):
            return True
        if principal.arn:
            return any(fnmatchcase(principal.arn, each) for each in self.arns)
        return False if principal.kind == "Anonymous" else None


def is_policy(document: Any) -> bool:
    """Whether the value has the structure of a policy, as far as this module reads it."""
    match document:
        case {"Statement": [*statements]}:
            return all(map(_is_statement, statements))
        case _:
            return False


def _is_statement(statement: Any) -> bool:
    if not isinstance(statement, dict):
        return False
    found = cast("dict[str, Any]", statement)
    conditions: Any = found.get("Condition", {})
    principal: Any = found.get("Principal", {})
    if not isinstance(conditions, dict) or not isinstance(principal, (dict, str)):
        return False
    values = [
        value
        for keys in cast("dict[str, Any]", conditions).values()
        for value in (cast("dict[str, Any]", keys).values() if isinstance(keys, dict) else [None])
    ]
    if isinstance(principal, dict):
        values += cast("dict[str, Any]", principal).values()
    return all(_is_texts(value) for value in values)


def _is_texts(value: Any) -> bool:
    listed = cast("list[Any]", value) if isinstance(value, list) else [value]
    return all(isinstance(each, (str, bool, int, float)) for each in listed)


def read_policy(document: dict[str, Any]) -> PolicyPrincipals:
    """All callers that the policy's statements allow, or exempt from a Deny."""
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
            # "AROA…:*" matches every session of the role with that unique id.
            ids += _list(keys.get(_BY_ID, []))
    return PolicyPrincipals(*(tuple(dict.fromkeys(each)) for each in (arns, ids, services)))


def exempted(document: dict[str, Any], sid: str) -> list[str] | None:
    """The callers that the Deny with that Sid exempts; None if there is no such statement."""
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
    listed = cast("list[Any]", value) if isinstance(value, list) else [value]
    return [str(each) for each in listed]


def read_policy_file(path: Path) -> dict[str, Any]:
    """The policy in a file; AuditError if the file holds none."""
    try:
        found: Any = json.loads(path.read_text("utf-8"))
        fault = "" if is_policy(found) else "it has no list of statements, each an object"
    except (OSError, ValueError, RecursionError) as error:
        found, fault = None, str(error)
    if fault:
        raise AuditError(
            f"{path} is not a bucket policy ({fault}); make it with aws s3api get-bucket-policy "
            "--bucket <name> --query Policy --output text"
        )
    return found
