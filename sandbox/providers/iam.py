"""Roles and their policies."""

from __future__ import annotations

from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest


def role(request: ResourceRequest) -> Created:
    """A role; a trust policy that names the role is stored with the role's unique id."""
    made = request.target.client("iam").create_role(
        RoleName=request.need("name"),
        AssumeRolePolicyDocument=request.need("assumeRolePolicy"),
        **request.present(
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


def role_policy(request: ResourceRequest) -> Created:
    """A policy inside a role."""
    role_name, name = request.need("role"), request.need("name")
    request.target.client("iam").put_role_policy(
        RoleName=role_name, PolicyName=name, PolicyDocument=request.need("policy")
    )
    return Created(id=f"{role_name}:{name}", outputs={"name": name})


def change_role(request: ResourceRequest, name: str) -> None:
    """Change everything that can change: all but its name and path."""
    iam = request.target.client("iam")
    request.take("name")
    request.take("path")
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=request.need("assumeRolePolicy"))
    boundary = request.take("permissionsBoundary")
    if boundary:
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    elif "PermissionsBoundary" in iam.get_role(RoleName=name)["Role"]:
        iam.delete_role_permissions_boundary(RoleName=name)
    iam.update_role(
        RoleName=name,
        **request.present(Description="description", MaxSessionDuration="maxSessionDuration"),
    )


_ROLE, _POLICY = ("RoleName",), ("RoleName", "PolicyName")

DEFINITIONS = {
    "aws:iam/role:Role": Definition(
        create=role,
        update=change_role,
        read=(
            Call("iam", "get_role", _ROLE, document=("Role", "AssumeRolePolicyDocument")),
            Call("iam", "list_role_policies", _ROLE),
            Call("iam", "list_attached_role_policies", _ROLE),
        ),
        delete=Call("iam", "delete_role", _ROLE),
    ),
    "aws:iam/rolePolicy:RolePolicy": Definition(
        create=role_policy,
        read=(Call("iam", "get_role_policy", _POLICY, document=("PolicyDocument",)),),
        delete=Call("iam", "delete_role_policy", _POLICY),
    ),
}
