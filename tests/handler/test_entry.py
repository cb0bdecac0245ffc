"""The function as a whole: a batch in, thumbnails and outcomes out."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import billed_time
from handler.settings import read_settings
from tests.handler.conftest import (
    ENVIRONMENT,
    HEX,
    colour_of,
    message,
    picture,
    record,
    upload,
)
from tests.handler.fake_aws import BUCKET, OWNER, ROLE_ARN, AwsError, Call, FakeAws, etag

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handler.conftest import Container


def thumbnails(aws: FakeAws) -> dict[str, bytes]:
    return {key: body for key, body in aws.objects.items() if key.startswith("thumbnails/")}


def test_each_size_lands_below_the_thumbnails_prefix(container: Container, aws: FakeAws) -> None:
    """One prefix holds all thumbnails of an original, so that they can be found and listed."""
    assert container.invoke(upload(aws, "originals/2030/a b+ü.jpg", picture("blue"))) == []
    assert sorted(thumbnails(aws)) == [
        "thumbnails/2030/a b+ü.jpg/large.png",
        "thumbnails/2030/a b+ü.jpg/medium.png",
        "thumbnails/2030/a b+ü.jpg/small.png",
    ]
    assert {colour_of(body) for body in thumbnails(aws).values()} == {(0, 0, 255)}


def test_a_thumbnail_says_what_it_is_and_what_it_was_made_of(
    container: Container, aws: FakeAws
) -> None:
    """Without a content type browsers download it; the ETag finds thumbnails that are stale."""
    body = picture()
    container.invoke(upload(aws, "originals/a.png", body))
    headers = aws.headers["thumbnails/a.png/small.png"]
    assert headers["content-type"] == "image/png"
    assert headers["x-amz-meta-original-etag"] == etag(body).strip('"')


def test_every_call_to_the_bucket_names_its_owner(container: Container, aws: FakeAws) -> None:
    """If the bucket's name passed to another account, pictures would go to a stranger."""
    container.invoke(upload(aws, "originals/a.png", picture()))
    s3 = [call for call in aws.calls if call.operation != "AssumeRole"]
    assert [call.operation for call in s3] == ["GetObject", *["PutObject"] * 3, "HeadObject"]
    assert {call.headers["x-amz-expected-bucket-owner"] for call in s3} == {OWNER}


def test_the_bucket_is_touched_as_the_role_and_the_queue_as_the_function(
    container: Container, aws: FakeAws
) -> None:
    """Lambda's own keys are in the environment, and botocore would use them for both."""
    container.invoke(upload(aws, "originals/a.txt", b"no picture"))
    keys = {
        call.operation: call.headers.get("authorization", "").split("Credential=")[-1].split("/")[0]
        for call in aws.calls
    }
    assert keys["AssumeRole"] == keys["SendMessage"] == "ASIAFUNCTION"
    assert keys["GetObject"].startswith("ASIATHUMBX")


def test_the_role_is_assumed_for_an_hour_in_the_containers_name(
    container: Container, aws: FakeAws
) -> None:
    """Chained roles get no more than an hour; the name leads to the log stream."""
    container.invoke(upload(aws, "originals/a.png", picture()))
    (call,) = [call for call in aws.calls if call.operation == "AssumeRole"]
    assert call.parameters == {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": ROLE_ARN,
        "RoleSessionName": f"thumbx-20300102-{HEX}",
        "DurationSeconds": "3600",
    }


def test_s3s_test_event_is_done_without_a_call(container: Container, aws: FakeAws) -> None:
    """S3 sends one whenever the notification is set up; failing it would fill the dead letters."""
    body = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}
    assert container.invoke(message(body=body)) == []
    assert aws.calls == []


def test_all_records_of_a_message_are_processed(container: Container, aws: FakeAws) -> None:
    """S3 may put several uploads into one message."""
    keys = ["originals/a.png", "originals/b.png"]
    for key in keys:
        aws.put(key, picture())
    assert container.invoke(message(*[record(key) for key in keys])) == []
    assert len(thumbnails(aws)) == 6


def test_a_message_comes_again_if_one_of_its_records_failed(
    container: Container, aws: FakeAws
) -> None:
    """The queue knows only whole messages: if this one counted as done, the failed upload would
    be lost.
    """

    def deny(call: Call) -> None:
        if call.key == "originals/a.png":
            raise AwsError(403, "AccessDenied")

    aws.before = deny
    for key in ("originals/a.png", "originals/b.png"):
        aws.put(key, picture())
    assert container.invoke(message(record("originals/a.png"), record("originals/b.png"))) == ["m1"]
    assert len(thumbnails(aws)) == 3


