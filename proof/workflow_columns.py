"""The columns of the matrix for the workflows' roles: resources in an account that are not the
program's, and the permissions of the roles themselves.

They are evaluated here; tests/sandbox/test_workflow_roles.py makes the calls that the emulator can
decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proof.attempts import Attempt, Need

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "workflows"
# IAM sends the boundary that the role has or will have.
BOUNDARY, PASSED_TO = "iam:PermissionsBoundary", "iam:PassedToService"
STATES = "{states_arn}/.pulumi/stacks"


def _column(
    side: str, says: str, action: str, resource: str, carries: Mapping[str, str] | None = None
) -> Attempt:
    need = Need(action=action, resource=resource, owner=f"{{{side}}}", carries=carries or {})
    return Attempt(group=GROUP, name=says, says=says, needs=(need,))


def _roles(side: str, account: str, ours: str) -> tuple[Attempt, ...]:
    """The program's roles, another team's role, and the bootstrap's roles, whose names no grant
    may match.
    """
    bounded = {BOUNDARY: f"{{boundary_of_{side}}}"}
    other = f"arn:aws:iam::{{{side}}}:role/payroll"
    deploy = f"{{deploy_role_of_{side}}}"
    return tuple(
        _column(side, f"{says} in {account}", f"iam:{action}", resource, carries)
        for says, action, resource, carries in (
            ("make a role within the boundary", "CreateRole", f"{ours}-new", bounded),
            ("make a role without a boundary", "CreateRole", f"{ours}-new", {}),
            ("make a role of another name", "CreateRole", other, bounded),
            ("remove a role's boundary", "DeleteRolePermissionsBoundary", ours, bounded),
            ("change the boundary", "CreatePolicyVersion", f"{{boundary_of_{side}}}", {}),
            ("attach a managed policy", "AttachRolePolicy", ours, bounded),
            ("grant another role more", "PutRolePolicy", other, bounded),
            ("grant the deploy role more", "PutRolePolicy", deploy, bounded),
            ("change who is the deploy role", "UpdateAssumeRolePolicy", deploy, {}),
            ("make a user", "CreateUser", f"arn:aws:iam::{{{side}}}:user/ThumbX-new", {}),
            ("pass a role to EC2", "PassRole", ours, {PASSED_TO: "ec2.amazonaws.com"}),
        )
    )


WORKFLOWS = (
    *_roles("producer", "A", "{execution_role}"),
    _column(
        "producer",
        "pass the execution role to Lambda",
        "iam:PassRole",
        "{execution_role}",
        {PASSED_TO: "lambda.amazonaws.com"},
    ),
    *(
        _column("producer", says, action, f"arn:aws:{resource}")
        for says, action, resource in (
            (
                "replace the code of another function of A",
                "lambda:UpdateFunctionCode",
                "lambda:{region}:{producer}:function:payroll",
            ),
            (
                "delete another queue of A",
                "sqs:DeleteQueue",
                "sqs:{region}:{producer}:payroll",
            ),
            (
                "delete another log of A",
                "logs:DeleteLogGroup",
                "logs:{region}:{producer}:log-group:payroll",
            ),
        )
    ),
    *_roles("storage", "B", "{thumbx_role}"),
    *(
        _column("storage", says, f"s3:{action}", resource)
        for says, action, resource in (
            ("change the policy of another bucket of B", "PutBucketPolicy", "{neighbour_arn}"),
            ("delete another bucket of B", "DeleteBucket", "{neighbour_arn}"),
            ("change the policy of the states' bucket", "PutBucketPolicy", "{states_arn}"),
            ("read the program's states", "GetObject", f"{STATES}/thumbx/dev.json"),
            ("write the program's states", "PutObject", f"{STATES}/thumbx/dev.json"),
            ("read the bootstrap's state", "GetObject", f"{STATES}/thumbx-bootstrap/dev.json"),
            ("write the bootstrap's state", "PutObject", f"{STATES}/thumbx-bootstrap/dev.json"),
        )
    ),
)
