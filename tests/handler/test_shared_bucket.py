"""An existing bucket: whatever else lies in it, and the thumbnails beside it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from tests.handler.conftest import message, picture, record, upload
from tests.handler.fake_aws import BUCKET
from tests.handler.test_report import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handler.conftest import Container
    from tests.handler.fake_aws import FakeAws

WHOLE = {"SHARED_BUCKET": "true", "ORIGINALS_PREFIX": ""}
STRANGE = {
    "an inventory": gzip.compress(b'"bucket","key","12"\n' * 100),
    "a log": b"79a59df9 bucket [28/Nov/2026:14:00:00 +0000] 192.0.2.3 REST.PUT.OBJECT\n",
    "a table": b"PAR1" + bytes(range(256)),
    "a folder's marker": b"",
    "a film": b"\0\0\0\x20ftypisom" + bytes(40),
}


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_no_picture_is_counted_apart_and_nobody_is_told(
    name: str,
    start: Callable[..., Container],
    aws: FakeAws,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An inventory a day would else fill the refused queue and ring its alarm every hour."""
    assert start(**WHOLE).invoke(upload(aws, "reports/2026/part-1", STRANGE[name])) == []
    found = metrics(capsys)
    assert found["NoPictures"] == [1]
    assert "Refused" not in found
    assert aws.refused == []
    assert "PutObject" not in aws.operations()


def test_a_large_file_is_no_picture_by_its_beginning(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """It is not read, and its size alone says nothing of what it is."""
    container = start(**WHOLE, MAX_BYTES="100")
    container.invoke(
        upload(aws, "dump.gz", gzip.compress(bytes(range(256)) * 9), "m1"),
        upload(aws, "large.png", picture(size=(400, 300)), "m2"),
    )
    assert [each["reason"] for each in aws.refused] == ["too-large"]
    assert aws.refused[0]["key"] == "large.png"


def test_a_picture_of_a_kind_that_is_not_taken_is_still_refused(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """Its uploader expects a thumbnail."""
    start(**WHOLE).invoke(upload(aws, "raw/1.raf", b"FUJIFILMCCD-RAW" + bytes(40)))
    assert [each["reason"] for each in aws.refused] == ["unsupported"]


def test_in_a_bucket_of_our_own_the_same_is_refused(container: Container, aws: FakeAws) -> None:
    container.invoke(upload(aws, "originals/a.csv", STRANGE["an inventory"]))
    assert [each["reason"] for each in aws.refused] == ["not-an-image"]


def test_thumbnails_of_the_whole_bucket_lie_below_their_prefix(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    assert start(**WHOLE).invoke(upload(aws, "2026/boat.png", picture())) == []
    made = {key for key in aws.objects if key.startswith("thumbnails/")}
    assert made == {f"thumbnails/2026/boat.png/{name}.png" for name in ("small", "medium", "large")}


@pytest.mark.parametrize("by", ["S3", "EventBridge", "reconcile"])
def test_the_handler_makes_no_thumbnail_of_a_thumbnail(
    by: str, start: Callable[..., Container], aws: FakeAws
) -> None:
    """With a rule that lets thumbnails through, and a role that may read them: without this guard
    each thumbnail has three of its own, without end."""
    key, body = "thumbnails/a.png/small.png", picture()
    aws.put(key, body)
    event: dict[str, dict[str, Any]] = {
        "S3": message(record(key, body)),
        "EventBridge": message(
            body={
                "source": "aws.s3",
                "detail-type": "Object Created",
                "detail": {"bucket": {"name": BUCKET}, "object": {"key": key, "size": 9}},
            }
        ),
        "reconcile": message(
            body={"source": "thumbx.reconcile", "bucket": BUCKET, "key": key, "run": "r"}
        ),
    }
    start(**WHOLE).invoke(event[by])
    assert [each["reason"] for each in aws.refused] == ["own-thumbnail"]
    assert not {"GetObject", "PutObject"} & set(aws.operations())
