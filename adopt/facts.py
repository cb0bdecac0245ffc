"""Reads the facts about a bucket before a stack uses its pictures; every call only reads."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from adopt import notification
from adopt.errors import AdoptError
from audit.accounts.errors import aws_errors, code_of
from audit.accounts.permissions import STORAGE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adopt.notification import Notification
    from audit.accounts.clients import AccountClients

# S3's answers for a setting that was never configured.
ABSENT = frozenset(
    (
        *("NoSuchBucketPolicy", "NoSuchLifecycleConfiguration"),
        *("ReplicationConfigurationNotFoundError", "ObjectLockConfigurationNotFoundError"),
        *("OwnershipControlsNotFoundError", "ServerSideEncryptionConfigurationNotFoundError"),
    )
)
SAMPLE = 1000  # the number of objects of each prefix that are checked: one listing


@dataclass(frozen=True, kw_only=True)
class Intended:
    """The stack's options about the bucket and its prefixes."""

    bucket: str
    account: str
    region: str
    key: str
    """The ARN of the key that encrypts the bucket, as in `storage.bucketKey`; or empty."""
    originals: str
    thumbnails: str
    names: frozenset[str] = frozenset()
    """The file names of a picture's thumbnails."""
    follow: bool = False
    """Whether thumbnails of deleted originals are deleted, which needs versioning."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The present settings of one bucket."""

    region: str
    ownership: str
    """BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter; ObjectWriter if never set."""
    encryption: Mapping[str, Any]
    """The default encryption of new objects: SSEAlgorithm, KMSMasterKeyID, BucketKeyEnabled."""
    versioning: str
    """Enabled, Suspended or empty."""
    locked: bool
    requester_pays: bool
    notification: Notification
    policy: Mapping[str, Any] | None
    lifecycle: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    replication: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    classes: Mapping[str, int] = field(default_factory=dict[str, int])
    """The originals of the sample, by storage class."""
    thumbnails: tuple[str, ...] = ()
    """The keys of the sample below the thumbnails' prefix, without the prefix."""


def read_facts(access: AccountClients, wanted: Intended) -> Facts:
    """Read the bucket. Raises AdoptError if the credentials belong to another account."""
    client = access.client(STORAGE, "s3")
    refuse_other_account(access, wanted.account)
    named: dict[str, Any] = {"Bucket": wanted.bucket, "ExpectedBucketOwner": wanted.account}
    with aws_errors(f"looking for {wanted.bucket}", STORAGE):
        try:
            region: str = client.head_bucket(**named)["BucketRegion"]
        except ClientError as error:
            if code_of(error) in ("404", "403"):
                raise AdoptError(
                    f"storage.bucket is {wanted.bucket!r}, but account {wanted.account} owns no "
                    f"bucket of that name that these credentials may list ({code_of(error)}); "
                    "check the name, the account and the profile"
                ) from error
            raise

    def ask(operation: str) -> dict[str, Any]:
        with aws_errors(f"reading {operation} of {wanted.bucket}", STORAGE):
            try:
                return getattr(client, operation)(**named)
            except ClientError as error:
                if code_of(error) in ABSENT:
                    return {}
                raise

    rules: list[dict[str, Any]] = (
        ask("get_bucket_ownership_controls").get("OwnershipControls", {}).get("Rules", [{}])
    )
    encrypted = ask("get_bucket_encryption").get("ServerSideEncryptionConfiguration", {})
    defaults: list[dict[str, Any]] = encrypted.get("Rules", [])
    encryption: dict[str, Any] = defaults[0] if defaults else {}
    policy = ask("get_bucket_policy").get("Policy")
    originals = _sample(client, named, wanted.originals)
    classes: dict[str, int] = {}
    for each in originals:
        name = each.get("StorageClass", "STANDARD")
        classes[name] = classes.get(name, 0) + 1
    lock = ask("get_object_lock_configuration").get("ObjectLockConfiguration", {})
    return Facts(
        region=region,
        ownership=rules[0].get("ObjectOwnership", "ObjectWriter"),
        encryption=encryption.get("ApplyServerSideEncryptionByDefault", {})
        | {"BucketKeyEnabled": encryption.get("BucketKeyEnabled", False)},
        versioning=ask("get_bucket_versioning").get("Status", ""),
        locked=lock.get("ObjectLockEnabled") == "Enabled",
        requester_pays=ask("get_bucket_request_payment").get("Payer") == "Requester",
        notification=notification.read(access, wanted.bucket, wanted.account),
        policy=json.loads(policy) if policy else None,
        lifecycle=ask("get_bucket_lifecycle_configuration").get("Rules", []),
        replication=ask("get_bucket_replication")
        .get("ReplicationConfiguration", {})
        .get("Rules", []),
        classes=classes,
        thumbnails=tuple(
            each["Key"].removeprefix(wanted.thumbnails)
            for each in _sample(client, named, wanted.thumbnails)
        ),
    )


def refuse_other_account(access: AccountClients, account: str) -> None:
    """Raise AdoptError if the credentials are not of the storage account."""
    with aws_errors("asking whose credentials these are", STORAGE):
        found: str = access.client(STORAGE, "sts").get_caller_identity()["Account"]
    if found != account:
        raise AdoptError(
            f"these credentials are of account {found}, but storage.account is {account}; name a "
            "profile of that account with --storage-profile"
        )


def _sample(client: Any, named: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    with aws_errors(f"listing {prefix or 'the bucket'}", STORAGE):
        page = client.list_objects_v2(**named, Prefix=prefix, MaxKeys=SAMPLE)
    return page.get("Contents", [])
