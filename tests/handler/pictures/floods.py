"""Small pictures in files of millions of parts, each of which a reader looks at in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.handler.pictures import quadrants, saved
from tests.handler.pictures.forged import chunk, segment

if TYPE_CHECKING:
    from collections.abc import Callable

MILLIONS = 2_000_000

# Where more can be put in: behind a JPEG's first marker, and behind a PNG's first chunk.
JPEG, PNG = 2, 33


def jpeg(header: bytes) -> bytes:
    """A JPEG with more in front of its own header."""
    return _inserted(saved(quadrants(), "JPEG"), JPEG, header)


def png(chunks: bytes, *, behind: bool = False) -> bytes:
    """A PNG with more chunks in front of its pixels, or behind them."""
    data = saved(quadrants(), "PNG")
    return _inserted(data, data.index(b"IEND") - 4 if behind else PNG, chunks)


def gif(blocks: bytes) -> bytes:
    """A GIF with more blocks in front of its picture."""
    data = saved(quadrants().quantize(8), "GIF")
    palette = 3 * 2 ** ((data[10] & 7) + 1)
    return _inserted(data, 13 + palette, blocks)


def in_chunks(size: int) -> bytes:
    """A PNG whose compressed pixels are in chunks of so many bytes."""
    data = saved(quadrants(640, 480).effect_spread(40), "PNG")
    begin, end = data.index(b"IDAT") - 4, data.index(b"IEND") - 4
    pixels = data[begin + 8 : end - 4]
    chunks = (chunk(b"IDAT", pixels[at : at + size]) for at in range(0, len(pixels), size))
    return data[:begin] + b"".join(chunks) + data[end:]


def _inserted(data: bytes, at: int, more: bytes) -> bytes:
    return data[:at] + more + data[at:]


FLOODS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "2 million segments of JPEG": (lambda: jpeg(b"\xff\xfe\0\2" * MILLIONS), {"too-large"}),
    "2 million tables of JPEG": (lambda: jpeg(b"\xff\xdb\0\2" * MILLIONS), {"too-large"}),
    "8 MB of fill bytes in a JPEG": (lambda: jpeg(b"\xff" * 4 * MILLIONS), {"too-large"}),
    "8 MB of nothing known in a JPEG": (
        lambda: jpeg(segment(0xFE, b"") + b"\7" * 4 * MILLIONS),
        {"too-large"},
    ),
    "65 MB of EXIF in a JPEG": (
        lambda: jpeg(segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + bytes(65_000)) * 1000),
        {"too-large"},
    ),
    "8 MB of a depth map in a JPEG": (
        lambda: jpeg(segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000)) * 120),
        {"made"},
    ),
    "2 million chunks of PNG": (lambda: png(chunk(b"teXt", b"") * MILLIONS), {"too-large"}),
    "2 million chunks behind a PNG": (
        lambda: png(chunk(b"teXt", b"") * MILLIONS, behind=True),
        {"too-large"},
    ),
    "2 million empty chunks of pixels": (
        lambda: png(chunk(b"IDAT", b"") * MILLIONS),
        {"too-large"},
    ),
    "pixels of PNG in chunks of 16 bytes": (lambda: in_chunks(16), {"made"}),
    "2 million blocks of GIF": (lambda: gif(b"\x21\xfe\1a\0" * MILLIONS), {"too-large"}),
    "one block of GIF in 2 million parts": (
        lambda: gif(b"\x21\xfe" + b"\1a" * MILLIONS + b"\0"),
        {"too-large"},
    ),
    "8 MB of nothing known in a GIF": (lambda: gif(b"\7" * 4 * MILLIONS), {"too-large"}),
}
