"""The rights of the workflows' roles, which are those that the program needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bootstrap.grants import ALL_RIGHTS
from bootstrap.inventory import SIDES
from proof.pairs import faults
from tests.bootstrap.statements import ACCOUNTS, LAYOUT, STATES, allowed, denied, matches
from tests.documents import document, documents
from tests.filled import filled

if TYPE_CHECKING:
    from recording.recording import Recording

READS = ("Describe", "Get", "List")
# The only grants that a name cannot bind, and what binds them.
WITHOUT_ARN = {
    # Reads of AWS's own lists.
    "AllLogGroups": None,
    "AllTrails": None,
    "Quotas": None,
    # Writes for which AWS accepts no ARN, and which no condition limits.
    "LogResourcePolicies": None,
    "NewEventSources": "lambda:FunctionArn",
}


def test_the_roles_are_for_what_the_program_makes_and_no_more(
    program: Recording, adopting: Recording, side: str
) -> None:
    """For a new resource type this test fails: name it in bootstrap/inventory.py, and list the
    provider's calls for it in rights.py. Without that, its first deployment would be refused
    half-way."""
    made = {
        each.token
        for recording in (program, adopting)
        for each in recording.resources
        if each.token.startswith("aws:") and each.account == ACCOUNTS[side]
    }
    assert set(SIDES[side].types) == made
    assert set(ALL_RIGHTS) == {token for each in SIDES.values() for token in each.types}


def test_everything_that_the_program_makes_is_within_reach(
    program: Recording, adopting: Recording, widest: Recording, side: str
) -> None:
    """The deploy role could not manage a queue that is renamed."""
    reach = [
        statement["Resource"]
        for statement in allowed(document(widest, "thumbx-deploy-grants")).values()
        if statement["Resource"] != "*"
    ]
    for each in (*program.resources, *adopting.resources):
        if each.account == ACCOUNTS[side] and "arn" in each.outputs:
            assert any(matches(where, each.outputs["arn"]) for where in reach), each.name
    (dashboard,) = [
        each
        for each in program.of("aws:cloudwatch/dashboard:Dashboard")
        if each.account == ACCOUNTS[side]
    ]
    name = dashboard.inputs["dashboardName"]
    arn = f"arn:aws:cloudwatch::{ACCOUNTS[side]}:dashboard/{name}"
    assert any(matches(where, arn) for where in reach)


def test_the_preview_role_only_reads(widest: Recording, side: str) -> None:
    """By the verbs that AWS gives to its actions; what holds data is refused below."""
    for name in ("thumbx-preview-grants", "thumbx-drift-grants"):
        listed = [each["Action"] for each in allowed(document(widest, name)).values()]
        for actions in filled(listed):
            for action in filled([actions] if isinstance(actions, str) else actions):
                assert action.partition(":")[2].startswith(READS), action


def test_the_preview_role_reads_all_that_the_deploy_role_reads(widest: Recording) -> None:
    """A refresh in a pull request makes the same calls; the test of the deploy role says which of
    them the sandbox tries (tests/sandbox/uncalled.py)."""
    deploy = allowed(document(widest, "thumbx-deploy-grants"))
    reads = {
        sid.removeprefix("Manage"): [
            each for each in statement["Action"] if each.partition(":")[2].startswith(READS)
        ]
        for sid, statement in deploy.items()
        if sid.startswith("Manage")
    }
    preview = allowed(document(widest, "thumbx-preview-grants"))
    assert {place: actions for place, actions in reads.items() if actions} == {
        sid.removeprefix("Read"): statement["Action"]
        for sid, statement in preview.items()
        if sid != "ReadLayout" and not sid.endswith("State")
    }


def test_the_preview_role_is_refused_data_whatever_else_it_is_given(
    bootstrap: Recording, side: str
) -> None:
    """The code of a pull request runs with this role before anybody has read it."""
    everywhere = {"Resource": "*"}
    state = {"NotResource": [*STATES, LAYOUT]}
    assert denied(document(bootstrap, "thumbx-preview-grants")) == {
        sid: {"Sid": sid, "Effect": "Deny", "Action": actions, **where}
        for sid, actions, where in [
            ("DenyReadingObjects", ["s3:GetObject*"], state if side == "storage" else everywhere),
            (
                "DenyWritingObjects",
                ["s3:PutObject*", "s3:DeleteObject*", "s3:RestoreObject"],
                everywhere,
            ),
            (
                "DenyReadingLogs",
                [
                    "logs:FilterLogEvents",
                    "logs:GetLog*",
                    "logs:GetQueryResults",
                    "logs:StartLiveTail",
                    "logs:StartQuery",
                    "logs:Unmask",
                ],
                everywhere,
            ),
            (
                "DenyTakingMessages",
                ["sqs:ReceiveMessage", "sqs:StartMessageMoveTask"],
                everywhere,
            ),
            ("DenyOtherRoles", ["sts:AssumeRole"], everywhere),
        ]
    }


def test_drift_is_looked_for_with_the_rights_of_a_preview(bootstrap: Recording) -> None:
    """A check for drift reads the same things as a preview."""
    drift, preview = "thumbx-drift-grants", "thumbx-preview-grants"
    assert document(bootstrap, drift) == document(bootstrap, preview)


def test_each_role_is_passed_to_its_service_and_to_nothing_else(
    widest: Recording, side: str
) -> None:
    """The execution role may be passed to Lambda only, and the forwarding role to EventBridge only.
    The emulator does not check this. If a role could be passed to EC2, it would be a shell in the
    account."""
    found = {
        sid: statement
        for sid, statement in allowed(document(widest, "thumbx-deploy-grants")).items()
        if "iam:PassRole" in statement["Action"]
    }
    roles = f"arn:aws:iam::{ACCOUNTS[side]}:role/ThumbX"
    to_lambda, to_events = (
        {
            "Sid": f"ManagePassedTo{service}",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": f"{roles}-{role}-*",
            "Condition": {
                "StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com".lower()}
            },
        }
        for service, role in (
            ("Lambda", "producer"),
            ("Events", f"{'pipeline' if side == 'producer' else side}-forwarding"),
        )
    )
    expected = {"ManagePassedToEvents": to_events}
    if side == "producer":
        expected["ManagePassedToLambda"] = to_lambda
    assert found == expected


def test_an_alarm_tells_our_topics_and_does_nothing_else(
    program: Recording, widest: Recording, side: str
) -> None:
    """The emulator does not check it. An alarm's action may stop or terminate a machine."""
    topics = f"arn:aws:sns:eu-central-1:{ACCOUNTS[side]}:ThumbX-*"
    statements = allowed(document(widest, "thumbx-deploy-grants"))
    assert statements["ManageAlarmsToTopics"] == {
        "Sid": "ManageAlarmsToTopics",
        "Effect": "Allow",
        "Action": ["cloudwatch:PutMetricAlarm"],
        "Resource": f"arn:aws:cloudwatch:eu-central-1:{ACCOUNTS[side]}:alarm:ThumbX-*",
        "Condition": {
            "ForAllValues:StringLike": {"cloudwatch:AlarmActions": topics},
            "Null": {"cloudwatch:AlarmActions": "false"},
        },
    }
    for each in program.of("aws:cloudwatch/metricAlarm:MetricAlarm"):
        if each.account == ACCOUNTS[side]:
            told = [
                arn
                for key in ("alarmActions", "insufficientDataActions", "okActions")
                for arn in each.inputs.get(key, ())
            ]
            assert told, each.name  # without any, the condition refuses it
            assert all(matches(topics, arn) for arn in told), each.name


