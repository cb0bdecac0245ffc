"""Sends a first picture through a deployed stack: uploaded as an uploader, read as a reader."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

from pipeline.deployed import outputs_of
from pipeline.errors import PipelineError
from pipeline.stack import settings_of
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PICTURE = PROJECT / "samples" / "rocket.jpg"
KEY = "smoke/rocket.jpg"
SECONDS = 120  # the time for a cold function, and the queue's own delay
PAUSE = 1.0


@dataclass(frozen=True, kw_only=True)
class StackPictures:
    """The bucket and prefixes of a stack's pictures; `owner` is the bucket's account.

    Every call names the owner, because anybody can take the name of a deleted bucket.
    """

    bucket: str
    owner: str
    originals: str
    thumbnails: str
    names: Sequence[str]
    """The thumbnails' file names, such as `small.jpg`."""
    log_group: str = ""
    """The function's, in the producer's account."""


def smoke(
    place: StackPictures,
    uploader: Any,
    reader: Any,
    seconds: float = SECONDS,
    picture: Path = PICTURE,
) -> float:
    """Upload a picture and wait for thumbnails newer than it; return the seconds it took.

    `uploader` and `reader` are S3 clients with the credentials of one of `thumbx:access.uploaders`
    and one of `thumbx:access.readers`. Raises PipelineError if a call is refused or time runs out.
    """
    key = key_of(picture)
    keys = [f"{place.thumbnails}{key}/{name}" for name in place.names]
    before = {key: _version(reader, place, key) for key in keys}
    began = time.monotonic()
    try:
        uploader.put_object(
            Bucket=place.bucket,
            ExpectedBucketOwner=place.owner,
            Key=f"{place.originals}{key}",
            Body=picture.read_bytes(),
        )
    except OSError as error:
        raise PipelineError(f"the picture cannot be read: {error}; name another") from error
    except (BotoCoreError, ClientError) as error:
        raise PipelineError(
            f"the picture could not be uploaded: {error}; is the role one of "
            "thumbx:access.uploaders?"
        ) from error
    while missing := [key for key in keys if _version(reader, place, key) == before[key]]:
        if time.monotonic() - began > seconds:
            raise PipelineError(
                f"no new {', '.join(missing)} after {seconds:.0f} s; the function's log and its "
                "dead-letter queue say why, or the reader is not one of thumbx:access.readers"
            )
        time.sleep(PAUSE)
    return time.monotonic() - began


def key_of(picture: Path) -> str:
    """Return the key below the originals: the same each time, so that old versions expire."""
    return f"smoke/{picture.name}"


def _version(reader: Any, place: StackPictures, key: str) -> str | None:
    """Return the object's version; None if there is none, or none that the reader may see.

    S3 answers a reader without ListBucket with 403 and not 404 for a key that does not exist. A
    thumbnail that is made again has the same bytes and therefore the same ETag, so the version is
    compared.
    """
    try:
        found = reader.head_object(Bucket=place.bucket, ExpectedBucketOwner=place.owner, Key=key)
        return str(found["VersionId"])
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code in {"403", "404"}:
            return None
        raise PipelineError(f"the reader cannot look at {key}: {error}") from error
    except BotoCoreError as error:
        raise PipelineError(f"the reader cannot call AWS: {error}") from error


def place_of(stack: str) -> StackPictures:
    """Return where the deployed stack's pictures go, from its outputs and its configuration."""
    settings = settings_of(stack)
    outputs = outputs_of(stack)
    if "bucket" not in outputs:
        raise PipelineError(f"stack {stack} has no output 'bucket'; run `make up STACK={stack}`")
    return StackPictures(
        bucket=outputs["bucket"],
        owner=settings.storage.id,
        originals=settings.thumbnails.prefixes.originals,
        thumbnails=settings.thumbnails.prefixes.thumbnails,
        names=settings.thumbnails.names,
        log_group=outputs.get("log_group", ""),
    )


def client(profile: str | None, region: str, service: str = "s3") -> Any:
    """Return a client with the credentials of a profile; without one, of the environment."""
    try:
        session: Any = boto3.Session(profile_name=profile, region_name=region)
        return session.client(service)
    except ProfileNotFound as error:
        raise PipelineError(
            f"there is no profile '{profile}'; run `aws configure sso --profile {profile}` with a "
            "role that the stack names"
        ) from error
    except BotoCoreError as error:
        raise PipelineError(f"profile '{profile}' cannot be used: {error}; correct it") from error
