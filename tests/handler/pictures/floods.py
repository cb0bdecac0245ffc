"""Small pictures in files of a million parts, each of which a reader looks at in turn."""

from __future__ import annotations

import zlib
from struct import pack
from typing import TYPE_CHECKING

from tests.handler.pictures import quadrants, saved
from tests.handler.pictures.forged import chunk, segment
from tests.handler.pictures.forged import png as forged_png

if TYPE_CHECKING:
    from collections.abc import Callable

MILLION = 1_000_000

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
    """A PNG whose compressed pixels are in chunks of `size` bytes."""
    data = saved(quadrants(640, 480).effect_spread(40), "PNG")
    begin, end = data.index(b"IDAT") - 4, data.index(b"IEND") - 4
    pixels = data[begin + 8 : end - 4]
    chunks = (chunk(b"IDAT", pixels[at : at + size]) for at in range(0, len(pixels), size))
    return data[:begin] + b"".join(chunks) + data[end:]


def _inserted(data: bytes, at: int, more: bytes) -> bytes:
    return data[:at] + more + data[at:]


def webp(chunks: bytes) -> bytes:
    """A WebP with more chunks in front of its pixels."""
    data = saved(quadrants(), "WEBP")
    canvas = b"VP8X" + pack("<II", 10, 0) + b"\x3f\0\0\x2f\0\0"  # 64 by 48, less one
    body = b"WEBP" + canvas + chunks + data[12:]
    return b"RIFF" + pack("<I", len(body)) + body


def exif(segments: int, size: int) -> bytes:
    """Segments of one EXIF block."""
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + bytes(size)) * segments


PROFILE = chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(900_000)))
UNCOUNTED = chunk(b"zTXt", b"\0\0" + zlib.compress(bytes(900_000)))
TABLE = b"\0" + b"\1" * 64
FRAME = segment(0xC0, b"\x08\0\x30\0\x40\x01\x01\x11\0")
QUARTER = MILLION // 4

FLOODS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "a million segments of JPEG": (lambda: jpeg(b"\xff\xfe\0\2" * MILLION), {"too-large"}),
    "4 MB of fill bytes in a JPEG": (lambda: jpeg(b"\xff" * 4 * MILLION), {"too-large"}),
    "4 MB of nothing known in a JPEG": (
        lambda: jpeg(segment(0xFE, b"") + b"\7" * 4 * MILLION),
        {"too-large"},
    ),
    "4 kB of fill bytes in a JPEG": (lambda: jpeg(b"\xff" * 4096), {"made"}),
    "EXIF of 3 MB in 3,000 segments": (lambda: jpeg(exif(3000, 1000)), {"too-large"}),
    "EXIF of 16 MB": (lambda: jpeg(exif(250, 65_000)), {"too-large"}),
    "JPEG of 250,000 frames": (lambda: jpeg(FRAME * QUARTER), {"too-large"}),
    "12 MB of tables of JPEG": (lambda: jpeg(segment(0xDB, TABLE * 1000) * 180), {"too-large"}),
    "700 kB of tables of JPEG": (lambda: jpeg(segment(0xDB, TABLE * 1000) * 11), {"made"}),
    "12 MB of a depth map in a JPEG": (
        lambda: jpeg(segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000)) * 180),
        {"made"},
    ),
    "a profile of JPEG in 255 parts": (
        lambda: jpeg(segment(0xE2, b"ICC_PROFILE\0\1\xff" + bytes(100)) * 255),
        {"made"},
    ),
    "a million chunks of PNG": (lambda: png(chunk(b"teXt", b"") * MILLION), {"too-large"}),
    "a million chunks behind a PNG": (
        lambda: png(chunk(b"teXt", b"") * MILLION, behind=True),
        {"too-large"},
    ),
    "a million empty chunks of pixels": (
        lambda: png(chunk(b"IDAT", b"") * MILLION),
        {"too-large"},
    ),
    "1,000 profiles of PNG": (lambda: png(PROFILE * 1000), {"too-large"}),
    "1,000 texts that Pillow does not count": (lambda: png(UNCOUNTED * 1000), {"too-large"}),
    "299 texts that Pillow does not count": (lambda: png(UNCOUNTED * 299), {"made"}),
    "13 MB of a private chunk of PNG": (
        lambda: png(chunk(b"prIv", bytes(13_000_000))),
        {"too-large"},
    ),
    "pixels of PNG in chunks of 16 bytes": (lambda: in_chunks(16), {"made"}),
    "PNG and a thousand chunks behind its end": (
        lambda: saved(quadrants(), "PNG") + chunk(b"teXt", b"") * 1000,
        {"made"},
    ),
    "a million chunks of WebP": (lambda: webp(b"abcd\0\0\0\0" * MILLION), {"too-large"}),
    "a million blocks of GIF": (lambda: gif(b"\x21\xfe\1a\0" * MILLION), {"too-large"}),
    "one block of GIF in a million parts": (
        lambda: gif(b"\x21\xfe" + b"\1a" * MILLION + b"\0"),
        {"too-large"},
    ),
    "4 MB of nothing known in a GIF": (lambda: gif(b"\7" * 4 * MILLION), {"too-large"}),
    "5 MB of empty blocks of deflate": (
        lambda: forged_png(64, 48, body=b"\x78\x9c" + b"\x02\x08\x20\x80\x00" * MILLION),
        {"truncated", "damaged"},
    ),
}
