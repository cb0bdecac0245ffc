"""Decides what is wrong with a picture's thumbnails, and counts it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from handler.folder import is_thumbnail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from reconcile.listing import Listed
    from reconcile.merge import Picture


class Kind(StrEnum):
    """The result for a picture or a thumbnail; people read the values."""

    MISSING = "to be made"
    STALE = "to be made again"
    FRESH = "as they should be"
    UNDER_WAY = "uploaded since this run began"
    ARCHIVED = "archived: restore the original first"
    ORPHAN = "thumbnails without an original"
    UNCONFIGURED = "thumbnails of sizes or formats no longer configured"
    STRANGE = "objects that do not look like thumbnails"


SENT = (Kind.MISSING, Kind.STALE)
REMOVED = (Kind.ORPHAN, Kind.UNCONFIGURED)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When a picture is sent.

    `names` are the file names of a picture's configured thumbnails. A picture is sent if a
    thumbnail is missing or is strictly older than the original; with `everything` always; with
    `before` also if a thumbnail was made before that time. A picture that was uploaded at `began`
    or later is left to its own event.
    """

    names: frozenset[str]
    began: datetime
    everything: bool = False
    before: datetime | None = None

    def kind(self, picture: Picture) -> Kind:
        """The kind of a picture that has an original."""
        original = picture.original
        if original is None:
            return Kind.ORPHAN
        if original.modified >= self.began:
            return Kind.UNDER_WAY
        there = [picture.thumbnails[name] for name in self.names if name in picture.thumbnails]
        if len(there) < len(self.names):
            kind = Kind.MISSING
        elif self._is_stale(original, there):
            kind = Kind.STALE
        else:
            return Kind.FRESH
        return Kind.ARCHIVED if original.is_archived else kind

    def _is_stale(self, original: Listed, thumbnails: Collection[Listed]) -> bool:
        if self.everything:
            return True
        made = min(each.modified for each in thumbnails)
        return made < original.modified or (self.before is not None and made < self.before)

    def leftovers(self, picture: Picture) -> Iterator[tuple[Kind, str, Listed]]:
        """The thumbnails that belong to nothing any more: kind, file name and object."""
        for name, thumbnail in picture.thumbnails.items():
            if not is_thumbnail(name):
                yield Kind.STRANGE, name, thumbnail
            elif picture.original is None:
                yield Kind.ORPHAN, name, thumbnail
            elif name not in self.names:
                yield Kind.UNCONFIGURED, name, thumbnail


@dataclass
class FindingCounts:
    """How many of each kind, and their bytes; for pictures to send, the originals' bytes."""

    pictures: Counter[Kind] = field(default_factory=Counter[Kind])
    sizes: Counter[Kind] = field(default_factory=Counter[Kind])
    classes: Counter[str] = field(default_factory=Counter[str])
    """The bytes of the originals that will be read, by storage class."""
    originals: int = 0
    thumbnails: int = 0

    def count(self, kind: Kind, size: int) -> None:
        """Count one more of a kind, with `size` bytes."""
        self.pictures[kind] += 1
        self.sizes[kind] += size

    @property
    def to_send(self) -> int:
        """The number of messages."""
        return sum(self.pictures[kind] for kind in SENT)

    @property
    def bytes_to_read(self) -> int:
        """The bytes of the originals that will be read."""
        return sum(self.sizes[kind] for kind in SENT)
