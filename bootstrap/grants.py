"""What each of the bootstrap's roles may do, as pure functions from an account to a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.places import PATH, PROJECT, account, place
from bootstrap.rights import RIGHTS
from bootstrap.watch_rights import WATCH_RIGHTS
from components import policies
from recording.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bootstrap.places import Account
    from bootstrap.settings import Settings
    from components.policies import Document, Statement

ALL_RIGHTS = RIGHTS | WATCH_RIGHTS
KEY = "aws:kms/key:Key"  # whose rights are there where an administrator has named the key
# What a pull request could read pictures, logs and messages with. Its code runs with the preview
# role before anybody has reviewed it.
LOG_READS = (
    "logs:FilterLogEvents",
    "logs:GetLog*",
    "logs:GetQueryResults",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "logs:Unmask",
)


def deploy(settings: Settings, boundary_arn: str, state_bucket_arn: str | None = None) -> Document:
    """Make, change and delete what the program makes, and nothing else.

    The roles that it makes have the boundary, so that they cannot do what it could not. Neither
    the boundary nor the bootstrap's own roles are within its reach.
    """
    ours = account(settings, boundary_arn)
    return policies.policy(
        *_statements("Manage", settings, ours, write=True),
        *(_deletions(settings, ours) if settings.deletable else ()),
        *_state(state_bucket_arn, "s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        {
            # No Allow reaches so far; this holds whatever else is attached to the role later.
            "Sid": "DenyOwnRights",
            "Effect": "Deny",
            "Action": "iam:*",
            "Resource": [
                ours.arn("iam", f"role{PATH}*"),
                ours.arn("iam", f"policy{PATH}*"),
                ours.arn("iam", "oidc-provider/*"),
            ],
        },
        _deny("DenyUnboundRoles", "iam:DeleteRolePermissionsBoundary"),
    )


def preview(settings: Settings, state_bucket_arn: str | None = None) -> Document:
    """Read what a refresh reads, and nothing that anybody has put there.

    The Denies hold whatever else is attached to the role later.
    """
    state = _states(state_bucket_arn) if state_bucket_arn else []
    return policies.policy(
        *_statements("Read", settings, account(settings), write=False),
        *_state(state_bucket_arn, "s3:GetObject"),
        _deny("DenyReadingObjects", "s3:GetObject*", unless=state),
        _deny("DenyWritingObjects", "s3:PutObject*", "s3:DeleteObject*", "s3:RestoreObject"),
        _deny("DenyReadingLogs", *LOG_READS),
        _deny("DenyTakingMessages", "sqs:ReceiveMessage", "sqs:StartMessageMoveTask"),
        # A role that trusts this one by name needs no Allow here.
        _deny("DenyOtherRoles", "sts:AssumeRole"),
    )


def _statements(
    verb: str, settings: Settings, ours: Account, *, write: bool
) -> Iterator[Statement]:
    """One statement for each place, with the actions of all types that are found there."""
    found: dict[str, set[str]] = {}
    for token in ours.made.types:
        if token == KEY and not settings.key_arn:
            continue
        if token not in ALL_RIGHTS:
            raise RecordingError(
                f"the program makes {token}, and nobody has written down which IAM actions that "
                "takes; add its line to RIGHTS in bootstrap/rights.py"
            )
        for rights in ALL_RIGHTS[token]:
            actions = (*rights.read, *(rights.write if write else ()))
            found.setdefault(rights.on, set()).update(actions)
    for on, actions in sorted(found.items()):
        if actions:
            yield {
                "Sid": f"{verb}{on}",
                "Effect": "Allow",
                "Action": sorted(actions),
                **place(on, ours),
            }


def _deletions(settings: Settings, ours: Account) -> Iterator[Statement]:
    """What ends pictures: emptying a bucket, as the provider does with `force_destroy`, and
    scheduling the end of their key."""
    if settings.side == "storage":
        yield {
            "Sid": "ListVersions",
            "Effect": "Allow",
            "Action": "s3:ListBucketVersions",
            "Resource": ours.buckets,
        }
        yield {
            "Sid": "DeletePictures",
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": [policies.objects(bucket) for bucket in ours.buckets],
        }
        if settings.key_arn:
            yield {
                "Sid": "DeleteKey",
                "Effect": "Allow",
                "Action": "kms:ScheduleKeyDeletion",
                **place("Key", ours),
            }


def _state(bucket_arn: str | None, *actions: str) -> Iterator[Statement]:
    """Use the program's states, where they are kept in a bucket of this account.

    No other project's: an administrator carries out what the bootstrap's own state says.
    """
    if bucket_arn is None:
        return
    *folders, layout = _states(bucket_arn)
    yield {
        "Sid": "ListState",
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": bucket_arn,
    }
    yield {"Sid": "ReadLayout", "Effect": "Allow", "Action": "s3:GetObject", "Resource": layout}
    yield {"Sid": "UseState", "Effect": "Allow", "Action": list(actions), "Resource": folders}


def _states(bucket_arn: str) -> list[str]:
    """Where Pulumi keeps a project in a bucket (pkg/backend/diy of its sources), and last the
    version of that layout, which whoever makes the first stack writes."""
    of_project = ("stacks", "history", "backups", "journal", "locks/organization")
    folders = [f"{bucket_arn}/.pulumi/{each}/{PROJECT}/*" for each in of_project]
    return [*folders, f"{bucket_arn}/.pulumi/meta.yaml"]


def _deny(sid: str, *actions: str, unless: Sequence[str] = ()) -> Statement:
    where: Statement = {"NotResource": list(unless)} if unless else {"Resource": "*"}
    return {"Sid": sid, "Effect": "Deny", "Action": list(actions), **where}
