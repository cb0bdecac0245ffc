"""Whether the bootstrap's roles suffice for what they are for, and for nothing more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from bootstrap.grants import ALL_RIGHTS
from sandbox import deployment as deploying
from sandbox.providers.definitions import DEFINITIONS
from tests.filled import filled
from tests.sandbox import workflow_roles
from tests.sandbox.uncalled import UNCALLED, UNCHECKED
from tests.sandbox.workflow_roles import Roles, is_denied

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.deployment import Deployment
    from sandbox.providers.monitor import Deployed

pytestmark = pytest.mark.slow

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ANYTHING = '{"Version": "2012-10-17", "Statement": []}'
POLICY = {"PolicyName": "more", "PolicyDocument": ANYTHING}
NEW_TRUST = {"PolicyDocument": ANYTHING}
TRUST = {"AssumeRolePolicyDocument": ANYTHING}
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
# the emulator allows everybody to delete it
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"


@pytest.fixture(scope="module")
def deployer(deployment: Deployment) -> Roles:
    return Roles.made("thumbx-deploy", deployment)


@pytest.fixture(scope="module")
def previewer(deployment: Deployment) -> Roles:
    return Roles.made("thumbx-preview", deployment)


# What the sandbox's stack leaves out. Its bucket is the program's own and sends to the queue
# itself; a rule and its target are for a bucket that existed before, or for alarms on API calls.
OPTIONAL = {
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:kms/key:Key",
    "aws:sns/topicSubscription:TopicSubscription",
}


def program(deployment: Deployment) -> list[Deployed]:
    return [each for each in deployment.resources if each.made]


def test_the_preview_role_reads_what_a_refresh_reads(
    deployment: Deployment, previewer: Roles
) -> None:
    """`pulumi preview --refresh` in a pull request; a refused read looks like a deleted thing."""
    where = workflow_roles.targets(deployment, previewer.sessions())
    for each in program(deployment):
        workflow_roles.refresh(each, where[each.account])


def test_the_preview_role_changes_nothing(deployment: Deployment, previewer: Roles) -> None:
    """Neither makes again nor deletes anything that the program has made."""
    where = workflow_roles.targets(deployment, previewer.sessions())
    for each in filled(program(deployment)):
        if each.token != MAPPING:
            with pytest.raises(ClientError) as refusal:
                workflow_roles.remove(each, where[each.account])
            assert is_denied(refusal.value), each.token
        with pytest.raises(ClientError) as refusal:
            workflow_roles.make(each, where[each.account])
        assert is_denied(refusal.value), each.token


# What must not be possible: account, service, call and its arguments.
BEYOND_THE_DEPLOY_ROLE = [
    ("producer", "iam", "put_role_policy", {"RoleName": "thumbx-deploy", **POLICY}),
    ("producer", "iam", "attach_role_policy", {"RoleName": "thumbx-deploy", "PolicyArn": ADMIN}),
    ("producer", "iam", "update_assume_role_policy", {"RoleName": "thumbx-preview", **NEW_TRUST}),
    ("producer", "iam", "put_role_policy", {"RoleName": "stranger", **POLICY}),
    ("producer", "iam", "attach_role_policy", {"RoleName": "{execution}", "PolicyArn": ADMIN}),
    ("producer", "iam", "delete_role_permissions_boundary", {"RoleName": "{execution}"}),
    ("producer", "iam", "create_role", {"RoleName": "Other", **TRUST}),
    ("producer", "iam", "create_user", {"UserName": "ThumbX-producer-user"}),
    ("producer", "iam", "create_access_key", {"UserName": "sandbox-actor"}),
    ("producer", "iam", "create_policy", {**POLICY}),
    ("producer", "lambda", "delete_function", {"FunctionName": "payroll"}),
    ("producer", "lambda", "invoke", {"FunctionName": "{function}"}),
    ("producer", "sqs", "create_queue", {"QueueName": "payroll"}),
    ("producer", "sqs", "receive_message", {"QueueUrl": "{queue}"}),
    ("producer", "logs", "delete_log_group", {"logGroupName": "payroll"}),
    ("storage", "iam", "put_role_policy", {"RoleName": "insider", **POLICY}),
    ("storage", "iam", "create_role", {"RoleName": "ThumbX-producer-in-storage", **TRUST}),
    ("storage", "s3", "create_bucket", {"Bucket": "pulumi-state-1a2b3c4"}),
    ("storage", "s3", "delete_bucket_policy", {"Bucket": "payroll"}),
    ("storage", "s3", "get_object", {"Bucket": "{bucket}", "Key": "{key}"}),
    ("storage", "s3", "delete_object", {"Bucket": "{bucket}", "Key": "{key}"}),
]
# Calls that are refused to the preview role even if somebody attaches every permission to it.
DATA = [
    ("storage", "s3", "get_object", {"Bucket": "{bucket}", "Key": "{key}"}),
    ("storage", "s3", "put_object", {"Bucket": "{bucket}", "Key": "{key}", "Body": b""}),
    ("producer", "sqs", "receive_message", {"QueueUrl": "{queue}"}),
    ("producer", "logs", "filter_log_events", {"logGroupName": "{logs}"}),
    ("storage", "sts", "assume_role", {"RoleArn": "{thumbx}", "RoleSessionName": "preview"}),
]


@pytest.mark.parametrize(("side", "service", "call", "arguments"), BEYOND_THE_DEPLOY_ROLE)
def test_the_deploy_role_touches_nothing_else(
    deployment: Deployment,
    deployer: Roles,
    side: str,
    service: str,
    call: str,
    arguments: dict[str, Any],
) -> None:
    """Neither other people's resources, nor the pictures, nor its own permissions."""
    assert refused(deployment, deployer, side, service, call, arguments)


