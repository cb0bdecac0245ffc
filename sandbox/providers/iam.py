"""Roles and their policies."""

from __future__ import annotations

from sandbox.providers.request import Created, Order


def role(order: Order) -> Created:
    """A role; its unique id is part of what a trust policy is bound to."""
    made = order.target.client("iam").create_role(
        RoleName=order.physical_name(),
        AssumeRolePolicyDocument=order.need("assumeRolePolicy"),
        **order.present(
            Description="description",
            MaxSessionDuration="maxSessionDuration",
            Path="path",
            PermissionsBoundary="permissionsBoundary",
        ),
    )["Role"]
    return Created(
        id=made["RoleName"],
        outputs={"name": made["RoleName"], "arn": made["Arn"], "uniqueId": made["RoleId"]},
    )


def role_policy(order: Order) -> Created:
    """A policy inside a role."""
    role_name, name = order.need("role"), order.physical_name()
    order.target.client("iam").put_role_policy(
        RoleName=role_name, PolicyName=name, PolicyDocument=order.need("policy")
    )
    return Created(id=f"{role_name}:{name}", outputs={"name": name})
