"""Limits what JPEG, PNG and WebP hold in addition to their pixels, before Pillow reads it.

Pillow parses metadata in Python, keeps all of it, inflates some of it, and joins the segments of
one EXIF block one by one: 10 MB in 10,000 segments take 28 seconds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from handler.pictures.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

# The most bytes of metadata, and the most parts that hold them. Telephones put depth maps and
# second pictures of some MB into their JPEGs, and a profile can have up to 255 parts there (ICC.1,
# B.4). 300 compressed texts of a PNG, at a megabyte each, take 0.5 seconds.
MOST_BYTES = 12 * 2**20
MOST_PARTS = 300

# How many stray bytes between a JPEG's segments count as one part: Pillow skips them one by one, in
# 0.6 microseconds each.
STRAY = 1000

# A JPEG's quantisation tables have some hundred bytes; Pillow unpacks each byte in 0.1
# microseconds. One table segment counts as this many parts.
TABLES, WEIGHT = 0xDB, 16

# The most pixel chunks of a PNG; a chunk takes 2.5 microseconds. 80 MB in chunks of 1 kB have this
# many; most programs write chunks of 8 kB or more.
MOST_CHUNKS = 100_000

# Any marker of a JPEG, and the markers that have no length (ITU-T T.81, table B.1).
MARKER = re.compile(rb"\xff[^\x00\xff]", re.DOTALL)
BARE = {0x01, *range(0xD0, 0xDA)}
SCAN = 0xDA

# Chunks with pixels in PNG (frames of an animation too) and WebP (RFC 9649, 2.5 to 2.7).
PIXELS = {b"IDAT", b"fdAT", b"fcTL", b"VP8 ", b"VP8L", b"ALPH", b"ANMF"}


class Part(NamedTuple):
    """A JPEG segment, named by its code, or a chunk, by its name; its content begins at `start`.

    `length` is the declared length of the content; `stray` is the number of bytes before the part
    that belong to no part.
    """

    name: int | bytes
    start: int
    length: int
    stray: int = 0


def check_structure(data: bytes) -> None:
    """Raise RefusedError for a file with more metadata than any camera or program writes."""
    held = parts = chunks = 0
    for part in _parts(data):
        if part.name in PIXELS:
            chunks += 1
        else:
            weight = WEIGHT if part.name == TABLES else 1
            held += min(part.length, len(data) - part.start) * weight
            parts += 1 + part.stray // STRAY
        if held > MOST_BYTES or parts > MOST_PARTS:
            raise RefusedError(
                "too-large",
                f"The file holds more than {MOST_BYTES / 2**20:.0f} MB or {MOST_PARTS} parts "
                "besides its pixels; save it again without metadata.",
            )
        if chunks > MOST_CHUNKS:
            raise RefusedError(
                "too-large",
                f"The picture is in more than {MOST_CHUNKS:,} pieces; save it again.",
            )


def segments(data: bytes) -> Iterator[Part]:
    """A JPEG's segments up to its first scan, by their lengths, as its readers follow them."""
    at = 2
    while marker := MARKER.search(data, at):
        code, stray = marker[0][1], marker.start() - at
        at = marker.end()
        length = 0 if code in BARE else max(2, int.from_bytes(data[at : at + 2], "big"))
        yield Part(code, at + 2, max(0, length - 2), stray)
        if code == SCAN:
            return
        at += length


def _parts(data: bytes) -> Iterator[Part]:
    if data.startswith(b"\xff\xd8"):
        return segments(data)
    if data.startswith(b"\x89PNG"):
        return png_chunks(data)
    return _webp_chunks(data) if data[8:12] == b"WEBP" else iter(())


def png_chunks(data: bytes) -> Iterator[Part]:
    """A PNG's chunks up to its end, by their lengths."""
    at = 8
    while (name := data[at + 4 : at + 8]) not in {b"", b"IEND"}:
        length = int.from_bytes(data[at : at + 4], "big")
        yield Part(name, at + 8, length)
        at += 12 + length


def _webp_chunks(data: bytes) -> Iterator[Part]:
    at, end = 12, 8 + int.from_bytes(data[4:8], "little")
    while at < end and (name := data[at : at + 4]):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield Part(name, at + 8, length)
        at += 8 + length + length % 2
