"""The calls of one picture, compared with those that `make estimate` and reconcile count."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.estimate import EVENTS_OF_UPLOAD
from reconcile.cost import CALLS, INVOCATION_LOG_BYTES, LOG_BYTES
from sandbox import uploads

if TYPE_CHECKING:
    from sandbox.deployment import Deployment
    from sandbox.uploads import TimedUpload

pytestmark = pytest.mark.slow


def test_calls_and_log_bytes_of_a_picture_are_what_the_estimate_counts(
    deployment: Deployment, rocket: TimedUpload
) -> None:
    """The puts are most of the bill: one more call for each picture is a tenth of it."""
    before = calls(deployment)
    upload = uploads.prepare(deployment, "estimated.jpg", rocket.body)
    uploads.send(deployment, upload)
    uploads.wait(deployment, [upload])
    caused = calls(deployment) - before
    assert caused["GetObject"] + caused["HeadObject"] == CALLS
    assert caused["PutObject"] == len(upload.thumbnails) + 1  # and the upload itself
    # What a trail logs: no call beside those, which the estimate counts one by one.
    objects = {name: number for name, number in caused.items() if name.endswith("Object")}
    assert sum(objects.values()) == CALLS + len(upload.thumbnails) + EVENTS_OF_UPLOAD
    events = deployment.logs.filter_log_events(logGroupName=deployment.exports["log_group"])
    texts = [event["message"] for event in events["events"]]
    (line,) = [text for text in texts if f'"{upload.key}"' in text]
    assert LOG_BYTES / 2 < len(line.encode()) <= LOG_BYTES
    told = json.loads(line)
    assert told["receives"] == 1, "one message for one picture"
    at = texts.index(line)
    metrics = next(text for text in texts[at:] if '"_aws"' in text)
    own = [text for text in texts if told["request_id"] in text and text != line]
    # Lambda's own lines are longer as JSON, which the emulator does not write.
    written = len(metrics.encode()) + sum(len(text.encode()) for text in own)
    assert written <= INVOCATION_LOG_BYTES <= 3 * written


def test_events_of_a_picture_on_eventbridge_are_what_the_estimate_counts(
    deployment: Deployment, rocket: TimedUpload
) -> None:
    """S3 sends every event of the bucket: the original's, and one for each thumbnail."""
    s3, bucket, stack = deployment.s3, deployment.bucket, deployment.stack
    sqs = deployment.clients.client("sqs", stack.storage, stack.region)
    events = deployment.clients.client("events", stack.storage, stack.region)
    queue = sqs.create_queue(QueueName="estimate")["QueueUrl"]
    arn = f"arn:aws:sqs:{stack.region}:{stack.storage}:estimate"
    events.put_rule(
        Name="estimate",
        EventPattern=json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}),
    )
    events.put_targets(Rule="estimate", Targets=[{"Id": "queue", "Arn": arn}])
    kept: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
    del kept["ResponseMetadata"]
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=kept | {"EventBridgeConfiguration": {}}
    )
    upload = uploads.prepare(deployment, "bridged.jpg", rocket.body)
    uploads.send(deployment, upload)
    uploads.wait(deployment, [upload])
    found = list[str]()
    for _ in range(5):
        answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        found += [each.get("Body", "") for each in answer.get("Messages", [])]
        if len(found) > len(upload.thumbnails):
            break
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=kept)
    keys = [json.loads(each)["detail"]["object"]["key"] for each in found]
    assert sorted(keys) == sorted([upload.key, *upload.thumbnails.values()])


def calls(deployment: Deployment) -> Counter[str]:
    """How often each call was made so far, as the emulator's CloudTrail says."""
    trail = deployment.clients.client(
        "cloudtrail", deployment.stack.storage, deployment.stack.region
    )
    pages = trail.get_paginator("lookup_events").paginate()
    return Counter(event["EventName"] for page in pages for event in page["Events"])
