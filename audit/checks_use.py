"""Checks of what is used: permissions that nobody needs, and access keys that grew old."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from audit.calls import PRODUCER, STORAGE
from audit.errors import AuditError
from audit.expected import BUCKET_POLICY
from audit.history import History
from audit.lines import Line, judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.check import Subject

# Events by the permission that S3 asks for them.
_NEEDS = {
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CopyObject": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
}
# The object permissions of ThumbXRole. Its ListBucket is left out: no call uses it, it only makes
# S3 answer 404 and not 403 for an original that is gone.
_OF_THUMBX = ("s3:GetObject", "s3:PutObject")


def unused(subject: Subject, what: str) -> Line:
    """Every object permission that the program gives was used in the window, by the trail."""
    source = subject.source()
    if isinstance(source, History):
        raise AuditError(f"unused permissions cannot be told from {source.says}: {source.gaps[0]}")
    bucket, window = subject.wiring.bucket, subject.window
    used = Counter(
        (event.principal.arn, _NEEDS[event.name])
        for event in source.about_bucket(bucket, window)
        if event.name in _NEEDS and not event.refused
    )
    granted = [(subject.wiring.thumbx_role, action) for action in _OF_THUMBX]
    policy = subject.expected.document("thumbx-images-policy", BUCKET_POLICY)
    granted += [
        (arn, statement["Action"])
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and "AWS" in statement["Principal"]
        for arn in statement["Principal"]["AWS"]
        # Of another account's callers, the bucket owner's trail has the unique id only.
        if arn.split(":")[4] == subject.expected.accounts["ThumbXRole"]
    ]
    problems = [f"{arn} never used {action}" for arn, action in granted if not used[arn, action]]
    evidence = f"{used.total():,} uses of {len(granted)} permissions in {window}, by {source.says}"
    remedy = (
        "Look further back with --since; who needs it no more leaves thumbx:uploaders, "
        "thumbx:readers or thumbx:originalReaders"
    )
    return judged(what, problems, evidence, remedy)


def key_ages(subject: Subject, what: str) -> Line:
    """No active access key in either account is older than the limit.

    Of all users, since one who may touch no picture may still change who may.
    """
    problems: list[str] = []
    keys = 0
    for account in (PRODUCER, STORAGE):
        for user in subject.access.pages(account, "iam", "list_users", "Users"):
            name = user["UserName"]
            for key in subject.access.pages(
                account, "iam", "list_access_keys", "AccessKeyMetadata", UserName=name
            ):
                keys += 1
                days = (datetime.now(UTC) - key["CreateDate"]).days
                if key["Status"] == "Active" and days > subject.oldest_key_days:
                    problems.append(f"key …{key['AccessKeyId'][-4:]} of {name} is {days} days old")
    evidence = f"{keys} access keys, none active and older than {subject.oldest_key_days} days"
    remedy = "Replace it by a role, or make a new key, switch over and delete the old one"
    return judged(what, problems, evidence, remedy)


CHECKS: tuple[tuple[str, Callable[[Subject, str], Line]], ...] = (
    ("unused permissions", unused),
    ("key ages", key_ages),
)
