"""The folder of an original's thumbnails: where it is, what in it is ours, when that is deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handler.pictures.formats import ENCODERS

if TYPE_CHECKING:
    from collections.abc import Iterable

# What happens to the thumbnails of a deleted original.
KEEP, FOLLOW = REMOVALS = ("keep", "follow")

# A size's name, as `handler.settings` accepts it, and a format's extension; this includes sizes and
# formats that were configured before.
_OURS = re.compile(
    rf"[A-Za-z0-9_-]+\.({'|'.join(each.extension for each in ENCODERS.values())})", re.ASCII
)


def folder_of(key: str, originals: str, thumbnails: str) -> str:
    """The prefix of everything that belongs to an original: the original's own key there, and a
    slash.

    Deeper objects belong to others, because an original `a` and an original `a/b.jpg` may both
    exist.
    """
    return f"{thumbnails}{key.removeprefix(originals)}/"


def file_names(sizes: Iterable[str], formats: Iterable[str]) -> tuple[str, ...]:
    """The file names of an original's thumbnails in its folder: each size in each format."""
    extensions = [ENCODERS[each].extension for each in formats]
    return tuple(f"{size}.{extension}" for size in sizes for extension in extensions)


def is_thumbnail(name: str) -> bool:
    """Whether the function could have written an object with this name into a folder."""
    return bool(_OURS.fullmatch(name))
