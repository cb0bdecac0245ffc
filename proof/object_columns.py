"""The columns of the matrix that concern the objects of the bucket."""

from __future__ import annotations

from typing import Any

from proof.attempts import Attempt, Current, Need

PROBE = "{probe}.jpg"
BODY = b"not a picture"
FULL_CONTROL = "bucket-owner-full-control"
TAGS = {"TagSet": [{"Key": "matrix", "Value": "same"}]}


def _needs(prefix: str, key: str, *actions: str) -> tuple[Need, ...]:
    return tuple(
        Need(action=action, resource=f"{{bucket_arn}}/{prefix}{key}", owner="{storage}")
        for action in actions
    )


def _object(  # noqa: PLR0913 - a column has this many sides
    group: str,
    name: str,
    verb: str,
    operation: str,
    action: str,
    key: str,
    *,
    presigned: bool = False,
    after_the_decision: frozenset[str] = frozenset(),
    **parameters: Any,
) -> Attempt:
    prefix = f"{{{group}}}"
    return Attempt(
        group=group,
        name=name,
        says=f"{verb} {prefix}*",
        needs=_needs(prefix, key, action),
        service="s3",
        operation=operation,
        parameters={"Bucket": "{bucket}", "Key": f"{prefix}{key}", **parameters},
        presigned=presigned,
        after_the_decision=after_the_decision,
    )


def _below(group: str) -> tuple[Attempt, ...]:
    """Everything that can be tried on the objects below one of the two prefixes."""
    there, version = "{there}", Current(f"version of {group}")
    # Of another key than the one it is tried on, so that nothing is lost.
    absent = frozenset({"NoSuchVersion"})
    return (
        _object(group, "get", "read", "get_object", "s3:GetObject", there),
        _object(group, "head", "see the size and type of", "head_object", "s3:GetObject", there),
        _object(
            group,
            "get by presigned URL",
            "hand out links to",
            "get_object",
            "s3:GetObject",
            there,
            presigned=True,
        ),
        _object(
            group,
            "get a version",
            "read old versions of",
            "get_object",
            "s3:GetObjectVersion",
            there,
            VersionId=version,
        ),
        _object(group, "put", "write", "put_object", "s3:PutObject", PROBE, Body=BODY),
        _object(
            group,
            "put by presigned URL",
            "hand out links that write",
            "put_object",
            "s3:PutObject",
            PROBE,
            presigned=True,
        ),
        _object(
            group,
            "put in parts",
            "write parts of",
            "create_multipart_upload",
            "s3:PutObject",
            PROBE,
        ),
        _object(group, "delete", "delete", "delete_object", "s3:DeleteObject", PROBE),
        _object(
            group,
            "delete a version",
            "delete for good versions of",
            "delete_object",
            "s3:DeleteObjectVersion",
            PROBE,
            VersionId=version,
            after_the_decision=absent,
        ),
        _object(
            group,
            "tag",
            "tag",
            "put_object_tagging",
            "s3:PutObjectTagging",
            there,
            Tagging=TAGS,
        ),
        _object(
            group,
            "read tags",
            "read the tags of",
            "get_object_tagging",
            "s3:GetObjectTagging",
            there,
        ),
        _object(
            group,
            "set the ACL",
            "set the ACL of",
            "put_object_acl",
            "s3:PutObjectAcl",
            there,
            ACL=FULL_CONTROL,
            after_the_decision=frozenset({"AccessControlListNotSupported"}),
        ),
        _object(
            group, "read the ACL", "read the ACL of", "get_object_acl", "s3:GetObjectAcl", there
        ),
    )


def _copy(group: str, name: str, says: str, target: str, target_bucket: str) -> Attempt:
    original = _needs("{originals}", "{there}", "s3:GetObject")
    written = Need(
        action="s3:PutObject", resource=f"arn:aws:s3:::{target_bucket}/{target}", owner="{storage}"
    )
    return Attempt(
        group=group,
        name=name,
        says=says,
        needs=(*original, written),
        service="s3",
        operation="copy_object",
        parameters={
            "Bucket": target_bucket,
            "Key": target,
            "CopySource": {"Bucket": "{bucket}", "Key": "{originals}{there}"},
        },
    )


OBJECTS = (
    *_below("originals"),
    _copy(
        "originals",
        "copy to another bucket",
        "copy {originals}* to other buckets of B",
        "{probe}.jpg",
        "{neighbour}",
    ),
    *_below("thumbnails"),
    _copy(
        "thumbnails",
        "copy an original here",
        "copy {originals}* to {thumbnails}*",
        "{thumbnails}{probe}.jpg",
        "{bucket}",
    ),
    _object("elsewhere", "get", "read", "get_object", "s3:GetObject", "{there}"),
    _object("elsewhere", "put", "write", "put_object", "s3:PutObject", PROBE, Body=BODY),
    _object("elsewhere", "delete", "delete", "delete_object", "s3:DeleteObject", PROBE),
)
