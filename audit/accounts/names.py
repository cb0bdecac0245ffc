"""Facts that names contain: whether a resource is the program's, the session, and the keys of one
picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Logical names of the program; a physical name adds a hyphen and seven hex digits. A test compares
# them with the recorded program.
IMAGES = "thumbx-images"
LOGS = "thumbx-logs"
THUMBX_ROLE = "ThumbXRole"
EXECUTION_ROLE = "ThumbX-producer"
FUNCTION = "ThumbX-function"
# With an existing bucket: the rule, the role with which it sends, and its dead-letter queue.
RULE = "ThumbX-uploads-rule"
SENDER_ROLE = "ThumbX-storage-forwarding-uploads"
UNDELIVERED = "ThumbX-uploads-undelivered"
OURS = ("ThumbX", "thumbx")

# handler.session.name_session makes these names; a test passes its result to this function.
_SESSION = re.compile(r"thumbx-(\d{4})(\d{2})(\d{2})-([0-9a-f]{32})")


@dataclass(frozen=True)
class FunctionSession:
    """The session name that one container of the function uses."""

    day: str
    """When the container began, as in the names of log streams: `2026/11/24`."""
    container: str
    """The 32 hex digits that the container's log stream ends with."""


def read_session(name: str) -> FunctionSession | None:
    """Read the parts of a session name; None if the name is not the function's."""
    found = _SESSION.fullmatch(name)
    return FunctionSession("/".join(found.groups()[:3]), found[4]) if found else None


@dataclass(frozen=True, kw_only=True)
class PicturePrefixes:
    """The prefixes of originals and thumbnails; each ends in a slash."""

    originals: str
    thumbnails: str

    def picture_of(self, thumbnail: str) -> str | None:
        """The part of the key that a picture's original and thumbnails share; None for another
        object.

        A thumbnail's key is the prefix, then the original's key below its own prefix, then a file
        for the size.
        """
        below, _, size = thumbnail.removeprefix(self.thumbnails).rpartition("/")
        if not thumbnail.startswith(self.thumbnails) or not below or not size:
            return None
        return below


def is_ours(bucket: str) -> bool:
    """Whether the program made the bucket, and named it; else the bucket existed before."""
    return bucket.startswith(f"{IMAGES}-")


def is_named(arn: str, name: str) -> bool:
    """Whether an ARN has this physical name, or a name that Pulumi made from it."""
    last = arn.rpartition("/")[2]
    return last == name or re.fullmatch(rf"{re.escape(name)}-[0-9a-f]{{7}}", last) is not None
