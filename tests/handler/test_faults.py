"""AWS failing at each step: afterwards the newest thumbnails are there, or the message is back."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from threading import Event, Semaphore
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import RefreshableCredentials

import handler.pipeline
from tests.handler.conftest import colour_of, message, picture, record, upload
from tests.handler.fake_aws import BUCKET, AwsError, Call, FakeAws

if TYPE_CHECKING:
    from collections.abc import Callable

    from handler.pictures.limits import Limits
    from handler.pictures.thumbs import Plan, Result
    from tests.handler.conftest import Container

KEY = "originals/a.png"
PUTS = ("large", "medium", "small")
PATIENCE = 10  # seconds; what must happen at once happens in far less
S3 = ("GetObject", "PutObject", "HeadObject")


def failing(operation: str, error: AwsError, times: int) -> Callable[[Call], None]:
    """Answer the first `times` calls of an operation with an error."""
    left = [times]

    def before(call: Call) -> None:
        if call.operation == operation and left[0]:
            left[0] -= 1
            raise error

    return before


def colours(aws: FakeAws) -> set[tuple[int, ...]]:
    return {colour_of(body) for key, body in aws.objects.items() if key != KEY}


def assert_done(aws: FakeAws, key: str = "a.png") -> None:
    thumbnails = [name for name in aws.objects if name.startswith(f"thumbnails/{key}/")]
    assert sorted(thumbnails) == [f"thumbnails/{key}/{size}.png" for size in PUTS]


@pytest.mark.parametrize(
    ("before", "outcome", "written"),
    [
        ("GetObject", "gone", 0),
        ("PutObject", "orphaned", 3),
        ("HeadObject", "orphaned", 3),
    ],
)
def test_an_original_may_be_deleted_at_any_step(
    container: Container,
    aws: FakeAws,
    lines: Callable[[], list[dict[str, Any]]],
    before: str,
    outcome: str,
    written: int,
) -> None:
    """Thumbnails of a deleted picture must be reported, because nobody would look for them."""

    def delete(call: Call) -> None:
        if call.operation == before and KEY in aws.objects:
            aws.delete(KEY)

    aws.before = delete
    event = upload(aws, KEY, picture())
    event["attributes"]["ApproximateReceiveCount"] = "3"
    assert container.invoke(event) == []
    assert len(aws.objects) == written
    assert [line["outcome"] for line in lines()] == [outcome]
    assert aws.refused == []


def test_a_put_that_fails_after_two_of_three_brings_the_message_again(
    container: Container, aws: FakeAws
) -> None:
    """Otherwise the third size would keep showing the old picture."""
    event = upload(aws, KEY, picture("red"))
    assert container.invoke(event) == []
    event = upload(aws, KEY, picture("blue"))

    def deny(call: Call) -> None:
        if call.key.endswith("/small.png"):
            raise AwsError(403, "AccessDenied")

    aws.before = deny
    assert container.invoke(event) == ["m1"]
    assert colours(aws) == {(0, 0, 255), (255, 0, 0)}
    aws.before = lambda _: None
    assert container.invoke(event) == []
    assert colours(aws) == {(0, 0, 255)}


def test_no_put_is_on_its_way_when_a_message_goes_back(container: Container, aws: FakeAws) -> None:
    """It could arrive after those of the next attempt, and leave an old thumbnail."""
    running = [0]

    def begin(call: Call) -> None:
        running[0] += call.operation == "PutObject"
        if call.key.endswith("/large.png"):
            raise AwsError(403, "AccessDenied")
        Event().wait(0.05)  # the others are slower than the one that fails

    def end(call: Call) -> None:
        running[0] -= call.operation == "PutObject"

    aws.before, aws.after = begin, end
    assert container.invoke(upload(aws, KEY, picture())) == ["m1"]
    assert running == [0]


def test_credentials_that_end_within_a_batch_are_renewed(
    container: Container, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first call is made when the hour ends and is refused: the container signs in again at
    once.
    """
    real, passed, decoded = handler.pipeline.make_thumbnails, Event(), itertools.count()
    read = Semaphore(0)

    def note(call: Call) -> None:
        if call.operation == "GetObject":
            read.release()

    def pass_an_hour(call: Call) -> None:
        if call.key.endswith("/large.png") and not passed.is_set():
            assert all(read.acquire(timeout=PATIENCE) for _ in batch)
            aws.now += timedelta(hours=1)
            passed.set()

    def after_the_first(data: bytes, plan: Plan, limits: Limits, **how: Any) -> Result:
        assert next(decoded) == 0 or passed.wait(PATIENCE)
        return real(data, plan, limits, **how)

    aws.before, aws.after = pass_an_hour, note
    monkeypatch.setattr(handler.pipeline, "make_thumbnails", after_the_first)
    batch = [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(4)]
    assert container.invoke(*batch) == []
    assert aws.operations().count("AssumeRole") == 2
    for n in range(4):
        assert_done(aws, f"{n}.png")


