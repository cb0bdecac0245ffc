"""Checks what fits, what must be done, and by whom, before a stack may use the bucket."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from adopt.requests import refused
from audit.accounts.bucket import ARCHIVED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from adopt.facts import Facts, Intended


class Status(StrEnum):
    """The result of a line; `stop` means that the stack would not work or would do harm."""

    FITS = "fits"
    KNOW = "know this"
    DO = "to be done"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing that was checked: its present value, and what somebody must do."""

    what: str
    status: Status
    found: str
    remedy: str = ""


def check(facts: Facts, wanted: Intended, partition: str) -> Iterator[Line]:
    """Return every line, in the order in which a person would ask."""
    yield _region(facts, wanted)
    # The facts were read with ExpectedBucketOwner, so S3 has refused them to another owner.
    yield Line(what="owner", status=Status.FITS, found=f"account {wanted.account}")
    yield _ownership(facts)
    yield _encryption(facts, wanted)
    yield _versioning(facts, wanted)
    yield _lock(facts)
    yield _payer(facts)
    yield _event_bridge(facts, wanted)
    yield _others(facts)
    yield from _rules("lifecycle rule", facts.lifecycle, wanted)
    yield from _rules("replication rule", facts.replication, wanted)
    yield _classes(facts)
    yield from _refusals(facts, wanted, partition)
    yield _thumbnails(facts, wanted)


def _region(facts: Facts, wanted: Intended) -> Line:
    fits = facts.region == wanted.region
    return Line(
        what="region",
        status=Status.FITS if fits else Status.STOP,
        found=facts.region,
        remedy="" if fits else f"set thumbx:region to {facts.region}, because EventBridge "
                               "delivers to a queue of another account only in the same region",
    )  # fmt: skip


def _ownership(facts: Facts) -> Line:
    if facts.ownership == "BucketOwnerEnforced":
        return Line(what="ownership", status=Status.FITS, found=facts.ownership)
    return Line(
        what="ownership",
        status=Status.KNOW,
        found=f"{facts.ownership}: an object that another account wrote can be read only if its "
        "ACL allows it; else the function's read is denied, and the message fails",
        remedy="the bucket's owner: aws s3api put-bucket-ownership-controls --bucket NAME "
        "--ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerEnforced}]', if nobody needs "
        "the ACLs",
    )


def _encryption(facts: Facts, wanted: Intended) -> Line:
    algorithm = facts.encryption.get("SSEAlgorithm", "AES256")
    key = facts.encryption.get("KMSMasterKeyID", "")
    if not str(algorithm).startswith("aws:kms"):
        if wanted.key:
            return Line(
                what="encryption",
                status=Status.STOP,
                found=f"{algorithm}, but storage.bucketKey names {wanted.key}",
                remedy="remove storage.bucketKey from the stack file",
            )
        return Line(what="encryption", status=Status.FITS, found=algorithm)
    if not key:
        return Line(
            what="encryption",
            status=Status.DO,
            found="AWS's own key for S3 (aws/s3): the role needs no grant in the key's policy; "
            "objects that are encrypted with it can be read only in this account, which is "
            "the role's",
        )
    if key != wanted.key:
        return Line(
            what="encryption",
            status=Status.STOP,
            found=f"a customer key, {key}, and storage.bucketKey is {wanted.key or 'not set'}",
            remedy=f"`pulumi config set --path 'thumbx:storage.bucketKey' {key}`, and the key's "
            "owner adds the statement that `make adopt ARGS=key` prints",
        )
    return Line(
        what="encryption",
        status=Status.DO,
        found=f"a customer key, {key}",
        remedy="the key's owner adds the statement that `make adopt ARGS=key` prints",
    )


def _versioning(facts: Facts, wanted: Intended) -> Line:
    if facts.versioning == "Enabled":
        return Line(what="versions", status=Status.FITS, found="Enabled")
    found = facts.versioning or "never enabled"
    if wanted.follow:
        return Line(
            what="versions",
            status=Status.STOP,
            found=f"{found}, and thumbnails.removals is follow: a thumbnail that is deleted by "
            "mistake could not be restored",
            remedy="the bucket's owner enables versioning, or thumbnails.removals is left out",
        )
    return Line(what="versions", status=Status.KNOW, found=f"{found}: an overwrite is final")


