"""Differences between a deployed bucket and the options: EventBridge's switch, and versions.

A call that is refused says nothing: only whoever reads a bucket's settings can know better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.clients import client_of
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.configuration.settings import Settings


def check(settings: Settings, bucket: str | None) -> None:
    """Raise PipelineError where the next update would take something away from somebody.

    `bucket` is the deployed one; None before the first update.
    """
    storage = settings.storage
    if storage.bucket:
        _check_versions(settings, storage.bucket)
        return
    if not bucket or storage.event_bridge:
        return
    told = _asked(
        lambda: client_of(storage, "s3").get_bucket_notification_configuration(
            Bucket=bucket, ExpectedBucketOwner=storage.id
        )
    )
    if "EventBridgeConfiguration" in told:
        raise PipelineError(
            f"{bucket} sends its events to EventBridge, and thumbx:storage.eventBridge is false, "
            "so `up` would turn it off, and its subscribers would get no more events; set it to "
            "true, or turn it off yourself when there are no subscribers"
        )


def _check_versions(settings: Settings, bucket: str) -> None:
    if not settings.thumbnails.follow:
        return
    told = _asked(
        lambda: client_of(settings.storage, "s3").get_bucket_versioning(
            Bucket=bucket, ExpectedBucketOwner=settings.storage.id
        )
    )
    if told and told.get("Status") != "Enabled":
        raise PipelineError(
            f"thumbx:thumbnails.removals is follow, and {bucket} keeps no versions: a thumbnail "
            "that is deleted by mistake could not be brought back; let its owner enable "
            "versioning, or leave removals out"
        )


def _asked(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return call()
    except (BotoCoreError, ClientError):
        return {}
