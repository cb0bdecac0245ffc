"""Leaves out the parts of a PNG or JPEG that are damaged and that no pixel needs.

Pillow refuses a whole picture for a wrong checksum in a text, an empty chunk, or a profile above a
megabyte. Browsers and libvips skip such parts.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from handler.pictures.structure import SCAN, png_chunks, segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handler.pictures.structure import Part

# Chunks of a PNG that a picture may need and that have a fixed length, in bytes (PNG specification,
# third edition, 11.3); the length of tRNS depends on the colour type (11.3.2.1), which stands at
# byte 25.
LENGTHS = {b"acTL": {8}, b"fcTL": {26}, b"cICP": {4}}
KEYS = {0: {2}, 2: {6}, 3: set(range(1, 257))}
KIND = 25
PIXELS = {b"IDAT", b"fdAT"}
PROFILE, EXIF, KEY = b"iCCP", b"eXIf", b"tRNS"

# The largest profile that is read: lookup tables of printers and scanners have some MB.
MOST_PROFILE = 16 * 2**20

# A JPEG's segments that Pillow and libjpeg look into by their first bytes, and the fewest bytes
# that each must have: JFIF 1.02; Adobe's technical note 5116; ICC.1, B.4.
SHORTEST = ((0xE0, b"JFIF", 14), (0xEE, b"Adobe", 12), (0xE2, b"ICC_PROFILE", 15))


def needed(data: bytes) -> list[tuple[int, int]] | None:
    """The pieces of a file that are to be read, each a start and an end.

    None means the whole file.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        dropped = [(part.start - 8, part.start + part.length + 4) for part in _useless_chunks(data)]
    elif data.startswith(b"\xff\xd8"):
        dropped = [(part.start - 4, part.start + part.length) for part in _short_segments(data)]
    else:
        return None
    pieces: list[tuple[int, int]] = []
    at = 0
    for start, end in dropped:
        if start > at:
            pieces.append((at, start))
        at = max(at, end)
    if at < len(data):
        pieces.append((at, len(data)))
    return pieces if dropped else None


def png_profile(data: bytes) -> bytes | None:
    """The ICC profile of a PNG, if it is complete."""
    for part in png_chunks(data):
        if part.name == PROFILE and _is_intact(data, part):
            body = data[part.start : part.start + part.length]
            inflater = zlib.decompressobj()
            try:
                profile = inflater.decompress(body[body.index(b"\0") + 2 :], MOST_PROFILE)
            except (ValueError, zlib.error):
                return None
            return profile if inflater.eof else None
        if part.name in PIXELS:  # a profile comes before them
            return None
    return None


def _useless_chunks(data: bytes) -> Iterator[Part]:
    """All ancillary chunks (their names begin in lower case), except the few that change the
    picture.

    The profile is read separately (`png_profile`), because Pillow accepts none above a megabyte.
    """
    for part in png_chunks(data):
        name = part.name
        if not isinstance(name, bytes) or not name[:1].islower() or name in PIXELS:
            continue
        lengths = KEYS.get(data[KIND], set[int]()) if name == KEY else LENGTHS.get(name)
        wanted = name == EXIF or (lengths is not None and part.length in lengths)
        if not wanted or not _is_intact(data, part):
            yield part


def _is_intact(data: bytes, part: Part) -> bool:
    end = part.start + part.length
    checksum = zlib.crc32(memoryview(data)[part.start - 4 : end])
    return data[end : end + 4] == checksum.to_bytes(4, "big")


def _short_segments(data: bytes) -> Iterator[Part]:
    for part in segments(data):
        if part.name == SCAN:
            return
        body = data[part.start : part.start + min(part.length, SHORTEST[-1][-1])]
        for code, begins, shortest in SHORTEST:
            if part.name == code and body.startswith(begins) and part.length < shortest:
                yield part
