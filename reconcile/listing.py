"""Lists the keys of a bucket below a prefix with ListObjectsV2: 1,000 for each call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.accounts.bucket import ARCHIVED
from audit.accounts.errors import aws_errors
from audit.accounts.permissions import STORAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from audit.accounts.clients import AccountClients


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of a listing; `key` is the part after the prefix, `size` is in bytes.

    `modified` has whole seconds. For a multipart upload the time is when the upload began [AWS
    documentation].
    """

    key: str
    size: int
    modified: datetime
    etag: str
    storage_class: str = "STANDARD"

    @property
    def is_archived(self) -> bool:
        """Whether the object must be restored before anybody can read it."""
        return self.storage_class in ARCHIVED

    @property
    def is_folder(self) -> bool:
        """Whether it is the empty object that S3's console makes for a folder."""
        return self.size == 0 and (not self.key or self.key.endswith("/"))


def listed(
    access: AccountClients, bucket: str, prefix: str, owner: str, beginning: str = ""
) -> Iterator[Listed]:
    """The objects below the prefix in the order of their keys; nothing is kept in memory.

    With `beginning`, only objects whose key below the prefix begins with it. Raises AuditError if
    the bucket cannot be listed.
    """
    client = access.client(STORAGE, "s3")
    more: dict[str, Any] = {}
    while True:
        with aws_errors(f"listing {bucket}/{prefix}", STORAGE):
            page = client.list_objects_v2(
                Bucket=bucket, Prefix=prefix + beginning, ExpectedBucketOwner=owner, **more
            )
        for each in page.get("Contents", []):
            yield Listed(
                key=each["Key"].removeprefix(prefix),
                size=each["Size"],
                modified=each["LastModified"],
                etag=each["ETag"].strip('"'),
                storage_class=each.get("StorageClass", "STANDARD"),
            )
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}
