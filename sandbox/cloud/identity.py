"""Refusals of IAM and KMS, each with its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.cloud.things import Cloud, Thing

ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
LONGEST_NAME = 64


def principals(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """IAM resolves each principal when a policy is saved.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    for key in ("assumeRolePolicy", "policy"):
        for statement in thing.document(key):
            for arn in _accounts(statement.get("Principal", "*")):
                anyone = arn == "*" or re.fullmatch(r"\d{12}", arn) or arn.endswith(":root")
                if not anyone and not cloud.exists(arn):
                    yield f"MalformedPolicyDocument: Invalid principal in policy: {arn}"


def role(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    if len(thing.inputs["name"]) > LONGEST_NAME:
        yield f"ValidationError: the role's name {thing.inputs['name']} has more than 64 characters"
    yield from principals(cloud, thing)


def role_policy(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
    if not cloud.find(ROLE, thing.inputs["role"], thing.account, ""):
        yield f"NoSuchEntity: The role with name {thing.inputs['role']} cannot be found"


def _accounts(principal: Any) -> list[str]:
    given: Any = cast("dict[str, Any]", principal).get("AWS", []) if principal != "*" else []
    return [given] if isinstance(given, str) else given


def delete_role(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"""
    for each in cloud.of(ROLE_POLICY):
        if each.account == thing.account and each.inputs["role"] == thing.id:
            yield f"DeleteConflict: Cannot delete entity, must delete policies first: {each.id}"


def delete_policy(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""
    for each in cloud.of(ROLE):
        if each.inputs.get("permissionsBoundary") == thing.outputs["arn"]:
            yield f"DeleteConflict: {thing.id} is the permissions boundary of {each.id}"


SAVING: Mapping[str, Callable[[Cloud, Thing], Iterator[str]]] = {
    ROLE: role,
    ROLE_POLICY: role_policy,
    "aws:kms/key:Key": principals,
}
DELETING: Mapping[str, Callable[[Cloud, Thing], Iterator[str]]] = {
    ROLE: delete_role,
    "aws:iam/policy:Policy": delete_policy,
}
