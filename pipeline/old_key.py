"""Counts what is still encrypted with the key of a stack that changes from kms to s3.

Only an administrator of the bucket may look at old versions. A listing does not show with which KMS
key an object is encrypted, so each version costs one HEAD: some $0.40 for a million.
"""

from __future__ import annotations

import shlex
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from components.configuration.accounts import KMS_TO_S3
from pipeline.deployed import outputs_of
from pipeline.errors import PipelineError
from pipeline.smoke import client
from pipeline.stack import NAME, full_name, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.configuration.settings import Settings

WORKERS = 16  # a client's pool has ten connections, and a HEAD mostly waits
_TYPES = "thumbx:storage:ThumbStore$aws:kms/key:Key::thumbx-images-key"


@dataclass(frozen=True, kw_only=True)
class Left:
    """How many objects, older versions and unfinished uploads there are under a key."""

    objects: int
    versions: int
    uploads: int
    """All unfinished uploads, because S3 does not say which key they are under."""

    def __bool__(self) -> bool:
        return bool(self.objects or self.versions or self.uploads)


def look(stack: str, profile: str | None) -> bool:
    """Print what is left, or how to remove the key; return whether anything is left."""
    settings, bucket, key_arn = stack_key(stack)
    s3 = client(profile or settings.storage.profile, settings.region)
    left = left_under(s3, bucket, settings.storage.id, key_arn)
    print(report(stack, settings, bucket, key_arn, left))
    return bool(left)


def left_under(s3: Any, bucket: str, owner: str, key_arn: str) -> Left:
    """Check every version in the bucket; `s3` has the credentials of an administrator."""
    there = {"Bucket": bucket, "ExpectedBucketOwner": owner}

    def under(version: dict[str, Any]) -> bool:
        head = s3.head_object(**there, Key=version["Key"], VersionId=version["VersionId"])
        return head.get("SSEKMSKeyId") == key_arn

    found: Counter[bool] = Counter()
    try:
        versions = _pages(s3, "list_object_versions", "Versions", there)
        with ThreadPoolExecutor(WORKERS) as workers:
            while some := list(islice(versions, 1000)):
                found.update(
                    bool(each["IsLatest"])
                    for each, is_under in zip(some, workers.map(under, some), strict=True)
                    if is_under
                )
        uploads = len(list(_pages(s3, "list_multipart_uploads", "Uploads", there)))
    except (BotoCoreError, ClientError) as error:
        raise PipelineError(
            f"the versions in {bucket} cannot be looked at: {error}; use the profile of one of "
            "thumbx:access.administrators that may s3:ListBucketVersions, s3:GetObjectVersion, "
            "s3:ListBucketMultipartUploads and kms:Decrypt"
        ) from error
    return Left(objects=found[True], versions=found[False], uploads=uploads)


def stack_key(stack: str) -> tuple[Settings, str, str]:
    """Settings, bucket and key of a stack that is changing its key; PipelineError for others."""
    settings, outputs = settings_of(stack), outputs_of(stack)
    if not settings.storage.leaves_key:
        raise PipelineError(
            f"thumbx:storage.encryption is '{settings.storage.encryption}', so new pictures would "
            f"not leave the key; set '{KMS_TO_S3}' first and run `make up STACK={stack}` "
            "(docs/deploy.md, Ways back)"
        )
    if not outputs.get("old_key_arn"):
        raise PipelineError(
            f"stack {stack} has no output 'old_key_arn'; run `make up STACK={stack}` first"
        )
    return settings, outputs["bucket"], outputs["old_key_arn"]


def report(stack: str, settings: Settings, bucket: str, key_arn: str, left: Left) -> str:
    """The objects that are left and how to remove them, or the commands that remove the key."""
    if not left:
        return "\n".join(
            [f"nothing in {bucket} is left under {key_arn}; remove it with", *_end(stack)]
        )
    originals = settings.thumbnails.prefixes.originals
    said = [f"in {bucket}, {key_arn} still encrypts"]
    if left.objects:
        copy = f"aws s3 cp s3://{bucket}/{originals} s3://{bucket}/{originals}"
        said.append(
            f"- {left.objects} objects: as an administrator, copy the originals onto themselves "
            f"(`{copy} --recursive --sse AES256`); each copy is an upload, so its thumbnails are "
            "made again"
        )
    if left.versions:
        days = settings.retention.version_days
        said.append(
            f"- {left.versions} older versions: S3 deletes each {days} days after it was replaced"
        )
    if left.uploads:
        said.append(f"- up to {left.uploads} unfinished uploads: S3 deletes them after seven days")
    return "\n".join(said)


def _end(stack: str) -> list[str]:
    urn = f"urn:pulumi:{stack}::{NAME}::{_TYPES}"
    name = full_name(stack)
    return [
        f"  pulumi state unprotect {shlex.quote(urn)} --yes --stack {name}",
        f"  pulumi config set --path 'thumbx:storage.encryption' s3 --stack {name}",
        f"  make up STACK={stack}",
    ]


def _pages(s3: Any, operation: str, part: str, there: dict[str, str]) -> Iterator[dict[str, Any]]:
    for page in s3.get_paginator(operation).paginate(**there):
        yield from page.get(part, [])
