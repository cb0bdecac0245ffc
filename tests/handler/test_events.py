"""Messages as S3 writes them, and as it never would."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handler.events import Upload, read_message
from handler.pictures.errors import FailedError
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
    """People find the upload by what the refused queue and the log repeat of this."""
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
    """Undecoded, a key with a space is 404 and passes for deleted: an upload lost in silence."""
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
    """At five the message dies: the log should show the count go up."""
    again = message(record("originals/a.png"))
    again["attributes"]["ApproximateReceiveCount"] = "4"
    assert [upload.receives for upload in read_message(again)] == [4]


def test_the_test_event_holds_no_upload() -> None:
    """It has no Records at all."""
    body = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "RequestId": "r"}
    assert read_message(message(body=body)) == []


def test_an_empty_folder_is_no_upload() -> None:
    """The console puts an empty object to show one; refusing it would be noise."""
    assert read_message(message(record("originals/holiday/"))) == []


def test_a_picture_whose_key_ends_in_a_slash_is_an_upload() -> None:
    """S3 allows it: only what is empty is a folder."""
    assert len(read_message(message(record("originals/odd/", b"picture")))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not JSON",
        "[]",
        "null",
        "42",
        json.dumps({"detail-type": "Object Created"}),
        json.dumps({"Records": [{"eventSource": "aws:sns"}]}),
        json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {}}}]}),
        json.dumps({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "%FF"}}}]}),
    ],
)
def test_a_message_that_is_no_notification_fails(body: str) -> None:
    """It is a fault of the deployment: the dead letters keep it whole, and raise an alarm."""
    with pytest.raises(FailedError, match="message m1 is no S3 notification"):
        read_message(message() | {"body": body})
