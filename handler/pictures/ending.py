"""Decodes files that lack only their end: all of their rows are there, so they are pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL.JpegImagePlugin import JpegImageFile

from handler.pictures.errors import RefusedError
from handler.pictures.opening import damage_refused
from handler.pictures.progressive import lacks_scans

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

END = b"\xff\xd9"

# Compressed data without a meaning: if a row were missing, this data would change its pixels.
FILL = b"\x2a\xd5\x6b" * 200

# Chunks of a WebP that come behind its pixels (RFC 9649, 2.7).
# Bytes of the name and length of RIFF and of each chunk, and of the header of a WebP.
RIFF, HEADER = 8, 12
BEHIND, FRAME = {b"EXIF", b"XMP "}, b"ANMF"


def loaded(file: JpegImageFile, data: bytes, least: tuple[int, int]) -> Picture:
    """The pixels of a JPEG that was drafted to no less than a size.

    libjpeg fills rows that are missing with grey and does not say so. A file without its end is
    therefore decoded twice: once with an end marker, and once with meaningless data before the end
    marker. If both give the same pixels, no row is missing. A progressive file must also have all
    of its scans.
    """
    try:
        with damage_refused(data):
            file.load()
    except RefusedError as error:
        if error.reason != "truncated" or lacks_scans(data.rstrip(b"\xff")):
            raise
        first, second = (_ended(data, end, least) for end in (END, FILL + END))
        if first is None or second is None or first.tobytes() != second.tobytes():
            raise
        return first
    return file


def _ended(data: bytes, end: bytes, least: tuple[int, int]) -> JpegImageFile | None:
    """The picture decoded with an end marker added; None if it still cannot be decoded."""
    picture = JpegImageFile(io.BytesIO(data.rstrip(b"\xff") + end))
    picture.draft(None, least)
    try:
        with damage_refused(data):
            picture.load()
    except RefusedError:
        return None
    return picture


def without_cut_end(data: bytes) -> bytes:
    """A WebP that is cut inside its metadata, without the metadata; an animation that is cut, as
    its first frame; any other file unchanged.
    """
    size = int.from_bytes(data[4:8], "little") + RIFF
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) >= size:
        return data
    at = HEADER
    while at + RIFF <= len(data) and (name := data[at : at + 4]) not in BEHIND:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += RIFF + length + length % 2
        if name == FRAME:
            break
    if not HEADER < at <= len(data) + 1:
        return data
    kept = data[:at].ljust(at, b"\0")  # the last byte may be one of padding
    return b"RIFF" + (at - RIFF).to_bytes(4, "little") + kept[RIFF:]
