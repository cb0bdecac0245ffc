"""AWS failing at each step: afterwards the newest thumbnails are there, or the message is back."""

from __future__ import annotations

import itertools
from datetime import timedelta
from threading import Event, Semaphore
from typing import TYPE_CHECKING, Any

import pytest

import handler.pipeline
from tests.handler.conftest import colour_of, picture, upload
from tests.handler.fake_aws import AwsError, Call, FakeAws

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
    """Answer the first so many calls of an operation with an error."""
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
    """Thumbnails of a deleted picture are not passed over: nobody would look for them."""

    def delete(call: Call) -> None:
        if call.operation == before and KEY in aws.objects:
            aws.delete(KEY)

    aws.before = delete
    assert container.invoke(upload(aws, KEY, picture())) == []
    assert len(aws.objects) == written
    assert [line["outcome"] for line in lines()] == [outcome]
    assert aws.refused == []


def test_a_put_that_fails_after_two_of_three_brings_the_message_again(
    container: Container, aws: FakeAws
) -> None:
    """The third would keep showing the old picture."""
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
    """The first is written as the hour passes and is turned down; those behind notice nothing."""
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

    def after_the_first(data: bytes, plan: Plan, limits: Limits) -> Result:
        assert next(decoded) == 0 or passed.wait(PATIENCE)
        return real(data, plan, limits)

    aws.before, aws.after = pass_an_hour, note
    monkeypatch.setattr(handler.pipeline, "make_thumbnails", after_the_first)
    batch = [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(4)]
    assert len(container.invoke(*batch)) == 1
    assert aws.operations().count("AssumeRole") == 2
    assert container.invoke(*batch) == []
    for n in range(4):
        assert_done(aws, f"{n}.png")


@pytest.mark.parametrize("operation", S3)
def test_credentials_that_are_revoked_bring_the_message_again(
    container: Container, aws: FakeAws, operation: str
) -> None:
    """Asking STS on and on would not help, and hide it."""
    aws.before = failing(operation, AwsError(400, "ExpiredToken"), 1)
    event = upload(aws, KEY, picture())
    assert container.invoke(event) == ["m1"]
    assert container.invoke(event) == []
    assert_done(aws)


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
    """Waiting on in the function would be paid for."""
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
