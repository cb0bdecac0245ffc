"""The most that a role of the program may do; no role can be made without this boundary."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.bootstrap.statements import ACCOUNTS, allowed, denied, listed, matches
from tests.documents import document, documents
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

BOUNDARY = "policy/thumbx-bootstrap/thumbx-boundary-0a1b2c3"


def test_a_role_is_made_and_changed_only_within_the_boundary(widest: Recording, side: str) -> None:
    """The emulator does not check this. Without the condition, the deploy role could make a role
    with more permissions, or remove the boundary of a role that it has made."""
    policy = document(widest, "thumbx-deploy-grants")
    account = ACCOUNTS[side]
    bounded = allowed(policy)["ManageBoundedRoles"]
    assert bounded["Action"] == [
        "iam:CreateRole",
        "iam:DeleteRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
    ]
    assert bounded["Condition"] == {
        "ArnEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{account}:{BOUNDARY}"}
    }
    assert denied(policy)["DenyUnboundRoles"] == {
        "Sid": "DenyUnboundRoles",
        "Effect": "Deny",
        "Action": ["iam:DeleteRolePermissionsBoundary"],
        "Resource": "*",
    }
    for statement in allowed(policy).values():
        if statement["Sid"] != "ManageBoundedRoles":
            assert not set(statement["Action"]) & set(bounded["Action"]), statement["Sid"]


def test_the_boundary_holds_every_grant_of_the_program(
    program: Recording, widest: Recording, side: str
) -> None:
    """A grant that the boundary lacks would be refused in Lambda, and only there."""
    bounds = allowed(document(widest, "thumbx-boundary"))
    granted = [
        statement
        for each in documents(program)
        if each.token.endswith(":RolePolicy")
        and program.named(each.resource).account == ACCOUNTS[side]
        for statement in each.statements
    ]
    assert granted
    for statement in granted:
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert any(
                action in listed(bound["Action"])
                and matches(bound["Resource"], statement["Resource"])
                for bound in bounds.values()
            ), f"{statement['Sid']} {action}"


def test_the_boundary_of_a_names_thumbxrole_and_functions_of_the_program() -> None:
    """By equality: `role/*` lets a role of the program assume any role of B that trusts it, and
    without the condition a role that is no function's assumes ThumbXRole."""
    functions = f"arn:aws:lambda:eu-central-1:{ACCOUNTS['producer']}:function:ThumbX-*"
    key, queues = "lambda:SourceFunctionArn", f"arn:aws:sqs:eu-central-1:{ACCOUNTS['producer']}"
    logs = f"arn:aws:logs:eu-central-1:{ACCOUNTS['producer']}:log-group:ThumbX-*:*"
    roles = f"arn:aws:iam::{ACCOUNTS['storage']}:role/*ThumbXRole-*"
    boundary = document(record("dev-producer", project="bootstrap"), "thumbx-boundary")
    found = {each["Sid"]: each for each in boundary["Statement"]}
    for sid, resource in (
        ("RefuseInput", f"{queues}:ThumbX-*"),
        ("WriteLogs", logs),
        ("AssumeThumbXRole", roles),
    ):
        assert found[sid]["Resource"] == resource
        assert found[sid]["Condition"] == {"ArnEquals": {key: functions}}
    assert found["DenyOtherCredentials"] == {
        "Sid": "DenyOtherCredentials",
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "Resource": roles,
        "Condition": {"ArnNotEquals": {key: functions}},
    }


def test_the_boundary_bounds(widest: Recording) -> None:
    """The boundary allows much less than AdministratorAccess."""
    for sid, statement in filled(allowed(document(widest, "thumbx-boundary")).items()):
        assert "*" not in json.dumps(statement["Action"]), sid
        assert statement["Resource"] != "*", sid
        assert not any(each.startswith("iam:") for each in listed(statement["Action"])), sid
