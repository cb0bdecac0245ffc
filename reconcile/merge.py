"""Merges the two listings: each original with its own thumbnails, and thumbnails without an
original.

The thumbnails of `a.jpg` are the direct children of `a.jpg/`. The two listings have different
orders: the original `a!` comes after `a`, but the thumbnail `a!/small.jpg` comes before
`a/small.jpg`. Originals are therefore sorted by key + "/". This needs memory only for the depth of
nested keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reconcile.listing import Listed


@dataclass(slots=True)
class Picture:
    """An original and its thumbnails by file name, such as `small.jpg`.

    `original` is None for thumbnails whose original is gone; `key` is the original's former key.
    """

    key: str
    original: Listed | None
    thumbnails: dict[str, Listed] = field(default_factory=dict[str, "Listed"])


def merge(originals: Iterable[Listed], thumbnails: Iterable[Listed]) -> Iterator[Picture]:
    """Yield every original once, with its thumbnails, and the remaining thumbnails by their
    original's key.

    Both listings must be in the order of their keys, relative to their prefixes, as S3 lists them.
    """
    waiting = _Peekable(by_folder(originals))
    opened: list[Picture] = []  # each key + "/" is a prefix of the next one
    for thumbnail in thumbnails:
        while (original := waiting.head) and original.key + "/" <= thumbnail.key:
            yield from _close(opened, original.key)
            opened.append(Picture(original.key, original))
            waiting.advance()
        yield from _close(opened, thumbnail.key)
        owner, _, name = thumbnail.key.rpartition("/")
        if not opened or opened[-1].key != owner:
            # An original that sorts before the open ones was closed long ago, so this thumbnail has
            # none. Its picture goes after those whose folder contains it.
            opened.append(Picture(owner, None))
        opened[-1].thumbnails[name] = thumbnail
    while opened:
        yield opened.pop()
    while original := waiting.head:
        yield Picture(original.key, original)
        waiting.advance()


def by_folder(originals: Iterable[Listed]) -> Iterator[Listed]:
    """Yield the same objects in the order of key + "/", without the empty objects for folders.

    For example, `a` is held back while the next keys begin with `a!`, because "!" sorts before "/":
    `a!/` comes before `a/`.
    """
    held: list[Listed] = []
    for each in originals:
        if each.is_folder:
            continue
        while held and not _precedes(each.key, held[-1].key):
            yield held.pop()
        held.append(each)
    while held:
        yield held.pop()


def _precedes(key: str, earlier: str) -> bool:
    """Whether key + "/" sorts before earlier + "/", for a key that sorts after `earlier`."""
    return key.startswith(earlier) and key[len(earlier)] < "/"


def _close(opened: list[Picture], key: str) -> Iterator[Picture]:
    """Yield the pictures to which no key from `key` on can belong."""
    while opened and not key.startswith(opened[-1].key + "/"):
        yield opened.pop()


class _Peekable:
    """An iterator whose next item can be read in advance."""

    def __init__(self, items: Iterator[Listed]) -> None:
        self._items = items
        self.head: Listed | None = next(items, None)

    def advance(self) -> None:
        self.head = next(self._items, None)
