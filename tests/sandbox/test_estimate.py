"""What one picture causes, against what `make estimate` and reconcile count for it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from reconcile.cost import CALLS, LOG_BYTES

if TYPE_CHECKING:
    from sandbox.deployment import Deployment
    from sandbox.uploads import Upload


def test_calls_and_log_bytes_of_a_picture_are_what_the_estimate_counts(
    deployment: Deployment, rocket: Upload
) -> None:
    """The puts are most of the bill: one call more a picture is a tenth of it."""
    events = deployment.logs.filter_log_events(logGroupName=deployment.exports["log_group"])
    lines = [
        event["message"] for event in events["events"] if f'"{rocket.key}"' in event["message"]
    ]
    assert lines
    assert LOG_BYTES / 2 < sum(len(line.encode()) for line in lines) / len(lines) <= LOG_BYTES
    of_original = calls_on(deployment, [rocket.key])
    assert of_original["GetObject"] + of_original["HeadObject"] == CALLS
    assert calls_on(deployment, [*rocket.thumbnails.values()])["PutObject"] == len(
        rocket.thumbnails
    )


def calls_on(deployment: Deployment, keys: list[str]) -> Counter[str]:
    """How often each call was made on one of these objects, as the emulator's CloudTrail says."""
    trail = deployment.clients.client(
        "cloudtrail", deployment.stack.storage, deployment.stack.region
    )
    counted: Counter[str] = Counter()
    for page in trail.get_paginator("lookup_events").paginate():
        for event in page["Events"]:
            told = json.loads(event["CloudTrailEvent"])
            if (told.get("requestParameters") or {}).get("key") in keys:
                counted[event["EventName"]] += 1
    return counted
