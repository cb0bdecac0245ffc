"""Deletes thumbnails that belong to nothing any more; the user has seen their list before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from audit.accounts.errors import aws_errors, code_of
from audit.accounts.permissions import STORAGE
from reconcile.errors import ReconcileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from audit.accounts.clients import AccountClients

AT_ONCE = 1000  # objects that one DeleteObjects takes
ETAG = "original-etag"  # metadata that only the function writes


def written_by_us(
    access: AccountClients, bucket: str, owner: str, keys: Iterable[str]
) -> Iterator[str]:
    """The keys whose objects have the function's own metadata.

    On a bucket that existed before the program, an object below the thumbnails' prefix may belong
    to anybody.
    """
    s3 = access.client(STORAGE, "s3")
    for key in keys:
        with aws_errors(f"looking at {key}", STORAGE):
            try:
                head = s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=owner)
            except ClientError as error:
                if code_of(error) == "404":
                    continue
                raise
        if ETAG in head.get("Metadata", {}):
            yield key


def remove(access: AccountClients, bucket: str, owner: str, keys: Iterable[str]) -> int:
    """Delete the objects and return how many; on a versioned bucket their versions stay.

    Raises ReconcileError with the first key that S3 does not delete.
    """
    s3 = access.client(STORAGE, "s3")
    removed = 0
    for batch in _batches(keys):
        with aws_errors("deleting thumbnails", STORAGE):
            answer: dict[str, Any] = s3.delete_objects(
                Bucket=bucket,
                Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True},
                ExpectedBucketOwner=owner,
            )
        errors = answer.get("Errors", [])
        removed += len(batch) - len(errors)
        if errors:
            first = errors[0]
            raise ReconcileError(
                f"{len(errors)} of {len(batch)} thumbnails were not deleted, first "
                f"{first.get('Key')}: {first.get('Code')}; only the principals in "
                "access.administrators may delete, so name another --storage-profile"
            )
    return removed


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for key in keys:
        batch.append(key)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
