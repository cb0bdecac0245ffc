"""The people and programs of the two accounts, as sessions whose permissions IAM checks.

None of them is root, because the emulator's root (an account id as access key) passes every policy
of its account. Each actor is a role that an IAM user assumes. If only a service may assume the
role, its trust policy is changed for the call and restored before the session is used.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.clients import Credentials
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from components.policies import Statement
    from sandbox.clients import SandboxClients
    from sandbox.stack import Stack

USER = "sandbox-actor"
STRANGER = "stranger"  # a role of A with every permission that A can give
INSIDER = "insider"  # a role of B with every permission on S3 that B can give


def allow(action: str | list[str], resource: str) -> Statement:
    """A statement that allows `action` on `resource`."""
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def document(*statements: Statement) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Actors:
    """Makes the roles that the stack names and the two attackers' roles; opens sessions."""

    def __init__(self, clients: SandboxClients, stack: Stack) -> None:
        """Nothing is made before `seed`."""
        self._clients = clients
        self._stack = stack
        self._keys: dict[str, Credentials] = {}

    def seed(self) -> None:
        """Make the users and roles; this comes before the deployment, because policies name some
        of them.
        """
        stack = self._stack
        for account in (stack.producer, stack.storage):
            self._keys[account] = self._make_user(account)
        # Uploader and reader have no permissions of their own, because the bucket policy grants
        # them all.
        self._make_role(stack.uploader)
        self._make_role(stack.reader)
        self._make_role(stack.administrator, allow("*", "*"))
        self._make_role(f"arn:aws:iam::{stack.storage}:role/{INSIDER}", allow("s3:*", "*"))
        self._make_role(f"arn:aws:iam::{stack.producer}:role/{STRANGER}", allow("*", "*"))

    def add(self, role_arn: str, *permissions: Statement) -> None:
        """Make one more role, in the account that its ARN names."""
        account = role_arn.split(":")[4]
        if account not in self._keys:
            self._keys[account] = self._make_user(account)
        self._make_role(role_arn, *permissions)

    def assume(self, role_arn: str, by: Credentials | None = None) -> Credentials:
        """A session of a role, opened by its account's user or by the given caller."""
        caller = by or self._keys[role_arn.split(":")[4]]
        made = self._clients.client("sts", caller, self._stack.region).assume_role(
            RoleArn=role_arn, RoleSessionName="sandbox"
        )["Credentials"]
        return Credentials(
            access_key=made["AccessKeyId"],
            secret_key=made["SecretAccessKey"],
            token=made["SessionToken"],
        )

    def borrow(self, role_arn: str) -> Credentials:
        """A session of a role that only a service may assume, such as the execution role.

        The role's trust policy names the user while the call runs; a session stays valid
        afterwards, on AWS too.
        """
        account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
        iam = self._clients.client("iam", account, self._stack.region)
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]  # pyright: ignore[reportTypedDictNotRequiredAccess]
        if isinstance(trust, str):
            raise SandboxError(f"the trust policy of {name} is {trust!r}, which is not a document")
        lent = {**trust, "Statement": [*trust["Statement"], self._trust(account)]}
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(lent))
        try:
            return self.assume(role_arn)
        finally:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))

    def _make_user(self, account: str) -> Credentials:
        iam = self._clients.client("iam", account, self._stack.region)
        iam.create_user(UserName=USER)
        iam.put_user_policy(
            UserName=USER,
            PolicyName="assume",
            PolicyDocument=document(allow("sts:AssumeRole", "*")),
        )
        key = iam.create_access_key(UserName=USER)["AccessKey"]
        return Credentials(access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])

    def _make_role(self, arn: str, *permissions: Statement) -> None:
        account, (path, _, name) = arn.split(":")[4], arn.partition(":role")[2].rpartition("/")
        iam = self._clients.client("iam", account, self._stack.region)
        iam.create_role(
            RoleName=name, Path=f"{path}/", AssumeRolePolicyDocument=document(self._trust(account))
        )
        if permissions:
            iam.put_role_policy(
                RoleName=name, PolicyName="own", PolicyDocument=document(*permissions)
            )

    @staticmethod
    def _trust(account: str) -> Statement:
        user = f"arn:aws:iam::{account}:user/{USER}"
        return {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"}
