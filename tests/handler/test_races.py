"""Repeats and races: afterwards the newest thumbnails are there, or the message is back."""

from __future__ import annotations

import itertools
import json
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.filled import filled
from tests.handler.conftest import colour_of, message, picture, record, upload
from tests.handler.fake_aws import etag

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handler.conftest import Container
    from tests.handler.fake_aws import Call, FakeAws

KEY = "originals/a.png"
OLD, NEW, TEXT = picture("red"), picture("blue"), b"no picture"
COLOURS = {OLD: (255, 0, 0), NEW: (0, 0, 255)}

SIZES = ("large", "medium", "small")

# The calls of an undisturbed upload, in order; the three puts run at once.
STEPS = ("AssumeRole", "GetObject", "PutObject", "PutObject", "PutObject", "HeadObject")


def at_step(aws: FakeAws, step: int, act: Callable[[], object], container: str = "") -> None:
    """Run `act` once, just before this step of a container (0 is its first call)."""
    steps = itertools.count()

    def before(call: Call) -> None:
        if call.container == container and next(steps) == step:
            act()

    aws.before = before


def assert_newest(aws: FakeAws) -> None:
    """All three thumbnails are of the original that is there now, and nothing else is."""
    thumbnails = {key: body for key, body in aws.objects.items() if key != KEY}
    assert sorted(thumbnails) == [f"thumbnails/a.png/{size}.png" for size in SIZES]
    assert {colour_of(body) for body in thumbnails.values()} == {COLOURS[aws.objects[KEY]]}
    assert aws.refused == []


def each_step() -> pytest.MarkDecorator:
    names = [f"{number}-{operation}" for number, operation in enumerate(STEPS)]
    return pytest.mark.parametrize("step", range(len(STEPS)), ids=names)


@each_step()
def test_the_same_event_may_come_twice_at_once(
    start: Callable[..., Container], aws: FakeAws, step: int
) -> None:
    """SQS delivers at least once; the second may begin wherever the first is."""
    first, second = start("first"), start("second")
    event = upload(aws, KEY, NEW)
    again: list[list[str]] = []
    at_step(aws, step, lambda: again.append(second.invoke(event)), "first")
    assert first.invoke(event) == []
    assert again == [[]]
    assert_newest(aws)


def test_the_same_event_may_come_twice_in_one_batch(container: Container, aws: FakeAws) -> None:
    """Both write the same bytes to the same keys."""
    event = upload(aws, KEY, NEW)
    assert container.invoke(event, event | {"messageId": "m2"}) == []
    assert_newest(aws)


@each_step()
def test_a_newer_version_is_processed_while_the_older_waits(
    start: Callable[..., Container], aws: FakeAws, step: int
) -> None:
    """The older one must not go on to write what it read before."""
    first, second = start("first"), start("second")
    failed: list[list[str]] = []
    at_step(aws, step, lambda: failed.append(second.invoke(upload(aws, KEY, NEW, "new"))), "first")
    assert first.invoke(upload(aws, KEY, OLD, "old")) == []
    assert failed == [[]]
    assert aws.objects[KEY] == NEW
    assert_newest(aws)


@each_step()
def test_the_older_event_may_come_after_the_newer(
    start: Callable[..., Container], aws: FakeAws, step: int
) -> None:
    """S3 does not keep the order of notifications, nor does the queue."""
    first, second = start("first"), start("second")
    older, newer = upload(aws, KEY, OLD, "old"), upload(aws, KEY, NEW, "new")
    at_step(aws, step, lambda: second.invoke(older), "first")
    assert first.invoke(newer) == []
    assert_newest(aws)


@each_step()
def test_a_version_that_no_event_told_of_is_not_overlooked(
    container: Container, aws: FakeAws, step: int
) -> None:
    """The newer version's event may have been processed already, so a container must look for a
    newer version again after it has written.
    """
    at_step(aws, step, lambda: aws.put(KEY, NEW))
    assert container.invoke(upload(aws, KEY, OLD)) == []
    assert_newest(aws)


