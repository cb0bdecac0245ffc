"""An original is removed: what is there now decides what becomes of its thumbnails."""

from __future__ import annotations

import json
import threading
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from handler.folder import is_thumbnail
from tests.filled import filled
from tests.handler.conftest import colour_of, message, record, upload
from tests.handler.fake_aws import AwsError, Call, FakeAws
from tests.handler.test_races import (
    COLOURS,
    KEY,
    NEW,
    OLD,
    SIZES,
    Turns,
    at_step,
    interleavings,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handler.conftest import Container

FOLDER = "thumbnails/a.png/"
# The calls for an original that is gone and had three thumbnails; the three deletes run at once.
STEPS = (
    *("AssumeRole", "GetObject", "ListObjectsV2"),
    *("DeleteObject", "DeleteObject", "DeleteObject", "HeadObject"),
)


@pytest.fixture
def following(start: Callable[..., Container]) -> Container:
    return start(REMOVALS="follow")


def removed(key: str = KEY, message_id: str = "gone") -> dict[str, Any]:
    """S3's message of a marker that hides an original; it has neither size nor ETag."""
    told = record(key) | {"eventName": "ObjectRemoved:DeleteMarkerCreated"}
    del told["s3"]["object"]["size"], told["s3"]["object"]["eTag"]
    return message(told, message_id=message_id)


def thumbnails(aws: FakeAws, folder: str = FOLDER) -> dict[str, bytes]:
    return {key: body for key, body in aws.objects.items() if key.startswith(folder)}


def with_thumbnails(container: Container, aws: FakeAws, key: str = KEY, body: bytes = OLD) -> None:
    """An original whose thumbnails were made."""
    assert container.invoke(upload(aws, key, body)) == []


def test_a_deleted_original_takes_its_thumbnails_along(
    following: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    with_thumbnails(following, aws)
    aws.delete(KEY)
    lines()
    assert following.invoke(removed()) == []
    assert aws.objects == {}
    (line,) = lines()
    assert (line["outcome"], line["removed"], line["level"]) == ("removed", 3, "INFO")
    assert aws.refused == []


def test_thumbnails_stay_by_default_and_the_log_says_so(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """ThumbXRole may neither list nor delete them, so no such call is made."""
    with_thumbnails(container, aws)
    aws.delete(KEY)
    aws.calls.clear()
    lines()
    assert container.invoke(removed()) == []
    assert len(thumbnails(aws)) == 3
    (line,) = lines()
    assert line["outcome"] == "gone"
    assert line["note"] == (
        "its thumbnails stay, if it had any, because thumbx:thumbnails.removals is keep"
    )
    assert aws.operations() == ["GetObject"]


@pytest.mark.parametrize("removals", ["keep", "follow"])
def test_an_older_version_that_comes_to_light_gets_its_thumbnails(
    start: Callable[..., Container],
    aws: FakeAws,
    lines: Callable[[], list[dict[str, Any]]],
    removals: str,
) -> None:
    """Somebody deletes the newest version; S3 then answers with the one before."""
    container = start(REMOVALS=removals)
    with_thumbnails(container, aws, body=NEW)
    aws.put(KEY, OLD)
    told = record(KEY) | {"eventName": "ObjectRemoved:Delete"}
    lines()
    assert container.invoke(message(told)) == []
    assert {colour_of(body) for body in thumbnails(aws).values()} == {COLOURS[OLD]}
    (line,) = lines()
    assert (line["outcome"], line.get("note")) == ("done", None)


def test_only_its_own_thumbnails_are_deleted(following: Container, aws: FakeAws) -> None:
    """An original `a` and an original `a/b.jpg` may both exist, and `a!` and `ab` beside them."""
    others = ["originals/a/b.jpg", "originals/a!", "originals/ab", "originals/a/small.png"]
    for key in ["originals/a", *others]:
        with_thumbnails(following, aws, key)
    aws.delete("originals/a")
    foreign = ["thumbnails/a/readme.txt", "thumbnails/a/small.png.bak", "thumbnails/a/.png"]
    for key in foreign:
        aws.put(key, b"of somebody else")
    aws.put("thumbnails/a/of-old.webp", b"of a size and format configured before")
    assert following.invoke(removed("originals/a")) == []
    left = {key.removeprefix("thumbnails/") for key in thumbnails(aws, "thumbnails/")}
    assert left == {
        *(f"{key.removeprefix('originals/')}/{size}.png" for key in others for size in SIZES),
        *(key.removeprefix("thumbnails/") for key in foreign),
    }


def test_every_page_of_a_folder_is_seen(following: Container, aws: FakeAws) -> None:
    """Originals below a key of the same name share its folder and may fill the first pages."""
    aws.page = 2
    with_thumbnails(following, aws, "originals/a")
    for number in filled(list(range(7))):
        aws.put(f"thumbnails/a/{number}.jpg/small.png", b"of another original")
    aws.delete("originals/a")
    assert following.invoke(removed("originals/a")) == []
    assert len(thumbnails(aws)) == 0
    assert len(thumbnails(aws, "thumbnails/a/")) == 7


@pytest.mark.parametrize("step", range(len(STEPS)), ids=[f"{n}-{s}" for n, s in enumerate(STEPS)])
@pytest.mark.parametrize("made_by", ["nobody yet", "another container"])
def test_an_upload_while_its_thumbnails_are_deleted_has_them_in_the_end(
    start: Callable[..., Container], aws: FakeAws, step: int, made_by: str
) -> None:
    """Delete, check again, make: the upload's own message may be done before the deletions."""
    first, second = start("first", REMOVALS="follow"), start("second", REMOVALS="follow")
    with_thumbnails(second, aws)
    aws.delete(KEY)
    failed: list[list[str]] = []

    def upload_again() -> None:
        event = upload(aws, KEY, NEW, "new")
        failed.append(second.invoke(event) if made_by == "another container" else [])

    at_step(aws, step, upload_again, "first")
    assert first.invoke(removed()) == []
    assert failed == [[]]
    made = thumbnails(aws)
    assert sorted(made) == [f"{FOLDER}{size}.png" for size in SIZES]
    assert {colour_of(body) for body in made.values()} == {COLOURS[NEW]}


@pytest.mark.parametrize("before", ["GetObject", "PutObject", "HeadObject"])
def test_an_original_deleted_at_any_step_leaves_no_thumbnails(
    following: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]], before: str
) -> None:
    """The container that has just written them deletes them again, because the message of the
    removal may be done already.
    """

    def delete(call: Call) -> None:
        if call.operation == before and KEY in aws.objects:
            aws.delete(KEY)

    aws.before = delete
    event = upload(aws, KEY, OLD)
    event["attributes"]["ApproximateReceiveCount"] = "3"
    assert following.invoke(event) == []
    assert aws.objects == {}
    outcome = "gone" if before == "GetObject" else "removed"
    assert [line["outcome"] for line in lines()] == [outcome]


def test_a_creation_whose_original_is_not_there_yet_deletes_nothing(
    following: Container, aws: FakeAws
) -> None:
    """For minutes after versioning was first enabled S3 may answer 404 for what is there."""
    with_thumbnails(following, aws)
    body = aws.objects.pop(KEY)
    assert following.invoke(message(record(KEY, body))) == ["m1"]
    assert len(thumbnails(aws)) == 3


def test_a_delete_that_fails_brings_the_message_again(following: Container, aws: FakeAws) -> None:
    """The others may be gone by then; the second time finishes."""
    with_thumbnails(following, aws)
    aws.delete(KEY)

    def deny(call: Call) -> None:
        if call.operation == "DeleteObject" and call.key.endswith("/small.png"):
            raise AwsError(403, "AccessDenied")

    aws.before = deny
    assert following.invoke(removed()) == ["gone"]
    assert list(thumbnails(aws)) == [f"{FOLDER}small.png"]
    aws.before = lambda _: None
    assert following.invoke(removed()) == []
    assert aws.objects == {}


def test_nothing_is_deleted_after_the_time_of_an_invocation(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """A container that thaws an hour later would delete the thumbnails of a newer original."""
    following = start("late", REMOVALS="follow")
    with_thumbnails(following, aws)
    aws.delete(KEY)
    following.context.milliseconds = 1200  # of which a second is kept back

    def late(call: Call) -> None:
        if call.operation == "ListObjectsV2":
            ended.wait(5)

    ended = Event()
    aws.before = late
    assert following.invoke(removed()) == ["gone"]
    ended.set()
    for thread in threading.enumerate():
        if thread.name.startswith("upload"):
            thread.join(10)
    assert "DeleteObject" not in aws.operations()
    assert len(thumbnails(aws)) == 3


def test_a_folder_of_the_console_is_no_original(following: Container, aws: FakeAws) -> None:
    """A version of it that becomes current gets no thumbnails and no refusal."""
    with_thumbnails(following, aws, "originals/a/")
    aws.put("originals/a/", b"")
    assert following.invoke(removed("originals/a/")) == []
    assert list(aws.objects) == ["originals/a/"]
    assert aws.refused == []


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *(("small.jpg", True), ("A_b-9.avif", True), ("small.png", True), ("small.webp", True)),
        *(("small.gif", False), (".jpg", False), ("a.b.jpg", False), ("small.jpg.bak", False)),
        *(("small.JPG", False), ("sm all.jpg", False), ("sm\u00e4ll.jpg", False), ("", False)),
        ("small.jpg\n", False),
    ],
)
def test_a_thumbnail_has_a_sizes_name_and_a_formats_extension(name: str, *, ours: bool) -> None:
    """Whatever else lies in the folder is somebody else's, on an existing bucket."""
    assert is_thumbnail(name) is ours


