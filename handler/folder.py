"""The folder of an original's thumbnails: where it lies, what in it is ours, and when that goes."""

from __future__ import annotations

import re

from handler.pictures.formats import ENCODERS

# What becomes of the thumbnails of an original that is deleted.
KEEP, FOLLOW = REMOVALS = ("keep", "follow")

# A size's name, as `handler.settings` takes it, and a format's extension: also those of sizes and
# formats that were configured before.
_OURS = re.compile(
    rf"[A-Za-z0-9_-]+\.({'|'.join(each.extension for each in ENCODERS.values())})", re.ASCII
)


def folder_of(key: str, originals: str, thumbnails: str) -> str:
    """The prefix below which all that belongs to an original lies: its own key there, and a slash.

    What lies deeper belongs to others: an original `a` and an original `a/b.jpg` may both exist.
    """
    return f"{thumbnails}{key.removeprefix(originals)}/"


def is_thumbnail(name: str) -> bool:
    """Whether the function could have written an object of this name into a folder."""
    return bool(_OURS.fullmatch(name))
