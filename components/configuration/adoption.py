"""Faults between the options for an existing bucket and those for a bucket that the program
makes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from components.configuration import arns

if TYPE_CHECKING:
    from components.configuration.reader import Configuration
    from components.configuration.stack import Settings


def check(config: Configuration, settings: Settings) -> None:
    """Record every fault about an existing bucket."""
    storage = settings.storage
    if not storage.bucket:
        if storage.bucket_key:
            config.at("storage.bucketKey").refuse(
                storage.bucket_key,
                "but thumbx:storage.bucket names no existing bucket",
                "name the bucket, or leave this out: thumbx:storage.encryption 'kms' makes a key",
            )
        return
    theirs = f"but thumbx:storage.bucket is {storage.bucket!r}, and"
    if storage.deletable:
        config.at("storage.deletable").refuse(
            storage.deletable,
            f"{theirs} an existing bucket is never deleted",
            "leave it out, because `pulumi destroy` deletes all that the program made",
        )
    if storage.own_key:
        config.at("storage.encryption").refuse(
            storage.encryption,
            f"{theirs} its owner decides how it is encrypted",
            "leave it out, and name the bucket's customer key, if it has one, in "
            "thumbx:storage.bucketKey",
        )
    if storage.event_bridge:
        config.at("storage.eventBridge").refuse(
            storage.event_bridge,
            f"{theirs} the program changes nothing of an existing bucket",
            "leave it out, and run `make adopt ARGS=enable`",
        )
    if origins := settings.access.origins:
        rule = {"AllowedMethods": ["POST"], "AllowedOrigins": origins}
        config.at("access.origins").refuse(
            list(origins),
            f"{theirs} a bucket has one CORS configuration, which is its owner's",
            f"leave it out; the owner adds {json.dumps(rule)} to its CORSRules",
        )
    if storage.bucket_key and settings.region:
        region = storage.bucket_key.split(":")[3]
        if arns.partition_of(region) == storage.partition and region != settings.region:
            config.at("storage.bucketKey").refuse(
                storage.bucket_key,
                f"which is in {region}, and S3 uses only keys of the bucket's own region",
                f"name the key of {settings.region}",
            )