@pytest.mark.parametrize(
    ("key", "body", "bucket", "reason"),
    [
        ("originals/a.jpg", b"no picture at all", BUCKET, "not-an-image"),
        ("originals/a.jpg", picture(), "somebody-elses", "other-bucket"),
        ("secrets/a.jpg", picture(), BUCKET, "outside-prefix"),
        ("thumbnails/a.jpg/small.png", picture(), BUCKET, "own-thumbnail"),
        ("originals/" + "ä" * 507, picture(), BUCKET, "key-too-long"),
    ],
)
def test_what_no_retry_can_help_goes_to_the_refused_queue(
    container: Container, aws: FakeAws, key: str, body: bytes, bucket: str, reason: str
) -> None:
    """Otherwise a bad upload would cause five retries, a dead letter and an alarm."""
    aws.put(key, body)
    assert container.invoke(message(record(key, body, bucket))) == []
    (refused,) = aws.refused
    assert refused.pop("message")
    assert refused == {
        "bucket": bucket,
        "key": key,
        "version": "v1",
        "etag": etag(body).strip('"'),
        "reason": reason,
        "message_id": "m1",
        "request_id": container.context.aws_request_id,
    }
    assert "PutObject" not in aws.operations()


@pytest.mark.parametrize(("more", "made"), [(0, 3), (1, 0)])
def test_a_key_may_be_as_long_as_its_thumbnails_keys_allow(
    container: Container, aws: FakeAws, more: int, made: int
) -> None:
    """S3 accepts 1,024 bytes: with one more a put fails, with one less a good picture is
    refused.
    """
    below = "a" * (1024 - len("thumbnails//medium.png") + more)
    assert container.invoke(upload(aws, f"originals/{below}", picture())) == []
    assert len(thumbnails(aws)) == made
    assert max(map(len, thumbnails(aws)), default=1024) == 1024
    assert len(aws.refused) == more


def test_an_original_above_the_limit_is_refused_unread(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """Reading it first would cost money, and it might not fit into memory."""
    container = start(MAX_BYTES="100")
    assert container.invoke(upload(aws, "originals/a.png", b"\0" * 101)) == []
    assert [refused["reason"] for refused in aws.refused] == ["too-large"]
    assert aws.unread == {"originals/a.png"}


def test_a_message_comes_again_if_its_refusal_cannot_be_told(
    container: Container, aws: FakeAws
) -> None:
    """A refusal that was not recorded would be an upload that vanished."""

    def unreachable(call: Call) -> None:
        if call.operation == "SendMessage":
            raise AwsError(403, "AccessDenied")

    aws.before = unreachable
    assert container.invoke(upload(aws, "originals/a.txt", b"no picture")) == ["m1"]


def test_an_original_that_is_gone_is_done(container: Container, aws: FakeAws) -> None:
    """There is nothing to make thumbnails of, and never will be."""
    event = message(record("originals/a.png"))
    event["attributes"]["ApproximateReceiveCount"] = "3"
    assert container.invoke(event) == []
    assert aws.refused == []


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDenied"), (404, "NoSuchBucket"), (500, "InternalError")]
)
def test_other_errors_of_s3_bring_the_message_again(
    container: Container, aws: FakeAws, status: int, code: str
) -> None:
    """A 403 or a missing bucket is a fault of the deployment and must not count as a deletion."""

    def broken(call: Call) -> None:
        if call.operation == "GetObject":
            raise AwsError(status, code)

    aws.before = broken
    assert container.invoke(upload(aws, "originals/a.png", picture())) == ["m1"]


def test_a_batch_in_which_all_fail_is_reported_and_not_raised(
    container: Container, aws: FakeAws
) -> None:
    """An exception would count as an error of the function, for a batch of one bad message."""

    def broken(call: Call) -> None:
        raise AwsError(403, "AccessDenied")

    aws.before = broken
    batch = [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(3)]
    assert sorted(container.invoke(*batch)) == ["m0", "m1", "m2"]


def test_one_bad_upload_harms_no_other(container: Container, aws: FakeAws) -> None:
    """The uploads of a batch are independent of each other."""

    def deny(call: Call) -> None:
        if call.key == "originals/denied.png":
            raise AwsError(403, "AccessDenied")

    aws.before = deny
    assert container.invoke(
        upload(aws, "originals/good.png", picture(), "good"),
        upload(aws, "originals/denied.png", picture(), "denied"),
        upload(aws, "originals/text.png", b"text", "text"),
        message(body="not JSON", message_id="strange"),
        upload(aws, "originals/also-good.png", picture(), "also-good"),
    ) == ["denied"]
    assert {key.split("/")[1] for key in thumbnails(aws)} == {"good.png", "also-good.png"}
    assert {refused["key"] for refused in aws.refused} == {"originals/text.png", None}


def test_the_function_takes_the_environment_of_its_benchmark() -> None:
    """A variable that becomes required would stop `make bench`, which no other test runs."""
    assert read_settings(billed_time.ENVIRONMENT).memory == 1769


def test_a_wrong_environment_stops_the_container_with_a_sentence() -> None:
    """An error at the first upload would come too late: the function is deployed, and no alarm
    rings.
    """
    environment = {**os.environ, **ENVIRONMENT, "QUALITY": "101"}
    del environment["BUCKET"]
    run = subprocess.run(
        [sys.executable, "-c", "import handler.entry"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "SettingsError: environment variable BUCKET is not set" in run.stderr
    assert "environment variable QUALITY is '101'; it must be a whole number" in run.stderr
