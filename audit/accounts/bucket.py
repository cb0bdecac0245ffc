"""The pictures' bucket of the storage account: its name, and when an object in it was written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import AuditError, aws_errors
from audit.accounts.names import IMAGES
from audit.accounts.permissions import STORAGE

if TYPE_CHECKING:
    from datetime import datetime

    from audit.accounts.clients import AccountClients

# S3's classes from which an object cannot be read before somebody restores it. The archive tiers
# of Intelligent-Tiering are not told by a listing [AWS documentation]: HEAD alone shows them.
ARCHIVED = frozenset(("GLACIER", "DEEP_ARCHIVE"))


def only_bucket(access: AccountClients) -> str:
    """The one bucket that the program made in the storage account; AuditError if not one."""
    listed = access.pages(STORAGE, "s3", "list_buckets", "Buckets", Prefix=f"{IMAGES}-")
    names = [each["Name"] for each in listed if each["Name"].startswith(f"{IMAGES}-")]
    if len(names) != 1:
        found = ", ".join(names) or "none"
        raise AuditError(
            f"the storage account has {len(names)} buckets {IMAGES}-* ({found}), not one; name it "
            "with --bucket, and the account with --storage-profile"
        )
    return names[0]


def written_at(access: AccountClients, bucket: str, key: str) -> datetime | None:
    """The time at which the object was last written, from the listing of the bucket; None if the
    object is not there.

    It lists the bucket instead of reading the object, because the bucket policy refuses listing to
    nobody, but refuses reading the object to all but its readers.
    """
    with aws_errors(f"looking when {key} was written", STORAGE):
        listed = access.client(STORAGE, "s3").list_objects_v2(Bucket=bucket, Prefix=key)
    return next((e["LastModified"] for e in listed.get("Contents", []) if e["Key"] == key), None)


def policy_of(access: AccountClients, bucket: str) -> dict[str, Any]:
    """The bucket policy; AuditError if it cannot be read."""
    with aws_errors("reading the bucket policy", STORAGE):
        answer = access.client(STORAGE, "s3").get_bucket_policy(Bucket=bucket)
    return json.loads(answer["Policy"])


def key_of(access: AccountClients, bucket: str) -> frozenset[str]:
    """The id of the KMS key with which the bucket encrypts; empty if it has no key."""
    with aws_errors("reading the bucket's encryption", STORAGE):
        found = access.client(STORAGE, "s3").get_bucket_encryption(Bucket=bucket)
    rules = found["ServerSideEncryptionConfiguration"]["Rules"]
    keys = [rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID", "") for rule in rules]
    return frozenset(key.rpartition("/")[2] for key in keys if key)
