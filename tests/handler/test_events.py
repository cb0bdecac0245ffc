"""Messages as S3 writes them, and as it never would."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handler.events import Upload, read_message
from handler.pictures.errors import RefusedError
from tests.handler.conftest import message, record

# As in the S3 user guide, "Event message structure".
S3_NOTIFICATION: dict[str, Any] = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-west-2",
            "eventTime": "1970-01-01T00:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
            "requestParameters": {"sourceIPAddress": "172.16.0.1"},
            "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "testConfigRule",
                "bucket": {
                    "name": "amzn-s3-demo-bucket",
                    "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                    "arn": "arn:aws:s3:::amzn-s3-demo-bucket",
                },
                "object": {
                    "key": "HappyFace.jpg",
                    "size": 1024,
                    "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                    "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
                    "sequencer": "0055AED6DCD90281E5",
                },
            },
        }
    ]
}


def test_every_field_of_a_notification_is_taken_over() -> None:
    """The refused queue and the log repeat these fields, and people find the upload by them."""
    assert read_message(message(body=S3_NOTIFICATION, message_id="m7")) == [
        Upload(
            bucket="amzn-s3-demo-bucket",
            key="HappyFace.jpg",
            size=1024,
            etag="d41d8cd98f00b204e9800998ecf8427e",
            version="096fKKXTRTtl3on89fVO.nfljtsv6qko",
            message_id="m7",
            receives=1,
        )
    ]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("originals/a+b.jpg", "originals/a b.jpg"),
        ("originals/a%2Bb.jpg", "originals/a+b.jpg"),
        ("originals/100%25.jpg", "originals/100%.jpg"),
        ("originals/%E6%97%A5%E6%9C%AC.jpg", "originals/日本.jpg"),
        ("originals/%26%3D%3F%23.jpg", "originals/&=?#.jpg"),
    ],
)
def test_keys_are_decoded_as_forms(encoded: str, key: str) -> None:
    """If the key were not decoded, a key with a space would give 404 and count as deleted: the
    upload would be lost without an error.
    """
    notification = {"Records": [record("x")]}
    notification["Records"][0]["s3"]["object"]["key"] = encoded
    assert [upload.key for upload in read_message(message(body=notification))] == [key]


def test_an_unversioned_bucket_sends_no_version() -> None:
    """The field is missing then, and not null."""
    notification = {"Records": [record("originals/a.png")]}
    del notification["Records"][0]["s3"]["object"]["versionId"]
    (upload,) = read_message(message(body=notification))
    assert upload.version is None


def test_how_often_the_queue_delivered_is_known() -> None:
    """After five deliveries the message is dead, so the log should show the count."""
    again = message(record("originals/a.png"))
    again["attributes"]["ApproximateReceiveCount"] = "4"
    assert [upload.receives for upload in read_message(again)] == [4]


def test_the_test_event_holds_no_upload() -> None:
    """S3's test event has no field Records."""
    body = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "RequestId": "r"}
    assert read_message(message(body=body)) == []


def test_an_empty_folder_is_no_upload() -> None:
    """The console puts an empty object to show one; refusing it would be noise."""
    assert read_message(message(record("originals/holiday/"))) == []


def test_a_picture_whose_key_ends_in_a_slash_is_an_upload() -> None:
    """S3 allows it: only what is empty is a folder."""
    assert len(read_message(message(record("originals/odd/", b"picture")))) == 1


# As SNS hands it to a queue (SNS developer guide, "Fanout to Amazon SQS queues").
SNS_ENVELOPE: dict[str, Any] = {
    "Type": "Notification",
    "MessageId": "dc1e94d9-56c5-5e96-808d-cc7f68faa162",
    "TopicArn": "arn:aws:sns:us-east-2:111122223333:ExampleTopic1",
    "Subject": "Amazon S3 Notification",
    "Message": json.dumps(S3_NOTIFICATION),
    "Timestamp": "2021-02-16T21:41:19.978Z",
    "SignatureVersion": "1",
    "Signature": "FMG5tlZhJNHLHUXvZgtZzlk24FzVa7oX0T4P03neeXw8ZEXZx6z35j2FOTuNYShn2h0bKNC==",
    "SigningCertURL": "https://sns.us-east-2.amazonaws.com/SimpleNotificationService-010a507c.pem",
    "UnsubscribeURL": "https://sns.us-east-2.amazonaws.com/?Action=Unsubscribe",
}

# As in the S3 user guide, "EventBridge event message structure".
EVENTBRIDGE: dict[str, Any] = {
    "version": "0",
    "id": "17793124-05d4-b198-2fde-7ededc63b103",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "account": "111122223333",
    "time": "2021-11-12T00:00:00Z",
    "region": "ca-central-1",
    "resources": ["arn:aws:s3:::amzn-s3-demo-bucket1"],
    "detail": {
        "version": "0",
        "bucket": {"name": "amzn-s3-demo-bucket1"},
        "object": {
            "key": "example+key%41.jpg",
            "size": 5,
            "etag": "b1946ac92492d2347c6235b4d2611184",
            "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            "sequencer": "617f08299329d189",
        },
        "request-id": "N4N7GDK58NMKJ12R",
        "requester": "123456789012",
        "source-ip-address": "1.2.3.4",
        "reason": "PutObject",
    },
}

# As `reconcile.sending` writes it.
FROM_RECONCILE = {
    "source": "thumbx.reconcile",
    "bucket": "pictures",
    "key": "originals/a+b%20c.jpg",
    "run": "20261128T120000",
}