def test_a_removal_and_an_upload_end_right_in_every_interleaving(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """Get, list, delete and check of one container, get, put and check of the other, in every order
    in which the first does not see the new original at once."""
    options = {"SIZES": json.dumps({"large": 48}), "REMOVALS": "follow"}
    containers = {name: start(name, **options) for name in ("first", "second")}
    for container in containers.values():
        container.entry.clients.sign_in()
    for order in filled([each for each in interleavings() if each[0] == "first"]):
        aws.before = aws.after = lambda _: None
        with_thumbnails(containers["first"], aws)
        aws.delete(KEY)
        turns = Turns(aws, list(order), lambda: aws.put(KEY, NEW))
        events = {"first": removed(), "second": message(record(KEY, NEW), message_id="new")}
        assert together(containers, events, turns) == {"first": [], "second": []}, order
        assert colour_of(aws.objects[f"{FOLDER}large.png"]) == COLOURS[NEW], order


def test_the_order_of_a_removal_and_an_upload_does_not_matter(
    start: Callable[..., Container], aws: FakeAws
) -> None:
    """Both messages in one batch, in either order, and once more each."""
    container = start("both", REMOVALS="follow", SIZES=json.dumps({"large": 48}))
    for order in filled([("gone", "new"), ("new", "gone"), ("new", "gone", "new", "gone")]):
        with_thumbnails(container, aws)
        aws.delete(KEY)
        told = {"gone": removed(), "new": upload(aws, KEY, NEW, "new")}
        batch = [told[name] | {"messageId": f"{n}"} for n, name in enumerate(order)]
        assert container.invoke(*batch) == []
        assert {colour_of(body) for body in thumbnails(aws).values()} == {COLOURS[NEW]}
