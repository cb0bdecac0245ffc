"""The samples of a TIFF as libtiff decodes them, strip by strip or tile by tile.

Pillow's own interface to libtiff supports some hundred pixel layouts, and decodes 16-bit planes and
grey with alpha wrongly. The other layouts are read here through the same library, which undoes
compression, prediction and byte order.
"""

from __future__ import annotations

import ctypes
import io
import sys
from ctypes import POINTER, c_char_p, c_int, c_ssize_t, c_uint32, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import PIL

if TYPE_CHECKING:
    from collections.abc import Iterator

# tiffio.h: TIFFReadWriteProc, TIFFSeekProc, TIFFCloseProc, TIFFSizeProc, TIFFMapFileProc,
# TIFFUnmapFileProc. libtiff reads the header, and reaches all else through the memory map.
READ = ctypes.CFUNCTYPE(c_ssize_t, c_void_p, c_void_p, c_ssize_t)
SEEK = ctypes.CFUNCTYPE(c_uint64, c_void_p, c_uint64, c_int)
CLOSE = ctypes.CFUNCTYPE(c_int, c_void_p)
SIZE = ctypes.CFUNCTYPE(c_uint64, c_void_p)
MAP = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(c_void_p), POINTER(c_uint64))
UNMAP = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_uint64)

# libtiff's return value where it could not decode.
FAILED = -1


class Block(NamedTuple):
    """A strip or tile: its position, how many of its pixels lie in the picture, and its samples.

    `plane` is the index of the sample that the block holds, or 0 where it holds all samples of each
    pixel. Rows begin at whole bytes, `stride` bytes apart; samples of 16 bits and more are in the
    machine's byte order.
    """

    plane: int
    x: int
    y: int
    width: int
    rows: int
    stride: int
    samples: bytes


class Grid(NamedTuple):
    """How a picture is cut: its size, the size of a strip or tile, and the number of planes."""

    width: int
    height: int
    across: int
    down: int
    planes: int


@cache
def library() -> Any:
    """The libtiff in Pillow's wheel; None if the wheel has none.

    Pillow has loaded it already, so this is a second name for the same library.
    """
    beside = Path(PIL.__file__).parent
    places = (beside.parent / "pillow.libs", beside / ".dylibs")
    found = sorted(path for place in places for path in place.glob("libtiff[.-]*"))
    if not found or sys.byteorder != "little":
        return None
    loaded = ctypes.CDLL(str(found[0]))
    loaded.TIFFClientOpen.restype = c_void_p
    loaded.TIFFClientOpen.argtypes = (
        *(c_char_p, c_char_p, c_void_p),
        *(READ, READ, SEEK, CLOSE, SIZE, MAP, UNMAP),
    )
    for name in ("TIFFReadEncodedStrip", "TIFFReadEncodedTile"):
        function = getattr(loaded, name)
        function.restype = c_ssize_t
        function.argtypes = (c_void_p, c_uint32, c_void_p, c_ssize_t)
    for name in ("TIFFStripSize", "TIFFTileSize", "TIFFScanlineSize", "TIFFTileRowSize"):
        function = getattr(loaded, name)
        function.restype = c_ssize_t
        function.argtypes = (c_void_p,)
    loaded.TIFFIsTiled.argtypes = loaded.TIFFClose.argtypes = (c_void_p,)
    loaded.TIFFSetErrorHandler.argtypes = loaded.TIFFSetWarningHandler.argtypes = (c_void_p,)
    # Otherwise libtiff would write one line for each damaged block to standard error.
    loaded.TIFFSetErrorHandler(None)
    loaded.TIFFSetWarningHandler(None)
    return loaded


def blocks(data: bytes, grid: Grid) -> Iterator[Block]:
    """All strips or tiles of the first picture in a file, plane by plane, row by row.

    Raises OSError for a block that cannot be decoded, MemoryError for a block that is too large to
    hold.
    """
    view, file = c_char_p(data), io.BytesIO(data)

    def read(_: Any, into: Any, size: int) -> int:
        held = file.read(size)
        ctypes.memmove(into, held, len(held))
        return len(held)

    def mapped(_: Any, base: Any, size: Any) -> int:
        base[0] = ctypes.cast(view, c_void_p).value
        size[0] = len(data)
        return 1

    def seek(_: Any, offset: int, whence: int) -> int:
        return file.seek(offset, whence)

    def size(_: Any) -> int:
        return len(data)

    def nothing(*_: Any) -> int:
        return 0

    # The variable keeps the callbacks alive until the file is closed, because ctypes does not keep
    # what C was given.
    calls = (
        READ(read),
        READ(nothing),
        SEEK(seek),
        CLOSE(nothing),
        SIZE(size),
        MAP(mapped),
        UNMAP(nothing),
    )
    # "c": libtiff keeps one large uncompressed strip whole instead of cutting it.
    tiff = library().TIFFClientOpen(b"picture", b"rc", None, *calls)
    if not tiff:
        raise OSError("libtiff cannot open the file")
    try:
        yield from _decoded(tiff, grid)
    finally:
        library().TIFFClose(tiff)
        del calls


def _decoded(tiff: Any, grid: Grid) -> Iterator[Block]:
    tiled = library().TIFFIsTiled(tiff)
    kind = "Tile" if tiled else "Strip"
    decode = getattr(library(), f"TIFFReadEncoded{kind}")
    size = getattr(library(), f"TIFF{kind}Size")(tiff)
    stride = getattr(library(), "TIFFTileRowSize" if tiled else "TIFFScanlineSize")(tiff)
    if size <= 0 or stride <= 0:
        raise OSError("libtiff finds no size of a strip or tile")
    buffer = ctypes.create_string_buffer(size)
    number = 0
    for plane in range(grid.planes):
        for y in range(0, grid.height, grid.down):
            rows = min(grid.down, grid.height - y)
            for x in range(0, grid.width, grid.across):
                wanted = size if tiled else stride * rows
                if wanted > size or decode(tiff, number, buffer, wanted) == FAILED:
                    raise OSError(f"{kind.lower()} {number} cannot be decoded")
                width = min(grid.across, grid.width - x)
                held = memoryview(buffer)[: stride * rows].tobytes()
                yield Block(plane, x, y, width, rows, stride, held)
                number += 1