def test_a_notification_wrapped_by_sns_is_the_same_notification() -> None:
    """The owner of a bucket with one notification to spare sends it to a topic."""
    assert read_message(message(body=SNS_ENVELOPE)) == read_message(message(body=S3_NOTIFICATION))


def test_s3s_test_event_by_way_of_sns_is_done() -> None:
    """S3 sends it to the topic, and the topic to us."""
    test = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
    assert read_message(message(body=SNS_ENVELOPE | {"Message": test})) == []


def test_keys_of_eventbridge_are_raw() -> None:
    """If it were decoded, "a+b" would become "a b", which does not exist and counts as deleted."""
    assert read_message(message(body=EVENTBRIDGE)) == [
        Upload(
            bucket="amzn-s3-demo-bucket1",
            key="example+key%41.jpg",
            size=5,
            etag="b1946ac92492d2347c6235b4d2611184",
            version="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
            message_id="m1",
        )
    ]


def test_a_message_of_reconcile_has_a_raw_key_and_its_run() -> None:
    """It has no size: a listing has shown the object, so it is no folder."""
    (upload,) = read_message(message(body=FROM_RECONCILE))
    assert (upload.bucket, upload.key) == ("pictures", "originals/a+b%20c.jpg")
    assert (upload.run, upload.created) == ("20261128T120000", False)


@pytest.mark.parametrize(
    ("name", "created"),
    [
        ("ObjectCreated:Put", True),
        ("ObjectCreated:CompleteMultipartUpload", True),
        ("ObjectRemoved:Delete", False),
        ("ObjectRemoved:DeleteMarkerCreated", False),
        ("LifecycleExpiration:DeleteMarkerCreated", False),
    ],
)
def test_a_creation_is_told_from_a_removal(name: str, created: bool) -> None:
    """After a creation a missing original may still come; after a removal it is gone."""
    body = {"Records": [record("originals/a.png", b"x") | {"eventName": name}]}
    assert [upload.created for upload in read_message(message(body=body))] == [created]


def test_a_removal_of_a_key_that_ends_in_a_slash_is_heard() -> None:
    """It has no size, so nobody knows whether it was a picture or a console's folder."""
    told = record("originals/a/", b"") | {"eventName": "ObjectRemoved:DeleteMarkerCreated"}
    del told["s3"]["object"]["size"]
    body = {"Records": [told, record("originals/folder/")]}
    assert [each.key for each in read_message(message(body=body))] == ["originals/a/"]


@pytest.mark.parametrize(("kind", "created"), [("Object Created", True), ("Object Deleted", False)])
def test_a_creation_is_told_from_a_removal_by_eventbridge_too(kind: str, created: bool) -> None:
    (upload,) = read_message(message(body=EVENTBRIDGE | {"detail-type": kind}))
    assert upload.created is created


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "[]",
        "null",
        "42",
        "[" * 100_000,
        "\ud800",
        json.dumps({"detail-type": "Object Created"}),
        json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": None}),
        json.dumps({"source": "thumbx.reconcile", "bucket": "b"}),
        json.dumps({"source": "thumbx.reconcile", "bucket": "b", "key": ""}),
        json.dumps({"Type": "Notification", "TopicArn": "t", "Message": "hello"}),
        json.dumps({"Records": [{"eventSource": "aws:sns"}]}),
        json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {}}}]}),
        json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "%FF"}}}]}),
        json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "\ud800"}}}]}),
    ],
)
def test_a_message_that_is_none_of_ours_is_refused_with_its_beginning(body: str) -> None:
    """No retry helps, and a person who reads the refused queue sees what it is."""
    with pytest.raises(RefusedError, match="message m1 is neither a notification of S3") as caught:
        read_message(message() | {"body": body})
    assert caught.value.reason == "unknown-message"
    assert caught.value.message.endswith(f"It begins: {body[:200]}")


@pytest.mark.parametrize("size", ["1e999", "-1e999", "-5", '"a"', "null", "[]", "1e9", "true"])
def test_a_size_that_makes_no_sense_harms_nobody(size: str) -> None:
    """The size is only used to plan memory; the read shows the real size."""
    body = json.dumps({"Records": [record("originals/a.png", b"x")]}).replace(
        '"size": 1', f'"size": {size}'
    )
    assert size in body
    (upload,) = read_message(message(body=body))
    assert upload.size >= 0


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def foreign_bodies(draw: st.DrawFn) -> str:
    """Text, JSON, and our own envelopes with one value anywhere replaced by another."""
    if draw(st.booleans()):
        return draw(st.text() | JSON_VALUES.map(json.dumps))
    body = copy.deepcopy(
        draw(st.sampled_from([S3_NOTIFICATION, SNS_ENVELOPE, EVENTBRIDGE, FROM_RECONCILE]))
    )
    place: Any = body
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and draw(st.booleans()):
            place = inner
            continue
        place[key] = draw(JSON_VALUES)
        return json.dumps(body)


@given(foreign_bodies())
@settings(max_examples=500, deadline=None)
def test_any_body_is_read_or_refused(body: str) -> None:
    """Any other error would fail the nine other messages of its batch."""
    try:
        uploads = read_message(message() | {"body": body})
    except RefusedError:
        return
    for upload in uploads:
        assert upload.bucket.encode()
        assert upload.key.encode()
        assert upload.size >= 0