@pytest.mark.parametrize(("side", "service", "call", "arguments"), DATA)
def test_a_pull_requests_own_code_reads_no_data(
    deployment: Deployment,
    previewer: Roles,
    side: str,
    service: str,
    call: str,
    arguments: dict[str, Any],
) -> None:
    """The code runs with the preview role before anybody has read it."""
    iam = deployment.iam(getattr(deployment.stack, side))
    all_rights = json.dumps(
        {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}, "Version": "2012-10-17"}
    )
    assert refused(deployment, previewer, side, service, call, arguments)
    iam.put_role_policy(RoleName=previewer.name, PolicyName="all", PolicyDocument=all_rights)
    try:
        assert refused(deployment, previewer, side, service, call, arguments)
    finally:
        iam.delete_role_policy(RoleName=previewer.name, PolicyName="all")


def refused(
    deployment: Deployment,
    roles: Roles,
    side: str,
    service: str,
    call: str,
    arguments: dict[str, Any],
) -> bool:
    """Whether IAM refuses the call to a session of the role."""
    names = {
        "bucket": deployment.bucket,
        "key": f"{deployment.stack.originals}any.jpg",
        "queue": deployment.exports["queue_url"],
        "function": deployment.exports["function_name"],
        "logs": deployment.exports["log_group"],
        "execution": deployment.execution_role.rpartition("/")[2],
        "thumbx": deployment.exports["thumbx_role_arn"],
    }
    filled = {
        key: value.format(**names) if isinstance(value, str) and value != ANYTHING else value
        for key, value in arguments.items()
    }
    credentials = roles.sessions()[getattr(deployment.stack, side)]
    client: Any = deployment.clients.client(service, credentials, deployment.stack.region)
    try:
        getattr(client, call)(**filled)
    except ClientError as error:
        return is_denied(error)
    return False


@pytest.fixture(scope="module")
def calls() -> set[str]:
    """The actions that the deploy role's sessions have called."""
    return set()


@pytest.fixture(scope="module")
def second(deployment: Deployment, deployer: Roles, calls: set[str]) -> Iterator[Deployment]:
    """The program once more, made, refreshed and deleted by the deploy role alone."""
    sessions = deployer.sessions()
    made = deploying.deploy(
        deployment.clients,
        deployment.stack,
        deployment.actors,
        sessions,
        {"access.origins": ["https://pictures.example.com"]},
    )
    where = workflow_roles.targets(deployment, sessions)
    workflow_roles.note_calls(where, calls)
    for each in program(made):
        workflow_roles.refresh(each, where[each.account])
    for each in reversed(program(made)):
        workflow_roles.remove(each, where[each.account])
    # Each statement is then removed alone, as in the tests below.
    root = workflow_roles.targets(deployment, {})
    assert workflow_roles.first_refusal(program(made), where, root) == ""
    yield made
    # A dashboard is named after the stack, so both deployments had the same names.
    for each in program(deployment):
        if each.token == DASHBOARD:
            workflow_roles.make(each, root[each.account])


def test_the_deploy_role_makes_refreshes_and_deletes_the_program(second: Deployment) -> None:
    """The deploy role needs no other role, or the fixture would have failed. No resource of the
    program is left.
    """
    assert {each.token for each in program(second)} == set(DEFINITIONS) - OPTIONAL
    buckets = {each["Name"] for each in second.s3.list_buckets()["Buckets"]}
    assert second.bucket not in buckets


def test_without_any_one_statement_the_deploy_role_fails(
    deployment: Deployment, deployer: Roles, second: Deployment
) -> None:
    """A statement without which every call works would be a grant without a need."""
    where = workflow_roles.targets(deployment, deployer.sessions())
    root = workflow_roles.targets(deployment, {})
    granted = {
        sid for policy in deployer.policies.values() for sid in workflow_roles.allows(policy)
    }
    noticed: set[str] = set()
    for account in deployer.policies:
        share = [each for each in program(second) if each.account == account]
        for sid in sorted(workflow_roles.allows(deployer.policies[account])):
            concerned = [each for each in share if sid in needs(each)]
            if sid in UNCHECKED or not concerned:
                continue
            deployer.put(account, but=sid)
            assert workflow_roles.first_refusal(concerned, where, root), f"{account} {sid}"
            noticed.add(sid)
        deployer.put()
    assert granted - noticed == set(UNCHECKED)


@pytest.mark.usefixtures("second")
def test_every_action_is_called_in_the_sandbox_or_named_with_its_reason(
    deployer: Roles, calls: set[str]
) -> None:
    """An action that is left out stops a deployment half-way, and only on AWS."""
    granted: dict[str, set[str]] = {}
    for policy in deployer.policies.values():
        for sid, actions in workflow_roles.allows(policy).items():
            granted.setdefault(sid, set()).update(actions)
    assert calls - set().union(*granted.values()) == set()
    uncalled = {sid: actions - calls for sid, actions in granted.items()}
    assert {sid: actions for sid, actions in uncalled.items() if actions} == UNCALLED
    assert set(UNCHECKED) <= set(UNCALLED)


def needs(each: Deployed) -> set[str]:
    """The statements that a resource of this type needs."""
    return {f"Manage{rights.on}" for rights in ALL_RIGHTS[each.token]}
