"""The uploads of a batch at once: what overlaps, what is bounded, and what happens at the end."""

from __future__ import annotations

import threading
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import pytest

import handler.pipeline
from tests.handler.conftest import message, picture, record, upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from handler.thumbs import Plan, Result
    from tests.handler.conftest import Container
    from tests.handler.fake_aws import Call, FakeAws

PATIENCE = 10  # seconds; what must happen at once happens in far less


def batch_of(aws: FakeAws, number: int) -> list[dict[str, Any]]:
    return [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(number)]


def join_uploads() -> None:
    """Wait for what a batch left behind."""
    for thread in threading.enumerate():
        if thread.name.startswith("upload"):
            thread.join(PATIENCE)


def test_ten_originals_are_read_at_once(container: Container, aws: FakeAws) -> None:
    """One after the other, a batch would be paid ten times for waiting."""
    meeting = Barrier(10)

    def meet(call: Call) -> None:
        if call.operation == "GetObject":
            meeting.wait(PATIENCE)

    aws.before = meet
    assert container.invoke(*batch_of(aws, 10)) == []


def test_the_thumbnails_of_a_picture_are_written_at_once(
    container: Container, aws: FakeAws
) -> None:
    """Three sizes take as long as one."""
    meeting = Barrier(3)

    def meet(call: Call) -> None:
        if call.operation == "PutObject":
            meeting.wait(PATIENCE)

    aws.before = meet
    assert container.invoke(*batch_of(aws, 1)) == []


def test_one_picture_is_written_while_another_is_read(container: Container, aws: FakeAws) -> None:
    """A batch whose reads all come first would wait for its slowest."""
    written = Event()

    def wait(call: Call) -> None:
        if call.operation == "PutObject":
            written.set()
        if call.key == "originals/0.png" and call.operation == "GetObject":
            assert written.wait(PATIENCE)

    aws.before = wait
    assert container.invoke(*batch_of(aws, 2)) == []


@pytest.mark.parametrize(("memory", "at_once"), [("512", 1), ("1769", 1), ("3538", 2)])
def test_no_more_pictures_are_decoded_at_once_than_there_are_vcpus(
    start: Callable[..., Container],
    aws: FakeAws,
    monkeypatch: pytest.MonkeyPatch,
    memory: str,
    at_once: int,
) -> None:
    """Ten of fifty megapixels would not fit; ten small ones would be no faster."""
    container = start(AWS_LAMBDA_FUNCTION_MEMORY_SIZE=memory)
    real, lock, counts = handler.pipeline.make_thumbnails, threading.Lock(), [0, 0]
    full = Barrier(at_once)

    def counted(data: bytes, plan: Plan) -> Result:
        with lock:
            counts[0] += 1
            counts[1] = max(counts)
        full.wait(PATIENCE)  # as many as may be at once do come together
        try:
            return real(data, plan)
        finally:
            with lock:
                counts[0] -= 1

    monkeypatch.setattr(handler.pipeline, "make_thumbnails", counted)
    assert container.invoke(*batch_of(aws, 10)) == []
    assert counts == [0, at_once]


def test_an_original_larger_than_its_notification_said_waits_for_its_room(
    container: Container, aws: FakeAws
) -> None:
    """It was replaced since: what was set aside for the smaller one does not hold it."""
    event = message(record("originals/a.png", b"tiny"))
    aws.put("originals/a.png", picture())
    assert container.invoke(event) == []
    assert aws.operations().count("GetObject") == 2
    assert len([key for key in aws.objects if key.startswith("thumbnails/")]) == 3


def test_a_slow_upload_does_not_take_the_others_with_it(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Ended by Lambda, the invocation would bring all ten again, and be as slow again."""
    slow, given_up, calls = Event(), Event(), []

    def wait(call: Call) -> None:
        calls.append(call)
        if call.key == "originals/0.png":
            slow.wait(PATIENCE)
            given_up.set()

    aws.before = wait
    container.context.milliseconds = 1500
    assert container.invoke(*batch_of(aws, 3)) == ["m0"]
    assert not given_up.is_set(), "the batch was reported only when the slow one had ended"
    assert {line["message_id"]: line["outcome"] for line in lines()} == {
        "m0": "failed",
        "m1": "done",
        "m2": "done",
    }
    slow.set()
    join_uploads()
    assert [call.operation for call in calls if "0.png" in call.key] == ["GetObject"]
    assert lines() == []


@pytest.mark.parametrize("body", [picture(), b"no picture"], ids=["written", "refused"])
def test_what_is_decoded_after_the_report_has_no_effect(
    container: Container, aws: FakeAws, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    """Thawed an hour later, it would land on the thumbnails of a newer original."""
    real, thawed = handler.pipeline.make_thumbnails, Event()

    def slow(data: bytes, plan: Plan) -> Result:
        thawed.wait(PATIENCE)
        return real(data, plan)

    monkeypatch.setattr(handler.pipeline, "make_thumbnails", slow)
    # The thread looked at the clock, and was frozen before it went on: no look could save it.
    monkeypatch.setattr("handler.turn.monotonic", lambda: 0.0)
    container.context.milliseconds = 1500
    assert container.invoke(upload(aws, "originals/0.png", body)) == ["m1"]
    thawed.set()
    join_uploads()
    assert aws.operations() == ["AssumeRole", "GetObject"]


def test_without_time_nothing_is_begun(container: Container, aws: FakeAws) -> None:
    """What is begun would be paid for, and done again."""
    container.context.milliseconds = 500
    assert sorted(container.invoke(*batch_of(aws, 2))) == ["m0", "m1"]
    assert "GetObject" not in aws.operations()


def test_more_records_than_threads_are_all_done(container: Container, aws: FakeAws) -> None:
    """One message may hold many records."""
    keys = [f"originals/{n}.png" for n in range(25)]
    for key in keys:
        aws.put(key, picture())
    assert container.invoke(message(*[record(key) for key in keys])) == []
    assert len([key for key in aws.objects if key.startswith("thumbnails/")]) == 75
