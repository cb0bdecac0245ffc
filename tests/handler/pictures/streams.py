"""PNG of which the zlib stream, its chunks and the frames are made to order."""

from __future__ import annotations

import random
import zlib
from struct import pack
from typing import Any

from PIL import ExifTags, Image

from handler.pictures.png import SIGNATURE
from tests.handler.pictures import quadrants, saved
from tests.handler.pictures.forged import chunk

# Channels by the colour type of the header, and the depths that go with it (PNG, 11.2.1).
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
# Left, top, and the steps across and down, of each pass (8.2).
ADAM7 = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)

WIDTH, HEIGHT = 200, 300
END = chunk(b"IEND", b"")


def rows(width: int, height: int, bits: int, passes: Any = ((0, 0, 1, 1),)) -> bytes:
    """Noise in rows, each with a filter of its own; half of it zeros, so that it deflates."""
    noise = random.Random(1)  # noqa: S311
    lines: list[bytes] = []
    for left, top, across, down in passes:
        length = (-(-(width - left) // across) * bits + 7) // 8
        for _ in range(-(-(height - top) // down)):
            lines.append(bytes([noise.randrange(5)]) + noise.randbytes(length // 2))
            lines.append(bytes(length - length // 2))
    return b"".join(lines)


def header(
    kind: int = 2, depth: int = 8, *, height: int = HEIGHT, interlaced: bool = False
) -> bytes:
    """The signature and the first chunk, and a palette where there has to be one."""
    fields = pack(">IIBBBBB", WIDTH, height, depth, kind, 0, 0, interlaced)
    palette = chunk(b"PLTE", bytes(range(256)) * 3) if kind == 3 else b""
    return SIGNATURE + chunk(b"IHDR", fields) + palette


RAW = rows(WIDTH, HEIGHT, 24)  # 180 kB: three pieces
STREAM = zlib.compress(RAW)


def split(stream: bytes, length: int) -> bytes:
    """A stream in chunks of `length` bytes."""
    return b"".join(
        chunk(b"IDAT", stream[at : at + length]) for at in range(0, len(stream), length)
    )


def whole(stream: bytes, **fields: Any) -> bytes:
    """A file of one chunk of pixels."""
    return header(**fields) + chunk(b"IDAT", stream) + END


def deflated(raw: bytes, behind: bytes = b"", **settings: int) -> bytes:
    """A stream deflated in some way, and bytes that follow before its end."""
    packer = zlib.compressobj(**settings)
    return packer.compress(raw) + packer.flush(zlib.Z_SYNC_FLUSH) + behind + packer.flush()


def frames(**settings: Any) -> bytes:
    """An APNG of four frames, each of which covers another part and is disposed of otherwise."""
    first = Image.frombytes("RGB", (64, 48), RAW[: 64 * 48 * 3])
    others = [quadrants(), quadrants().rotate(180), Image.new("RGB", (64, 48), (9, 9, 9))]
    others[1].paste((0, 90, 0), (3, 5, 30, 40))
    return saved(
        first,
        "PNG",
        save_all=True,
        append_images=others,
        disposal=[0, 1, 2, 0],
        blend=[0, 1, 0, 1],
        duration=[10, 20, 30, 40],
        **settings,
    )


def with_header(first: int, *, dictionary: bool = False) -> bytes:
    """The stream with another first byte, and a second that checks it (RFC 1950, 2.2)."""
    second = 0x20 * dictionary
    second += -(first << 8 | second) % 31
    return bytes([first, second]) + b"dict" * dictionary + STREAM[2:]


EXIF = Image.Exif()
EXIF[ExifTags.Base.Orientation] = 6
ODD = {
    "chunks of a byte": header() + split(STREAM[:3000], 1) + split(STREAM[3000:], 7) + END,
    "chunks of Pillow's size": header() + split(STREAM, 2**16) + END,
    "empty chunks": header()
    + chunk(b"IDAT", b"") * 3
    + split(STREAM[:10_000], 999)
    + chunk(b"IDAT", b"") * 3
    + split(STREAM[10_000:], 999)
    + chunk(b"IDAT", b"")
    + END,
    "nothing deflated": whole(zlib.compress(RAW, 0)),
    "fixed codes": whole(deflated(RAW, strategy=zlib.Z_FIXED)),
    "a window of 512 bytes": whole(deflated(RAW, wbits=9)),
    "more than the pixels": whole(zlib.compress(RAW + RAW)),
    "bytes behind the stream": whole(STREAM + b"surplus" * 99),
    "bytes behind the file": whole(STREAM) + b"surplus" * 99,
    "text and EXIF behind the pixels": header()
    + split(STREAM, 5000)
    + chunk(b"eXIf", EXIF.tobytes()[6:])
    + chunk(b"tEXt", b"Title\0behind")
    + chunk(b"prVt", b"private")
    + END,
    "frames": frames(),
    "frames behind a still": frames(default_image=True),
}