@pytest.mark.parametrize(
    "code", ["AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken"]
)
@pytest.mark.parametrize("operation", S3)
def test_credentials_that_are_revoked_are_dropped_and_the_call_is_made_again(
    container: Container,
    aws: FakeAws,
    operation: str,
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise revoking ThumbXRole's sessions would stop each warm container for an hour.

    Between STS's answer and the moment when the new credentials are stored, the other pictures of
    the batch must wait and not use the old ones.
    """
    container.entry.clients.sign_in()
    store = RefreshableCredentials._set_from_data

    def store_late(credentials: RefreshableCredentials, data: Any) -> None:
        time.sleep(0.05)
        store(credentials, data)

    monkeypatch.setattr(RefreshableCredentials, "_set_from_data", store_late)
    revoked = set(aws._expiries)
    status = 400 if code == "ExpiredToken" else 403

    def deny(call: Call) -> None:
        key = call.headers.get("authorization", "").split("Credential=")[-1].split("/")[0]
        if call.operation == operation and key in revoked:
            raise AwsError(status, code)

    aws.before = deny
    batch = [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(5)]
    assert container.invoke(*batch) == []
    assert aws.operations().count("AssumeRole") == 2


def test_what_is_denied_for_another_reason_asks_sts_once_a_minute(
    container: Container, aws: FakeAws
) -> None:
    """A bucket policy that denies everything would have every upload ask STS."""

    def deny(call: Call) -> None:
        if call.operation in S3:
            raise AwsError(403, "AccessDenied")

    aws.before = deny
    batch = [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(10)]
    for invocation in range(3):
        assert len(container.invoke(*batch)) == 10
        assert aws.operations().count("AssumeRole") == 2, invocation
    aws.now += timedelta(seconds=61)
    assert len(container.invoke(*batch)) == 10
    assert aws.operations().count("AssumeRole") == 3
    aws.before = lambda _: None
    assert container.invoke(*batch) == []


@pytest.mark.parametrize("cuts", [1, 2])
def test_a_body_that_breaks_off_is_read_again_at_once(
    container: Container, aws: FakeAws, cuts: int
) -> None:
    """Through the queue it would cost one of five tries and six minutes."""
    left = [cuts]
    whole = aws._object

    def cut(call: Call, request: Any) -> tuple[dict[str, str], bytes]:
        headers, body = whole(call, request)
        if call.operation == "GetObject" and left[0]:
            left[0] -= 1
            body = body[: len(body) // 2]
        return headers, body

    aws._object = cut
    assert container.invoke(upload(aws, KEY, picture())) == []
    assert aws.operations().count("GetObject") == cuts + 1
    assert_done(aws)


def test_a_body_that_breaks_off_on_and_on_brings_the_message_again(
    container: Container, aws: FakeAws
) -> None:
    """Half a picture must not be refused as truncated either, because the original is complete."""
    whole = aws._object

    def cut(call: Call, request: Any) -> tuple[dict[str, str], bytes]:
        headers, body = whole(call, request)
        return headers, body[:-1] if call.operation == "GetObject" else body

    aws._object = cut
    assert container.invoke(upload(aws, KEY, picture())) == ["m1"]
    assert aws.operations().count("GetObject") == 3
    assert aws.refused == []


def again(event: dict[str, Any], receives: int) -> dict[str, Any]:
    return event | {"attributes": {"ApproximateReceiveCount": str(receives)}}


@pytest.mark.parametrize(("receives", "failed"), [(1, ["m1"]), (2, ["m1"]), (3, []), (5, [])])
def test_an_upload_that_is_not_there_is_gone_at_its_third_receive(
    container: Container, aws: FakeAws, receives: int, failed: list[str]
) -> None:
    """For 15 minutes after versioning was first enabled S3 may answer 404 for a new object."""
    event = again(message(record(KEY, b"x")), receives)
    assert container.invoke(event) == failed
    assert aws.refused == []


@pytest.mark.parametrize(
    "body",
    [
        {"Records": [record(KEY, b"x") | {"eventName": "ObjectRemoved:DeleteMarkerCreated"}]},
        {"source": "thumbx.reconcile", "bucket": BUCKET, "key": KEY, "run": "r"},
    ],
    ids=["removed", "reconcile"],
)
def test_what_was_removed_or_listed_and_is_not_there_is_gone(
    container: Container, aws: FakeAws, body: dict[str, Any]
) -> None:
    """Three tries of each removal would fill the log with failures."""
    assert container.invoke(message(body=body)) == []


KMS_DENIED = (
    "User: arn:aws:sts::222222222222:assumed-role/ThumbXRole/s is not authorized to perform: "
    "kms:Decrypt on the resource associated with this ciphertext"
)


@pytest.mark.parametrize(
    ("status", "code", "says", "reason"),
    [
        (403, "InvalidObjectState", "not valid for the object's storage class", "archived"),
        (403, "AccessDenied", KMS_DENIED, "encrypted"),
        (400, "KMS.NotFoundException", "Key does not exist", "encrypted"),
        (400, "InvalidRequest", "stored using a form of Server Side Encryption", "encrypted"),
        (400, "KeyTooLongError", "Your key is too long", "key-too-long"),
    ],
)
def test_an_original_that_can_never_be_read_is_refused(
    container: Container, aws: FakeAws, status: int, code: str, says: str, reason: str
) -> None:
    """Five tries, a dead letter and an alarm help nobody."""
    aws.before = failing("GetObject", AwsError(status, code, says), 10)
    assert container.invoke(upload(aws, KEY, picture())) == []
    (refused,) = aws.refused
    assert refused["reason"] == reason
    assert says in refused["message"]


@pytest.mark.parametrize(
    "code", ["KMS.DisabledException", "KMS.KMSInvalidStateException", "NoSuchBucket", "Strange"]
)
def test_what_somebody_may_mend_is_a_failure(container: Container, aws: FakeAws, code: str) -> None:
    """The dead-letter queue keeps it, and raises the alarm."""
    aws.before = failing("GetObject", AwsError(400, code), 10)
    assert container.invoke(upload(aws, KEY, picture())) == ["m1"]
    assert aws.refused == []


def test_sts_that_never_answers_does_not_outlive_the_invocation(
    container: Container, aws: FakeAws
) -> None:
    """Its four attempts may take longer than the timeout, and the batch would not be reported."""
    hung = Event()

    def hang(call: Call) -> None:
        if call.operation == "AssumeRole":
            hung.wait(PATIENCE)

    aws.before = hang
    container.context.milliseconds = 1300
    assert container.invoke(upload(aws, KEY, picture())) == ["m1"]
    assert not hung.is_set()
    hung.set()


def test_sts_may_throttle_for_a_moment(container: Container, aws: FakeAws) -> None:
    """Many containers that start at once ask at once."""
    aws.before = failing("AssumeRole", AwsError(400, "Throttling"), 3)
    assert container.invoke(upload(aws, KEY, picture())) == []
    assert_done(aws)


def test_sts_that_throttles_on_is_asked_for_the_batch_and_not_for_each_upload(
    container: Container, aws: FakeAws
) -> None:
    """Ten threads that each try four times would keep it throttling."""
    attempts = [0]

    def throttle(call: Call) -> None:
        if call.operation == "AssumeRole":
            attempts[0] += 1
            raise AwsError(400, "Throttling")

    aws.before = throttle
    batch = [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(10)]
    assert sorted(container.invoke(*batch)) == [f"m{n}" for n in range(10)]
    assert attempts == [4]
    aws.before = lambda _: None
    assert container.invoke(*batch) == []


@pytest.mark.parametrize("operation", S3)
def test_s3_may_ask_to_slow_down_for_a_moment(
    container: Container, aws: FakeAws, operation: str
) -> None:
    """botocore tries again within seconds; the queue would take minutes."""
    aws.before = failing(operation, AwsError(503, "SlowDown"), 3)
    assert container.invoke(upload(aws, KEY, picture())) == []
    assert_done(aws)


@pytest.mark.parametrize("operation", S3)
def test_s3_that_keeps_asking_to_slow_down_brings_the_message_again(
    container: Container, aws: FakeAws, operation: str
) -> None:
    """Waiting longer in the function would cost money."""
    aws.before = failing(operation, AwsError(503, "SlowDown"), 1_000)
    event = upload(aws, KEY, picture())
    assert container.invoke(event) == ["m1"]
    aws.before = lambda _: None
    assert container.invoke(event) == []
    assert_done(aws)


def test_an_original_that_never_stands_still_brings_the_message_again(
    container: Container, aws: FakeAws
) -> None:
    """Otherwise one key would hold the container until Lambda ends it."""
    versions = iter(range(1, 100))

    def replace(call: Call) -> None:
        if call.operation == "HeadObject":
            aws.put(KEY, picture(size=(60, next(versions))))

    aws.before = replace
    assert container.invoke(upload(aws, KEY, picture())) == ["m1"]
    assert aws.operations().count("GetObject") == 5