def test_the_deploy_role_cannot_reach_what_the_bootstrap_made(widest: Recording, side: str) -> None:
    """The deploy role's permissions, the boundary and the state's bucket: no Allow covers them,
    and the Deny refuses them.
    """
    policy = document(widest, "thumbx-deploy-grants")
    own = [
        each.outputs["arn"]
        for each in widest.resources
        if each.token.startswith("aws:") and "arn" in each.outputs
    ]
    assert len(own) >= 5
    refused = denied(policy)["DenyOwnRights"]
    for arn in own:
        for statement in allowed(policy).values():
            if statement["Sid"] != "ListState" and statement["Resource"] != "*":
                assert not matches(statement["Resource"], arn), f"{statement['Sid']} {arn}"
        if ":iam:" in arn:
            assert matches(refused["Resource"], arn), arn
    assert refused["Action"] == "iam:*"


@pytest.mark.parametrize("role", ["deploy", "preview", "drift"])
def test_every_grant_is_of_named_actions_on_named_things(
    widest: Recording, side: str, role: str
) -> None:
    """Where AWS knows no ARN before the thing is made, a condition says whose it must become."""
    for sid, statement in filled(allowed(document(widest, f"thumbx-{role}-grants")).items()):
        assert "*" not in json.dumps(statement["Action"]), sid
        if statement["Resource"] == "*":
            place = sid.removeprefix("Manage").removeprefix("Read")
            key = WITHOUT_ARN[place]
            keys = [key for keys in statement.get("Condition", {}).values() for key in keys]
            assert keys == ([key] if key else []), sid


def test_actions_places_and_conditions_go_together(widest: Recording) -> None:
    """By AWS's own reference. A grant of an action on what it does not take grants nothing, and a
    condition key that a request does not carry refuses it. Those of a trust are GitHub's."""
    looked = [each for each in documents(widest) if each.kind != "trust"]
    assert looked
    for each in looked:
        for statement in each.spelt_out()["Statement"]:
            assert faults(statement) == [], f"{each.resource} {statement['Sid']}"