def test_who_has_written_finishes_though_time_is_up(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """If it were reported while its put hangs, the put could leave an old thumbnail after all
    messages are done.
    """
    first, second = start("first"), start("second")
    older = upload(aws, KEY, OLD, "old")
    failed: list[list[str]] = []

    def outlast_the_deadline() -> None:
        Event().wait(0.6)
        failed.append(second.invoke(upload(aws, KEY, NEW, "new"), older))

    at_step(aws, STEPS.index("PutObject"), outlast_the_deadline, "first")
    first.context.milliseconds = 1500  # of which a second is kept back
    assert first.invoke(older) == []
    assert failed == [[]]
    assert_newest(aws)


@pytest.mark.parametrize(
    ("replaced_by", "outcome", "etag_of", "format_"),
    [(None, "orphaned", OLD, "PNG"), (TEXT, "refused", TEXT, None)],
    ids=["deleted", "refused"],
)
def test_thumbnails_that_outlive_their_original_are_not_passed_over(
    container: Container,
    aws: FakeAws,
    lines: Callable[[], list[dict[str, Any]]],
    replaced_by: bytes | None,
    outcome: str,
    etag_of: bytes,
    format_: str | None,
) -> None:
    """The thumbnails were written, then the original was replaced, and is then gone or no
    picture: a log line must say so.
    """
    versions = iter((NEW, replaced_by))

    def replace(call: Call) -> None:
        if call.key == KEY and "PutObject" in aws.operations():  # the check, then the second get
            version = next(versions)
            aws.delete(KEY) if version is None else aws.put(KEY, version)

    aws.before = replace
    assert container.invoke(upload(aws, KEY, OLD)) == []
    thumbnails = [body for key, body in aws.objects.items() if key != KEY]
    assert [colour_of(body) for body in thumbnails] == [COLOURS[OLD]] * 3
    (line,) = lines()
    assert (line["outcome"], line["rounds"]) == (outcome, 2)
    assert (line["etag"], line.get("format")) == (etag(etag_of).strip('"'), format_)
    assert line.get("pixels") == (2400 if format_ else None)


class Turns:
    """Makes containers call AWS in exactly this order; after the order is used up, in any order."""

    def __init__(self, aws: FakeAws, order: list[str], upload_new: Callable[[], None]) -> None:
        self._order = order
        self._changed = Condition()
        self._upload_new = upload_new
        aws.before = self._begin
        aws.after = self._end
        self._skip_uploads()

    def _skip_uploads(self) -> None:
        while self._order and self._order[0] == "upload":
            self._order.pop(0)
            self._upload_new()

    def _begin(self, call: Call) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._may(call.container), timeout=10)

    def _may(self, container: str) -> bool:
        return not self._order or self._order[0] == container

    def _end(self, call: Call) -> None:
        with self._changed:
            if self._order:
                self._order.pop(0)
                self._skip_uploads()
            self._changed.notify_all()

    def left(self, container: str) -> None:
        """A container is through: its turns are no longer waited for."""
        with self._changed:
            self._order[:] = [name for name in self._order if name != container]
            self._skip_uploads()
            self._changed.notify_all()


def interleavings() -> list[list[str]]:
    """All orders of two sequences: the first container's first four calls; and the newer upload,
    followed by the second container's first three calls.
    """
    first, second = ["first"] * 4, ["upload", "second", "second", "second"]
    orders = []
    for places in itertools.combinations(range(8), 4):
        rest = iter(second)
        mine = iter(first)
        orders.append([next(mine) if place in places else next(rest) for place in range(8)])
    return orders


def together(
    containers: dict[str, Container], events: dict[str, dict[str, Any]], turns: Turns
) -> dict[str, list[str]]:
    """Give each container its event at the same time; return what each reports as failed."""
    failed: dict[str, list[str]] = {}

    def run(name: str) -> None:
        failed[name] = containers[name].invoke(events[name])
        turns.left(name)

    threads = [Thread(target=run, args=(name,)) for name in containers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_the_newest_wins_in_every_interleaving(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """Get, put and check of two containers, in each of their seventy orders."""
    one_size = json.dumps({"large": 48})
    containers = {name: start(name, SIZES=one_size) for name in ("first", "second")}
    for container in containers.values():
        container.entry.clients.sign_in()
    for order in filled(interleavings()):
        aws.objects.clear()
        aws.put(KEY, OLD)
        turns = Turns(aws, list(order), lambda: aws.put(KEY, NEW))
        events = {
            "first": message(record(KEY, OLD), message_id="old"),
            "second": message(record(KEY, NEW), message_id="new"),
        }
        assert together(containers, events, turns) == {"first": [], "second": []}, order
        assert colour_of(aws.objects["thumbnails/a.png/large.png"]) == COLOURS[NEW], order
