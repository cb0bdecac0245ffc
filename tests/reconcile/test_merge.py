"""Which thumbnails belong to which original, whatever the keys are."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from reconcile.listing import Listed
from reconcile.merge import by_folder, merge

WHEN = datetime(2026, 11, 28, tzinfo=UTC)
# Characters around the slash in the order of bytes, so that the two orders differ often.
KEYS = st.text(alphabet="a!/.0é\U0001f600", min_size=1, max_size=6)
NAMES = ("large.jpg", "small.jpg")


def thing(key: str, size: int = 1) -> Listed:
    return Listed(key, size, WHEN, "etag")


def in_s3s_order(keys: set[str]) -> list[Listed]:
    return [thing(key) for key in sorted(keys, key=str.encode)]


@given(st.sets(KEYS, max_size=12))
def test_originals_come_in_the_order_of_their_folders(keys: set[str]) -> None:
    """Otherwise the thumbnails of `a!` would be counted as without an original."""
    found = [each.key for each in by_folder(in_s3s_order(keys))]
    assert found == sorted(keys, key=lambda key: f"{key}/".encode())


@given(st.sets(KEYS, max_size=10), st.sets(KEYS, max_size=4))
def test_each_thumbnail_is_found_with_its_original(keys: set[str], gone: set[str]) -> None:
    """A picture that is sent although it has all its thumbnails costs money for nothing."""
    gone -= keys
    made = {f"{key}/{name}" for key in keys | gone for name in NAMES}
    pictures = list(merge(in_s3s_order(keys), in_s3s_order(made)))
    found = {each.key: each for each in pictures}
    assert set(found) == keys | gone
    assert len(found) == len(pictures)
    for key, picture in found.items():
        assert (picture.original is None) == (key in gone)
        # `a/b` may be an original and `a/b/small.jpg` a thumbnail of it; a key that ends in the
        # name of a thumbnail may lie below another original, and is then not one of it.
        assert {*NAMES} <= set(picture.thumbnails)


@given(st.sets(KEYS, max_size=10))
def test_an_original_without_thumbnails_is_found_once(keys: set[str]) -> None:
    """These are what a backfill is for."""
    found = [each.key for each in merge(in_s3s_order(keys), [])]
    assert sorted(found) == sorted(keys)


def test_nested_keys_do_not_take_each_others_thumbnails() -> None:
    """The keys that design.md names: each lies in the way of another one."""
    keys = {"a", "a!", "a/b.jpg", "a/b/c.jpg"}
    made = {f"{key}/{name}" for key in keys for name in NAMES}
    merged = merge(in_s3s_order(keys), in_s3s_order(made))
    found = {each.key: set(each.thumbnails) for each in merged}
    assert found == {key: {*NAMES} for key in keys}


def test_the_consoles_empty_folders_are_no_pictures() -> None:
    """Each would be sent, refused, and sent again by the next run."""
    folders = [thing("", 0), thing("a/", 0), thing("a/b.jpg")]
    assert [each.key for each in merge(folders, [])] == ["a/b.jpg"]
