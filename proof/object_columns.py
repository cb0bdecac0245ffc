"""The columns of the matrix that concern the objects of the bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proof.attempts import Attempt, Current, Need

PROBE = "{probe}.jpg"
BODY = b"not a picture"
FULL_CONTROL = "bucket-owner-full-control"
CHANGE_OF_KEY = "change the key"
TAGS = {"TagSet": [{"Key": "matrix", "Value": "same"}]}


@dataclass(frozen=True)
class _Place:
    """A place for objects: below a `prefix` of a bucket, both as names in braces."""

    group: str
    bucket: str
    prefix: str
    called: str

    def needs(self, key: str, action: str) -> Need:
        """The permission for the action on the object."""
        resource = f"{{{self.bucket}_arn}}/{self.prefix}{key}"
        return Need(action=action, resource=resource, owner="{storage}")

    def parameters(self, key: str) -> dict[str, str]:
        """The parameters that name the object in a call."""
        return {"Bucket": f"{{{self.bucket}}}", "Key": f"{self.prefix}{key}"}


ORIGINALS, THUMBNAILS, ELSEWHERE = (
    _Place(group, "bucket", f"{{{group}}}", f"{{{group}}}*")
    for group in ("originals", "thumbnails", "elsewhere")
)
NEIGHBOUR = _Place("other buckets", "neighbour", "", "objects of other buckets of B")


def _object(  # noqa: PLR0913 - a column has this many properties
    place: _Place,
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
    return Attempt(
        group=place.group,
        name=name,
        says=f"{verb} {place.called}",
        needs=(place.needs(key, action),),
        service="s3",
        operation=operation,
        parameters={**place.parameters(key), **parameters},
        presigned=presigned,
        after_the_decision=after_the_decision,
    )


def _on_objects(place: _Place) -> tuple[Attempt, ...]:
    """Everything that can be tried on the objects of one place."""
    there, version = "{there}", Current(f"version of {place.group}")
    # A copy of another object than the one that is tried, so that nothing is lost.
    absent = frozenset({"NoSuchVersion"})
    return (
        _object(place, "get", "read", "get_object", "s3:GetObject", there),
        _object(place, "head", "see the size and type of", "head_object", "s3:GetObject", there),
        _object(
            place,
            "get by presigned URL",
            "hand out links to",
            "get_object",
            "s3:GetObject",
            there,
            presigned=True,
        ),
        _object(
            place,
            "get a version",
            "read old versions of",
            "get_object",
            "s3:GetObjectVersion",
            there,
            VersionId=version,
        ),
        _object(place, "put", "write", "put_object", "s3:PutObject", PROBE, Body=BODY),
        _object(
            place,
            "put by presigned URL",
            "hand out links that write",
            "put_object",
            "s3:PutObject",
            PROBE,
            presigned=True,
        ),
        _object(
            place,
            "put in parts",
            "write parts of",
            "create_multipart_upload",
            "s3:PutObject",
            PROBE,
        ),
        _object(place, "delete", "delete", "delete_object", "s3:DeleteObject", PROBE),
        _object(
            place,
            "delete a version",
            "delete for good versions of",
            "delete_object",
            "s3:DeleteObjectVersion",
            PROBE,
            VersionId=version,
            after_the_decision=absent,
        ),
        _object(
            place,
            "tag",
            "tag",
            "put_object_tagging",
            "s3:PutObjectTagging",
            there,
            Tagging=TAGS,
        ),
        _object(
            place,
            "read tags",
            "read the tags of",
            "get_object_tagging",
            "s3:GetObjectTagging",
            there,
        ),
        _object(
            place,
            "set the ACL",
            "set the ACL of",
            "put_object_acl",
            "s3:PutObjectAcl",
            there,
            ACL=FULL_CONTROL,
            after_the_decision=frozenset({"AccessControlListNotSupported"}),
        ),
        _object(
            place, "read the ACL", "read the ACL of", "get_object_acl", "s3:GetObjectAcl", there
        ),
        _change_of_key(place),
    )


def _change_of_key(place: _Place) -> Attempt:
    """Change the key of a stored object without a put; it is not called, see
    proof/differences.py.
    """
    return Attempt(
        group=place.group,
        name=CHANGE_OF_KEY,
        says=f"put under another key {place.called}",
        needs=(place.needs("{there}", "s3:UpdateObjectEncryption"),),
    )


def _copy(source: _Place, target: _Place, group: str, name: str) -> Attempt:
    return Attempt(
        group=group,
        name=name,
        says=f"copy {source.called} to {target.called.removeprefix('objects of ')}",
        needs=(source.needs("{there}", "s3:GetObject"), target.needs(PROBE, "s3:PutObject")),
        service="s3",
        operation="copy_object",
        parameters={**target.parameters(PROBE), "CopySource": source.parameters("{there}")},
    )


OBJECTS = (
    *_on_objects(ORIGINALS),
    _copy(ORIGINALS, NEIGHBOUR, "originals", "copy to another bucket"),
    _copy(THUMBNAILS, ORIGINALS, "originals", "copy a thumbnail here"),
    *_on_objects(THUMBNAILS),
    _copy(THUMBNAILS, NEIGHBOUR, "thumbnails", "copy to another bucket"),
    _copy(ORIGINALS, THUMBNAILS, "thumbnails", "copy an original here"),
    *_on_objects(ELSEWHERE),
)
OF_OTHER_BUCKETS = _on_objects(NEIGHBOUR)
