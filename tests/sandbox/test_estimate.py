"""What one picture causes, against what `make estimate` and reconcile count for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reconcile.cost import CALLS, LOG_BYTES
from sandbox import uploads

if TYPE_CHECKING:
    from sandbox.deployment import Deployment
    from sandbox.uploads import TimedUpload


def test_calls_and_log_bytes_of_a_picture_are_what_the_estimate_counts(
    deployment: Deployment, rocket: TimedUpload
) -> None:
    """The puts are most of the bill: one call more a picture is a tenth of it."""
    before = calls(deployment)
    upload = uploads.prepare(deployment, "estimated.jpg", rocket.body)
    uploads.send(deployment, upload)
    uploads.wait(deployment, [upload])
    caused = calls(deployment) - before
    assert caused["GetObject"] + caused["HeadObject"] == CALLS
    assert caused["PutObject"] == len(upload.thumbnails) + 1  # and the upload itself
    events = deployment.logs.filter_log_events(logGroupName=deployment.exports["log_group"])
    texts = [event["message"] for event in events["events"]]
    sizes = [len(text.encode()) for text in texts if f'"{upload.key}"' in text]
    assert len(sizes) == 1
    assert LOG_BYTES / 2 < sizes[0] <= LOG_BYTES


def calls(deployment: Deployment) -> Counter[str]:
    """How often each call was made so far, as the emulator's CloudTrail says."""
    trail = deployment.clients.client(
        "cloudtrail", deployment.stack.storage, deployment.stack.region
    )
    pages = trail.get_paginator("lookup_events").paginate()
    return Counter(event["EventName"] for page in pages for event in page["Events"])
