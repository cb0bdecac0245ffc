"""When time is up: what is reported, what is left behind, and what that may still do."""

from __future__ import annotations

import sys
import threading
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

import pytest

import handler.pipeline
from tests.handler.conftest import batch_of, picture, upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handler.pictures.limits import Limits
    from handler.pictures.thumbs import Plan, Result
    from tests.handler.conftest import Container
    from tests.handler.fake_aws import Call, FakeAws

PATIENCE = 10  # seconds; what must happen at once happens in far less


def join_uploads() -> None:
    """Wait for what a batch left behind."""
    for thread in threading.enumerate():
        if thread.name.startswith("upload"):
            thread.join(PATIENCE)


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """While this is not set, every picture is decoded on and on."""
    real, goes_on = handler.pipeline.make_thumbnails, Event()

    def slow(data: bytes, plan: Plan, limits: Limits, **how: Any) -> Result:
        goes_on.wait(PATIENCE)
        return real(data, plan, limits, **how)

    monkeypatch.setattr(handler.pipeline, "make_thumbnails", slow)
    yield goes_on
    goes_on.set()
    join_uploads()


def test_a_slow_upload_does_not_take_the_others_with_it(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """If Lambda ended the invocation, all ten would be delivered again, and be just as slow."""
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
    container: Container,
    aws: FakeAws,
    decodes: Event,
    monkeypatch: pytest.MonkeyPatch,
    body: bytes,
) -> None:
    """If the thread continued an hour later, it would overwrite the thumbnails of a newer
    original.
    """
    # The thread read the clock and was frozen before it continued, so reading the clock cannot
    # prevent this.
    monkeypatch.setattr("handler.commit_guard.monotonic", lambda: 0.0)
    container.context.milliseconds = 1500
    assert container.invoke(upload(aws, "originals/0.png", body)) == ["m1"]
    decodes.set()
    join_uploads()
    assert aws.operations() == ["AssumeRole", "GetObject"]


def test_a_picture_of_the_batch_before_may_end_in_its_own_time(
    container: Container, aws: FakeAws, decodes: Event
) -> None:
    """The deadline came in the middle of decoding; nothing is wrong with the container."""
    container.context.milliseconds = 1500
    assert container.invoke(*batch_of(aws, 1)) == ["m0"]
    container.context.milliseconds = 60_000
    Timer(0.1, decodes.set).start()
    assert container.invoke(*batch_of(aws, 3)) == []


def test_a_picture_that_is_decoded_on_and_on_ends_the_container(
    container: Container,
    aws: FakeAws,
    decodes: Event,
    lines: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would keep the vCPU, and each later batch would fail for lack of time."""
    container.context.milliseconds = 1500
    assert container.invoke(*batch_of(aws, 1)) == ["m0"]
    monkeypatch.setattr("handler.batch.PATIENCE", 0.05)
    monkeypatch.setattr("os._exit", sys.exit)
    with pytest.raises(SystemExit, match="1"):
        container.invoke(*batch_of(aws, 3))
    assert aws.operations() == ["AssumeRole", "GetObject"], "of the first batch"
    failed, end = lines()
    assert (failed["message"], failed["outcome"]) == ("upload", "failed")
    assert (end["level"], end["message"]) == ("CRITICAL", "end")
    assert end["error"].startswith("a picture of an earlier batch is still being decoded")


def test_without_time_nothing_is_begun(container: Container, aws: FakeAws) -> None:
    """AWS would bill the work that is begun, and the next invocation would do it again."""
    container.context.milliseconds = 500
    assert sorted(container.invoke(*batch_of(aws, 2))) == ["m0", "m1"]
    assert "GetObject" not in aws.operations()
