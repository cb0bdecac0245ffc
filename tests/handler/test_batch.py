"""The uploads of a batch in parallel: what overlaps, and what is limited."""

from __future__ import annotations

import threading
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import pytest

import handler.pipeline
from tests.handler.conftest import batch_of, message, picture, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from handler.pictures.limits import Limits
    from handler.pictures.thumbs import Plan, Result
    from tests.handler.conftest import Container
    from tests.handler.fake_aws import Call, FakeAws

PATIENCE = 10  # seconds; what must happen at once happens in far less


def test_ten_originals_are_read_at_once(container: Container, aws: FakeAws) -> None:
    """If they were read one after the other, a batch would be billed for ten times the waiting."""
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

    def counted(data: bytes, plan: Plan, limits: Limits, **how: Any) -> Result:
        with lock:
            counts[0] += 1
            counts[1] = max(counts)
        full.wait(PATIENCE)  # waits until the allowed number runs at the same time
        try:
            return real(data, plan, limits, **how)
        finally:
            with lock:
                counts[0] -= 1

    monkeypatch.setattr(handler.pipeline, "make_thumbnails", counted)
    assert container.invoke(*batch_of(aws, 10)) == []
    assert counts == [0, at_once]


def test_no_more_originals_are_held_at_once_than_fit(
    start: Callable[..., Container], aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten of the largest originals, read or waiting for a vCPU, would take twice the function's
    memory.
    """
    container = start(AWS_LAMBDA_FUNCTION_MEMORY_SIZE="128")  # originals get 16 MB of it
    real, held, most = handler.pipeline.make_thumbnails, [], []

    def read(call: Call) -> None:
        if call.operation == "GetObject":
            held.append(call.key)
            Event().wait(0.02)  # time for other originals to be read

    def counted(data: bytes, plan: Plan, limits: Limits, **how: Any) -> Result:
        most.append(len(held))
        try:
            return real(data, plan, limits, **how)
        finally:
            held.pop()

    monkeypatch.setattr(handler.pipeline, "make_thumbnails", counted)
    aws.before = read
    batch = []
    for number in range(6):
        told = record(f"originals/{number}.png")
        told["s3"]["object"]["size"] = 8 * 2**20
        aws.put(f"originals/{number}.png", picture())
        batch.append(message(told, message_id=f"m{number}"))
    assert container.invoke(*batch) == []
    assert max(most) == 2


def test_an_original_larger_than_its_notification_said_waits_for_its_room(
    container: Container, aws: FakeAws
) -> None:
    """The original was replaced since the notification: the memory that was reserved for the
    smaller one is not enough.
    """
    event = message(record("originals/a.png", b"tiny"))
    aws.put("originals/a.png", picture())
    assert container.invoke(event) == []
    assert aws.operations().count("GetObject") == 2
    assert len([key for key in aws.objects if key.startswith("thumbnails/")]) == 3


def test_more_records_than_threads_are_all_done(container: Container, aws: FakeAws) -> None:
    """One message may hold many records."""
    keys = [f"originals/{n}.png" for n in range(25)]
    for key in keys:
        aws.put(key, picture())
    assert container.invoke(message(*[record(key) for key in keys])) == []
    assert len([key for key in aws.objects if key.startswith("thumbnails/")]) == 75
