"""Checks of use: permissions that nobody uses, and old access keys."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from audit.accounts.errors import AuditError, BrokenEvidenceError
from audit.accounts.permissions import PRODUCER, STORAGE
from audit.checks.result import OFF, CheckResult, judged
from audit.evidence.history import History
from audit.evidence.trails import READS, WRITES, find_trails, logged, that_sees

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.checks.subject import Subject

# Events, by the permission that S3 checks for them.
_NEEDS = {
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CopyObject": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
}
# The object permissions of ThumbXRole. Its ListBucket is left out, because no call uses it: it only
# makes S3 answer 404 instead of 403 for a missing original.
_OF_THUMBX = {READS: "s3:GetObject", WRITES: "s3:PutObject"}


def unused(subject: Subject, what: str) -> CheckResult:
    """Every object permission that the program gives was used in the window, according to the
    trail.
    """
    trail = that_sees(find_trails(subject.access, STORAGE), subject.wiring.pictures)
    unread = trail is not None and trail.selectors is None
    if subject.expected.option("trail") == OFF and (trail is None or unread):
        return CheckResult(
            status=OFF, what=what, evidence="thumbx:watch.trail is off: nothing tells of use"
        )
    if trail and unread:
        raise AuditError(trail.unread)
    source = subject.source()
    if trail is None or isinstance(source, History):
        raise AuditError(f"unused permissions cannot be found in {source.says}: {source.gaps[0]}")
    wiring, window = subject.wiring, subject.window
    used = Counter(
        (event.principal.arn, _NEEDS[event.name])
        for event in source.about_bucket(wiring.bucket, window)
        if event.name in _NEEDS and not event.refused
    )
    if source.broken:
        raise BrokenEvidenceError(" ".join(source.broken))
    # A permission whose calls are not logged, because the configuration saves the cost of logging
    # them.
    seen = logged(trail, wiring.pictures)
    unseen = {action for kind, action in _OF_THUMBX.items() if kind not in seen}
    granted = [
        (arn, action)
        for arn, action in (
            *((wiring.thumbx_role, action) for action in _OF_THUMBX.values()),
            *subject.expected.let_in(),
        )
        # For callers of another account, the bucket owner's trail has only the unique id.
        if arn.split(":")[4] == subject.expected.accounts["ThumbXRole"] and action not in unseen
    ]
    problems = [f"{arn} never used {action}" for arn, action in granted if not used[arn, action]]
    evidence = f"{used.total():,} uses of {len(granted)} permissions in {window}, by {source.says}"
    if unseen:
        evidence += f"; {trail.name} does not log the use of {', '.join(sorted(unseen))}"
    remedy = (
        "Look further back with --since; remove principals that no longer need the permission "
        "from thumbx:access.uploaders, thumbx:access.readers or thumbx:access.originalReaders"
    )
    return judged(what, problems, evidence, remedy)


def key_ages(subject: Subject, what: str) -> CheckResult:
    """No active access key in either account is older than the limit.

    It checks the keys of all users, because a user who may not touch pictures may be able to change
    permissions.
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
    remedy = "Replace it by a role, or make a new key, use it, and delete the old one"
    return judged(what, problems, evidence, remedy)


CHECKS: tuple[tuple[str, Callable[[Subject, str], CheckResult]], ...] = (
    ("unused permissions", unused),
    ("key ages", key_ages),
)
