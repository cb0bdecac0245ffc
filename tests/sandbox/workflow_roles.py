"""The bootstrap's roles in the emulator, with which the program is made and deleted.

The documents are those that the bootstrap registers. The emulator supports less than IAM:
`as_checked` removes what it cannot evaluate, and nothing else.
"""

from __future__ import annotations

import copy
import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from components.producer import package
from demo.verdicts import DENIALS
from sandbox.providers.definitions import DEFINITIONS
from sandbox.providers.request import ResourceRequest
from sandbox.providers.target import ProviderAccount
from tests.documents import document
from tests.recorded import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocore.model import OperationModel

    from sandbox.clients import Credentials
    from sandbox.deployment import Deployment
    from sandbox.providers.monitor import Deployed

Policy = dict[str, Any]

FUNCTION = "aws:lambda/function:Function"
SERVICES = ("cloudwatch", "iam", "lambda", "logs", "s3", "sns", "sqs")
NARROW: dict[str, dict[str, object]] = {
    "producer": {},
    "storage": {"thumbx-bootstrap:stateBucket": False},
}
# Condition keys that the emulator never sends; with them no request would match.
UNSENT = {
    "cloudwatch:AlarmActions",
    "iam:PassedToService",
    "iam:PermissionsBoundary",
    "lambda:FunctionArn",
}
# The actions that AWS checks, and those that the emulator checks instead.
CHECKED_AS = {"lambda:GetEventSourceMapping": "lambda:ListEventSourceMappings"}
# The emulator checks these without a resource, while AWS checks them on the resource's ARN.
WITHOUT_RESOURCE = {
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DeleteDashboards",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetDashboard",
    "cloudwatch:PutDashboard",
    "cloudwatch:PutMetricAlarm",
    "lambda:CreateFunction",
    "sns:ListTagsForResource",
}


# The IAM action of a call whose name differs.
ACTIONS = {
    f"s3:{call}": f"s3:{action}"
    for call, action in {
        "DeleteBucketCors": "PutBucketCORS",
        "DeleteBucketEncryption": "PutEncryptionConfiguration",
        "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
        "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetBucketCors": "GetBucketCORS",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "HeadBucket": "ListBucket",
        "PutBucketCors": "PutBucketCORS",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    }.items()
}


def as_checked(policy: Policy) -> Policy:
    """The policy in the emulator's terms."""
    made = copy.deepcopy(policy)
    for statement in list(made["Statement"]):
        for operator, keys in list(statement.get("Condition", {}).items()):
            if UNSENT & set(keys):
                del statement["Condition"][operator]
        actions = statement["Action"]
        if isinstance(actions, list):
            statement["Action"] = [CHECKED_AS.get(each, each) for each in actions]
        bare = sorted(WITHOUT_RESOURCE & set(actions))
        if bare:
            made["Statement"].append({"Effect": "Allow", "Action": bare, "Resource": "*"})
    return made


def without(policy: Policy, sid: str) -> Policy:
    """The policy but for one statement."""
    return policy | {"Statement": [each for each in policy["Statement"] if each["Sid"] != sid]}


def allows(policy: Policy) -> dict[str, set[str]]:
    """The actions of each statement that allows some."""
    return {
        each["Sid"]: {each["Action"]} if isinstance(each["Action"], str) else set(each["Action"])
        for each in policy["Statement"]
        if each["Effect"] == "Allow"
    }