def _lock(facts: Facts) -> Line:
    if not facts.locked:
        return Line(what="object lock", status=Status.FITS, found="off")
    return Line(
        what="object lock",
        status=Status.KNOW,
        found="on: thumbnails are kept as long as its default retention says, and their storage is "
        "charged",
    )


def _payer(facts: Facts) -> Line:
    if not facts.requester_pays:
        return Line(what="who pays", status=Status.FITS, found="the bucket's owner")
    return Line(
        what="who pays",
        status=Status.STOP,
        found="the requester: S3 refuses requests that do not accept this, and the function's "
        "requests do not",
        remedy="the bucket's owner: aws s3api put-bucket-request-payment --bucket NAME "
        "--request-payment-configuration Payer=BucketOwner",
    )


def _event_bridge(facts: Facts, wanted: Intended) -> Line:
    if facts.notification.is_on:
        return Line(what="EventBridge", status=Status.FITS, found="on")
    return Line(
        what="EventBridge",
        status=Status.DO,
        found="off: thumbx would get no event about an upload",
        remedy=f"after `pulumi up`: `make adopt ARGS=enable`, for {wanted.bucket}",
    )


def _others(facts: Facts) -> Line:
    others = facts.notification.destinations
    found = ", ".join(others) or "nobody"
    return Line(
        what="who else is notified", status=Status.KNOW, found=f"{found}; they are not changed"
    )


def _rules(what: str, rules: list[dict[str, Any]], wanted: Intended) -> Iterator[Line]:
    reaching = [
        each for each in rules if each.get("Status") == "Enabled" and _reaches(each, wanted)
    ]
    if not reaching:
        yield Line(what=what, status=Status.FITS, found="no rule reaches the thumbnails")
    for each in reaching:
        yield Line(
            what=what,
            status=Status.KNOW,
            found=f"{each.get('ID', 'without a name')} reaches the thumbnails",
            remedy="the bucket's owner decides whether it should: a filter on the originals' "
            "prefix excludes the thumbnails",
        )


def _reaches(rule: dict[str, Any], wanted: Intended) -> bool:
    """Whether a rule's prefix can match thumbnails; other filters are not checked, so the answer
    may be yes too often.
    """
    below: dict[str, Any] = rule.get("Filter") or {}
    prefix: str = (
        below.get("Prefix") or below.get("And", {}).get("Prefix") or rule.get("Prefix", "")
    )
    return prefix.startswith(wanted.thumbnails) or wanted.thumbnails.startswith(prefix)


def _classes(facts: Facts) -> Line:
    archived = sum(number for name, number in facts.classes.items() if name in ARCHIVED)
    found = ", ".join(f"{number} {name}" for name, number in sorted(facts.classes.items()))
    if archived or "INTELLIGENT_TIERING" in facts.classes:
        return Line(
            what="storage classes",
            status=Status.KNOW,
            found=f"{found} of the first originals: S3 refuses an archived one until somebody "
            "restores it; a listing does not show the archive tiers of Intelligent-Tiering",
        )
    return Line(what="storage classes", status=Status.FITS, found=found or "no original yet")


def _refusals(facts: Facts, wanted: Intended, partition: str) -> Iterator[Line]:
    found = refused(facts.policy, wanted, partition) if facts.policy else []
    if not found:
        yield Line(what="bucket policy", status=Status.FITS, found="refuses none of our requests")
    for each in found:
        yield Line(
            what="bucket policy",
            status=Status.STOP,
            found=f"refuses {each.request} to the function, by {', '.join(each.sids)}",
            remedy="the policy's owner exempts ThumbXRole there (ArnNotLike aws:PrincipalArn "
            f"arn:{partition}:iam::{wanted.account}:role/*ThumbXRole-*), or removes the "
            "condition that the request does not meet",
        )


def _thumbnails(facts: Facts, wanted: Intended) -> Line:
    strange = [key for key in facts.thumbnails if key.rpartition("/")[2] not in wanted.names]
    if not facts.thumbnails:
        return Line(what="thumbnails' prefix", status=Status.FITS, found="empty")
    if not strange:
        return Line(
            what="thumbnails' prefix",
            status=Status.FITS,
            found="holds only keys in the form of our thumbnails",
        )
    return Line(
        what="thumbnails' prefix",
        status=Status.STOP,
        found=f"{wanted.thumbnails}{strange[0]} is not a thumbnail of ours",
        remedy="set thumbnails.thumbnailsPrefix to a prefix that nobody uses",
    )
