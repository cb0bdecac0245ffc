"""The bucket policy: who may access the objects, and the refusal of everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.policies import Document, Statement, bucket_document, objects
from components.storage.service_access import decided_here, prefix_refusals, service_refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.accounts import Access
    from components.configuration.schema import Prefixes

_ENCRYPTION = "s3:x-amz-server-side-encryption"


def bucket_policy(  # noqa: PLR0913 - each argument is one fact about the stack
    *,
    bucket_arn: str,
    thumbx_role_id: str,
    prefixes: Prefixes,
    access: Access,
    session_patterns: bool,
    key_arn: str | None,
    presigned_minutes: int,
    follow: bool,
) -> Document:
    """Name who may access the objects, and refuse the rest by prefix and verb.

    `thumbx_role_id` is ThumbXRole's unique id (AROA…). Its sessions carry the id in `aws:userId`,
    and a later role with the same name has another id. `session_patterns` is for the emulator, see
    `_none_of`. `key_arn` is the bucket's own key, if it has one; `presigned_minutes` is the age up
    to which a presigned URL or form is accepted, 0 for any age. With `follow`, ThumbXRole may
    delete thumbnails.

    Bucket actions are refused only over plain http or an old TLS version. Any other refusal would
    lock the deployer out of the bucket, or make a refresh believe that the bucket is gone.
    """
    originals = objects(bucket_arn, prefixes.originals)
    thumbnails = objects(bucket_arn, prefixes.thumbnails)
    everything = objects(bucket_arn)
    # With `follow`, two statements decide about deletion; by default the refusal of all other
    # actions does.
    writes = ["s3:PutObject", *(["s3:DeleteObject"] if follow else [])]
    decided = ["s3:GetObject", *writes, *decided_here(access)]
    thumbx_role = {"StringNotLike": {"aws:userId": ":".join([thumbx_role_id, "*"])}}

    def none_of(*groups: Sequence[str]) -> Statement:
        return _none_of([arn for group in groups for arn in group], session_patterns)

    return bucket_document(
        bucket_arn,
        *_deny_old_signatures(presigned_minutes, everything),
        *_allow("AllowUploads", access.uploaders, "s3:PutObject", originals),
        *_allow("AllowReads", access.readers, "s3:GetObject", thumbnails),
        *_allow("AllowOriginalReads", access.original_readers, "s3:GetObject", originals),
        *_allow_cloudfront(access.distributions, thumbnails),
        _deny(
            "DenyOtherReadsOfOriginals",
            {"Action": "s3:GetObject", "Resource": originals},
            none_of(
                access.original_readers, access.scanners, access.copiers, access.administrators
            ),
            thumbx_role,
        ),
        _deny(
            "DenyOtherWritesOfOriginals",
            {"Action": "s3:PutObject", "Resource": originals},
            none_of(access.uploaders, access.administrators),
        ),
        _deny(
            "DenyOtherReadsOfThumbnails",
            {"Action": "s3:GetObject", "Resource": thumbnails},
            none_of(access.readers, access.copiers, access.administrators),
            _not_cloudfront(access.distributions),
        ),
        _deny(
            "DenyOtherWritesOfThumbnails",
            {"Action": writes if follow else "s3:PutObject", "Resource": thumbnails},
            none_of(access.administrators),
            thumbx_role,
        ),
        _deny(
            # Deletion, versions, tags, ACLs, and any object action that S3 adds in future.
            "DenyOtherObjectActions",
            {"NotAction": decided, "Resource": everything},
            none_of(access.administrators),
        ),
        *(
            [
                _deny(
                    "DenyOtherRemovals",
                    {"Action": "s3:DeleteObject", "NotResource": thumbnails},
                    none_of(access.administrators),
                )
            ]
            if follow
            else []
        ),
        *service_refusals(bucket_arn, prefixes, access, _deny, none_of),
        *prefix_refusals(bucket_arn, prefixes, access, _deny, none_of),
        *_deny_other_keys(key_arn, everything),
    )


def _deny(sid: str, what: Statement, *unless: Statement) -> Statement:
    """Refuse every caller for whom all of the conditions are true (the conditions are ANDed)."""
    statement: Statement = {"Sid": sid, "Effect": "Deny", "Principal": "*", **what}
    condition = {operator: keys for each in unless for operator, keys in each.items()}
    return {**statement, "Condition": condition} if condition else statement


def _deny_old_signatures(minutes: int, resource: str) -> list[Statement]:
    """Refuse presigned URLs and forms by their age, whatever lifetime their signer gave them.

    `POST` is the form with which a browser uploads; it has its own lifetime, as a URL has. A
    request that is signed in its headers is valid for a quarter of an hour in any case.
    """
    if not minutes:
        return []
    return [
        _deny(
            "DenyOldSignatures",
            {"Action": "s3:*", "Resource": resource},
            {"StringEquals": {"s3:authType": ["REST-QUERY-STRING", "POST"]}},
            {"NumericGreaterThan": {"s3:signatureAge": str(minutes * 60 * 1000)}},
        )
    ]


def _deny_other_keys(key_arn: str | None, resource: str) -> list[Statement]:
    """Refuse puts that name another algorithm or key than the bucket's, also from administrators.

    The owner of another key can make a picture under that key unreadable. A put that names neither
    algorithm nor key gets the bucket's own and must be allowed. StringNotEquals also matches a
    missing header, so Null=false restricts each statement to puts that send it. With a key of our
    own, a put that names only the algorithm would get AWS's key for S3, which none of our policies
    controls, so it is refused as well.
    """
    algorithm, key = (f"{_ENCRYPTION}{end}" for end in ("", "-aws-kms-key-id"))
    puts = {"Action": "s3:PutObject", "Resource": resource}
    ours = "aws:kms" if key_arn else "AES256"
    others = _deny(
        "DenyOtherAlgorithms",
        puts,
        {"StringNotEquals": {algorithm: ours}, "Null": {algorithm: "false"}},
    )
    if key_arn is None:
        return [others, _deny("DenyOtherKeys", puts, {"Null": {key: "false"}})]
    return [
        others,
        _deny("DenyOtherKeys", puts, {"ArnNotEquals": {key: key_arn}, "Null": {key: "false"}}),
        _deny("DenyUnnamedKey", puts, {"Null": {algorithm: "false", key: "true"}}),
    ]


def _not_cloudfront(distributions: Sequence[str]) -> Statement:
    """Exempt the distributions; a missing `aws:SourceArn` counts as different from each of them."""
    return {"ArnNotEquals": {"aws:SourceArn": list(distributions)}} if distributions else {}


def _allow(sid: str, principals: Sequence[str], action: str, resource: str) -> list[Statement]:
    """Return the statement that allows the actions to the principals; none without principals."""
    if not principals:
        return []
    return [
        {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": list(principals)},
            "Action": action,
            "Resource": resource,
        }
    ]


def _allow_cloudfront(distributions: Sequence[str], resource: str) -> list[Statement]:
    """Let CloudFront read for the distributions, by origin access control."""
    if not distributions:
        return []
    return [
        {
            "Sid": "AllowCloudFrontReads",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": resource,
            "Condition": {"ArnEquals": {"aws:SourceArn": list(distributions)}},
        }
    ]


def _none_of(arns: Sequence[str], session_patterns: bool) -> Statement:
    """Return the condition "the caller is none of these"; it is true for anonymous callers too.

    AWS puts the role's ARN into `aws:PrincipalArn`, but the emulator puts the ARN of the role's
    session there; `session_patterns` adds that form (`arn:aws:sts::1…:assumed-role/name/*`).
    """
    patterns = list(arns)
    if session_patterns:
        patterns += [_sessions_of(arn) for arn in arns if ":role/" in arn]
    return {"ArnNotLike": {"aws:PrincipalArn": patterns}} if patterns else {}


def _sessions_of(role_arn: str) -> str:
    """Return the pattern of a role's session ARNs, which contain its name without its path."""
    owner, _, path_and_name = role_arn.partition(":role/")
    name = path_and_name.rpartition("/")[2]
    return "/".join([owner.replace(":iam:", ":sts:") + ":assumed-role", name, "*"])