@dataclass(frozen=True)
class Roles:
    """One of the bootstrap's roles, in both accounts."""

    name: str
    deployment: Deployment
    policies: Mapping[str, Policy]

    @classmethod
    def made(
        cls, name: str, deployment: Deployment, options: Mapping[str, dict[str, object]] = NARROW
    ) -> Roles:
        """Make the role as the root of each account, for the sandbox's actors to assume.

        `options` are the bootstrap's in each account; with any, the role has another name.
        """
        policies: dict[str, Policy] = {}
        grants = f"{name}-grants"
        name = name if options is NARROW else f"{name}-with-options"
        for side, changes in options.items():
            bootstrap = record(f"dev-{side}", changes, project="bootstrap")
            account = getattr(deployment.stack, side)
            policies[account] = document(bootstrap, grants)
            user = f"arn:aws:iam::{account}:user/sandbox-actor"
            trust = {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"}
            deployment.iam(account).create_role(
                RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
            )
        roles = cls(name, deployment, policies)
        roles.put()
        return roles

    def put(self, account: str = "", but: str = "") -> None:
        """Give the role its policy in both accounts; in one of them without one statement."""
        for owner, policy in self.policies.items():
            granted = without(policy, but) if owner == account else policy
            self.deployment.iam(owner).put_role_policy(
                RoleName=self.name, PolicyName="own", PolicyDocument=json.dumps(as_checked(granted))
            )

    def sessions(self) -> dict[str, Credentials]:
        """Credentials by account."""
        arns = {each: f"arn:aws:iam::{each}:role/{self.name}" for each in self.policies}
        return {each: self.deployment.actors.assume(arn) for each, arn in arns.items()}


def targets(
    deployment: Deployment, callers: Mapping[str, Credentials]
) -> dict[str, ProviderAccount]:
    """The targets of each account's resources, made by the callers; by root if none is named."""
    clients, stack = deployment.clients, deployment.stack
    return {
        account: ProviderAccount(
            account,
            {
                "allowedAccountIds": json.dumps([account]),
                "region": stack.region,
                "endpoints": json.dumps([dict.fromkeys(SERVICES, clients.endpoint)]),
                "customCaBundle": str(clients.ca_bundle),
            },
            callers.get(account),
        )
        for account in (stack.producer, stack.storage)
    }


def note_calls(where: Mapping[str, ProviderAccount], calls: set[str]) -> None:
    """Add the IAM action of whatever the targets' clients call from now on."""

    def note(model: OperationModel, **_: object) -> None:
        call = f"{model.service_model.service_name}:{model.name}"
        calls.add(ACTIONS.get(call, call))

    for target in where.values():
        for service in SERVICES:
            client: Any = cast("Any", target).client(service)
            client.meta.events.register("before-call", note)


def make(each: Deployed, target: ProviderAccount) -> Deployed:
    """Make a resource of the program once more, under the very same name."""
    inputs = dict(each.inputs)
    if each.token == FUNCTION:
        inputs["code"] = package.function_archive()
    made = DEFINITIONS[each.token].create(ResourceRequest(each.token, each.name, inputs, target))
    return dataclasses.replace(each, id=made.id)


def refresh(each: Deployed, target: ProviderAccount) -> None:
    for call in DEFINITIONS[each.token].read:
        call.make(target, each.id)


def remove(each: Deployed, target: ProviderAccount) -> None:
    DEFINITIONS[each.token].delete.make(target, each.id)


def first_refusal(
    resources: Sequence[Deployed],
    where: Mapping[str, ProviderAccount],
    root: Mapping[str, ProviderAccount],
) -> str:
    """Make, refresh and delete each resource; return the first refusal, or nothing.

    IAM is checked first, so it does not matter if a resource that it needs is missing. `root`
    deletes what is left.
    """
    for each in resources:
        left: list[Deployed] = []
        try:
            if not _allowed(lambda: left.append(make(each, where[each.account]))):  # noqa: B023
                return f"making {each.name}"
            if not _allowed(lambda: refresh(each, where[each.account])):  # noqa: B023
                return f"refreshing {each.name}"
            thing = left[0] if left else each
            if not _allowed(lambda: remove(thing, where[thing.account])):  # noqa: B023
                return f"deleting {each.name}"
        finally:
            for rest in left:
                _allowed(lambda: remove(rest, root[rest.account]))  # noqa: B023
    return ""


def _allowed(call: Callable[[], object]) -> bool:
    """Whether IAM allows the call, whatever its result is."""
    try:
        call()
    except ClientError as error:
        return not is_denied(error)
    return True


def is_denied(error: ClientError) -> bool:
    # SNS uses another name for it.
    return error.response.get("Error", {}).get("Code") in {*DENIALS, "AuthorizationError"}
