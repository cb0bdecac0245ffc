"""A writer of TIFFs in any layout: bits, planes, colours, compression, kind of numbers."""

from __future__ import annotations

import lzma
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 12: 8, 16: 8}
CODES = {1: "B", 3: "H", 4: "I", 12: "d", 16: "Q"}
FLOATS = {16: "e", 32: "f", 64: "d"}
CLEAR, END = 256, 257


def _lzw(data: bytes) -> bytes:
    """LZW that never uses its table: codes of nine bits, cleared before they would grow."""
    codes: list[int] = []
    for at, byte in enumerate(data):
        if at % 250 == 0:
            codes.append(CLEAR)
        codes.append(byte)
    codes.append(END)
    bits = "".join(f"{code:09b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _packbits(data: bytes) -> bytes:
    pieces = (data[at : at + 128] for at in range(0, len(data), 128))
    return b"".join(bytes((len(piece) - 1,)) + piece for piece in pieces)


PACKERS: dict[int, Callable[[bytes], bytes]] = {
    1: bytes,
    5: _lzw,
    8: zlib.compress,
    32773: _packbits,
    32946: zlib.compress,
    34925: lzma.compress,
}


@dataclass(frozen=True, kw_only=True)
class Tiff:
    """A layout, and how it is written. `extra` are the kinds of samples beyond the colours.

    `rows` is how many are in a strip; `tile` is the side of a tile instead.
    """

    photometric: int
    bits: int
    samples: int
    planar: bool = False
    kind: int = 1
    extra: tuple[int, ...] = ()
    compression: int = 1
    predictor: int = 1
    rows: int = 7
    tile: int = 0
    big_endian: bool = False
    fill_order: int = 1
    big: bool = False
    tags: tuple[tuple[int, int, tuple[Any, ...]], ...] = ()

    def __str__(self) -> str:
        """Return a name for a test."""
        words = [
            f"{name}={value}" for name, value in vars(self).items() if name != "tags" and value
        ]
        return " ".join(words)

    @property
    def order(self) -> str:
        """The byte order, as `struct` names it."""
        return ">" if self.big_endian else "<"

    def packed(self, samples: Sequence[Sequence[float]], across: int) -> bytes:
        """Rows of samples, each padded to whole bytes; `across` of them make up a pixel."""
        out = b""
        for row in samples:
            if self.kind == 3:
                line = struct.pack(f"{self.order}{len(row)}{FLOATS[self.bits]}", *row)
            else:
                values = [int(value) & ((1 << self.bits) - 1) for value in row]
                if self.predictor == 2:
                    past = values
                    values = [
                        (value - (past[at - across] if at >= across else 0)) % (1 << self.bits)
                        for at, value in enumerate(past)
                    ]
                if self.bits in {8, 16, 32}:
                    code = {8: "B", 16: "H", 32: "I"}[self.bits]
                    line = struct.pack(f"{self.order}{len(row)}{code}", *values)
                else:
                    bits = "".join(f"{value:0{self.bits}b}" for value in values)
                    bits += "0" * (-len(bits) % 8)
                    line = int(bits, 2).to_bytes(len(bits) // 8, "big")
            if self.kind == 3 and self.predictor == 3:
                line = self._float_differences(line, across)
            out += line
        out = PACKERS[self.compression](out)
        return bytes(int(f"{each:08b}"[::-1], 2) for each in out) if self.fill_order == 2 else out

    def _float_differences(self, line: bytes, across: int) -> bytes:
        """Adobe's predictor of floats: the highest bytes of all, then the next; differences."""
        size = self.bits // 8
        places = range(size) if self.big_endian else reversed(range(size))
        spread = b"".join(line[place::size] for place in places)
        return bytes(
            (byte - (spread[at - across] if at >= across else 0)) % 256
            for at, byte in enumerate(spread)
        )


def tiff(layout: Tiff, pixels: Sequence[Sequence[Sequence[float]]]) -> bytes:
    """A file of rows of pixels of samples."""
    height, width = len(pixels), len(pixels[0])
    down, across = (layout.tile, layout.tile) if layout.tile else (layout.rows, width)
    groups = [[each] for each in range(layout.samples)] if layout.planar else []
    pieces: list[bytes] = []
    for group in groups or [list(range(layout.samples))]:
        for top in range(0, height, down):
            for left in range(0, width, across):
                rows: list[list[float]] = []
                last = top + down if layout.tile else min(top + down, height)
                for y in range(top, last):
                    line = pixels[min(y, height - 1)]
                    inside = (line[min(x, width - 1)] for x in range(left, left + across))
                    rows.append([pixel[each] for pixel in inside for each in group])
                pieces.append(layout.packed(rows, len(group)))
    tags: dict[int, tuple[int, tuple[Any, ...]]] = {
        256: (4, (width,)),
        257: (4, (height,)),
        258: (3, (layout.bits,) * layout.samples),
        259: (3, (layout.compression,)),
        262: (3, (layout.photometric,)),
        277: (3, (layout.samples,)),
        284: (3, (2 if layout.planar else 1,)),
    }
    if layout.fill_order != 1:
        tags[266] = (3, (layout.fill_order,))
    if layout.predictor != 1:
        tags[317] = (3, (layout.predictor,))
    if layout.extra:
        tags[338] = (3, layout.extra)
    if layout.kind != 1:
        tags[339] = (3, (layout.kind,) * layout.samples)
    tags.update({tag: (kind, values) for tag, kind, values in layout.tags})
    if layout.tile:
        tags.update({322: (4, (across,)), 323: (4, (down,))})
    else:
        tags[278] = (4, (down,))
    places = (324, 325) if layout.tile else (273, 279)
    return _file(layout, tags, places, pieces)


def _file(
    layout: Tiff,
    tags: dict[int, tuple[int, tuple[Any, ...]]],
    places: tuple[int, int],
    pieces: list[bytes],
) -> bytes:
    order, big = layout.order, layout.big
    wide = "Q" if big else "I"
    body = b"".join(pieces)
    first = 16 if big else 8
    offsets = [first + sum(map(len, pieces[:number])) for number in range(len(pieces))]
    tags[places[0]] = (16 if big else 4, tuple(offsets))
    tags[places[1]] = (4, tuple(map(len, pieces)))
    body += b"\0" * (len(body) % 2)
    room = 8 if big else 4
    entry = 20 if big else 12
    behind = first + len(body) + (8 if big else 2) + entry * len(tags) + room
    directory, values = b"", b""
    for tag in sorted(tags):
        kind, numbers = tags[tag]
        if kind in {2, 7}:
            packed, count = bytes(numbers), len(numbers)
        else:
            packed, count = (
                struct.pack(f"{order}{len(numbers)}{CODES[kind]}", *numbers),
                len(numbers),
            )
        directory += struct.pack(f"{order}HH{wide}", tag, kind, count)
        if len(packed) <= room:
            directory += packed.ljust(room, b"\0")
        else:
            directory += struct.pack(f"{order}{wide}", behind + len(values))
            values += packed + b"\0" * (len(packed) % 2)
    mark = b"MM" if layout.big_endian else b"II"
    at = first + len(body)
    if big:
        head = mark + struct.pack(f"{order}HHHQ", 43, 8, 0, at)
        count = struct.pack(f"{order}Q", len(tags))
    else:
        head = mark + struct.pack(f"{order}HI", 42, at)
        count = struct.pack(f"{order}H", len(tags))
    return head + body + count + directory + b"\0" * room + values
