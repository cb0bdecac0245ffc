"""The permissions of the bootstrap's roles, as pure functions from an account to a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.rights import RIGHTS
from bootstrap.scope import PATH, PROJECT, resources
from bootstrap.watch_rights import WATCH_RIGHTS
from components import policies
from pipeline.quotas import QUOTAS
from recording.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bootstrap.scope import Scope
    from components.policies import Document, Statement

ALL_RIGHTS = RIGHTS | WATCH_RIGHTS
# The rights on keys are granted if an administrator has named the key.
KEY = "aws:kms/key:Key"
# What a pull request could read pictures, logs and messages with. The code of a pull request runs
# with the preview role before anybody has reviewed it.
LOG_READS = (
    "logs:FilterLogEvents",
    "logs:GetLog*",
    "logs:GetQueryResults",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "logs:Unmask",
)


def deploy(
    scope: Scope,
    boundary_arn: str,
    *,
    deletable: bool = False,
    state_bucket_arn: str | None = None,
) -> Document:
    """Make, change and delete what the program makes, and nothing else; delete pictures only if
    `deletable`.

    The deploy role must give each role that it makes the boundary, so that such a role cannot do
    more than the boundary allows. It can change neither the boundary nor the bootstrap's own roles.
    """
    return policies.policy(
        *_statements("Manage", scope, boundary_arn),
        *(_deletions(scope) if deletable else ()),
        *_state(scope, state_bucket_arn, "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        {
            # No Allow covers these actions; the Deny applies whatever policy is attached to the
            # role later.
            "Sid": "DenyOwnRights",
            "Effect": "Deny",
            "Action": "iam:*",
            "Resource": [
                scope.arn("iam", f"role{PATH}*"),
                scope.arn("iam", f"policy{PATH}*"),
                scope.arn("iam", "oidc-provider/*"),
            ],
        },
        _deny("DenyUnboundRoles", "iam:DeleteRolePermissionsBoundary"),
    )


def preview(scope: Scope, state_bucket_arn: str | None = None) -> Document:
    """Read what a refresh reads, but not the contents of objects, logs and queues.

    The Denies apply whatever policy is attached to the role later.
    """
    state = _states(state_bucket_arn) if state_bucket_arn else []
    return policies.policy(
        *_statements("Read", scope),
        *_state(scope, state_bucket_arn, "s3:GetObject"),
        _deny("DenyReadingObjects", "s3:GetObject*", unless=state),
        _deny("DenyWritingObjects", "s3:PutObject*", "s3:DeleteObject*", "s3:RestoreObject"),
        _deny("DenyReadingLogs", *LOG_READS),
        _deny("DenyTakingMessages", "sqs:ReceiveMessage", "sqs:StartMessageMoveTask"),
        # A role whose trust policy names this role needs no Allow here.
        _deny("DenyOtherRoles", "sts:AssumeRole"),
    )


def _statements(verb: str, scope: Scope, boundary_arn: str = "") -> Iterator[Statement]:
    """One statement for each kind of resource, with the actions of all resource types for that
    kind.

    Without a boundary, only the read actions, because each new role must have a boundary.
    """
    found = {"Quotas": {quota.action for quota in QUOTAS}}  # which the preflight asks for
    for token in scope.inventory.types:
        if token == KEY and not scope.key_arn:
            continue
        if token not in ALL_RIGHTS:
            raise RecordingError(
                f"the program makes {token}, and nobody has written down which IAM actions that "
                "takes; add its line to RIGHTS in bootstrap/rights.py"
            )
        for rights in ALL_RIGHTS[token]:
            actions = (*rights.read, *(rights.write if boundary_arn else ()))
            found.setdefault(rights.on, set()).update(actions)
    for on, actions in sorted(found.items()):
        if actions:
            yield {
                "Sid": f"{verb}{on}",
                "Effect": "Allow",
                "Action": sorted(actions),
                **resources(on, scope, boundary_arn),
            }


def _deletions(scope: Scope) -> Iterator[Statement]:
    """The actions that delete pictures: emptying a bucket, as the provider does with
    `force_destroy`, and scheduling the deletion of their key."""
    if scope.buckets:
        yield {
            "Sid": "ListVersions",
            "Effect": "Allow",
            "Action": "s3:ListBucketVersions",
            **resources("Buckets", scope),
        }
        yield {
            "Sid": "DeletePictures",
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": [policies.objects(bucket) for bucket in scope.buckets],
            "Condition": scope.owned,
        }
        if scope.key_arn:
            yield {
                "Sid": "DeleteKey",
                "Effect": "Allow",
                "Action": "kms:ScheduleKeyDeletion",
                **resources("Key", scope),
            }


def _state(scope: Scope, bucket_arn: str | None, *actions: str) -> Iterator[Statement]:
    """Use the program's states, if they are kept in a bucket of this account.

    Other projects' states are not included, because an administrator executes what the bootstrap's
    own state says.
    """
    if bucket_arn is None:
        return
    *folders, layout = _states(bucket_arn)
    for sid, allowed, where in (
        ("ListState", ["s3:ListBucket"], [bucket_arn]),
        ("ReadLayout", ["s3:GetObject"], [layout]),
        ("UseState", list(actions), folders),
    ):
        yield {
            "Sid": sid,
            "Effect": "Allow",
            "Action": allowed,
            "Resource": where,
            "Condition": scope.owned,
        }


def _states(bucket_arn: str) -> list[str]:
    """The objects in which Pulumi keeps a project's states in a bucket (pkg/backend/diy in its
    sources). The last is the version file of that layout, which is written when the first stack is
    made."""
    of_project = ("stacks", "history", "backups", "journal", "locks/organization")
    folders = [f"{bucket_arn}/.pulumi/{each}/{PROJECT}/*" for each in of_project]
    return [*folders, f"{bucket_arn}/.pulumi/meta.yaml"]


def _deny(sid: str, *actions: str, unless: Sequence[str] = ()) -> Statement:
    where: Statement = {"NotResource": list(unless)} if unless else {"Resource": "*"}
    return {"Sid": sid, "Effect": "Deny", "Action": list(actions), **where}
