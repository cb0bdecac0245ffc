"""The samples of a TIFF as libtiff decodes them, strip by strip or tile by tile.

Pillow's own interface to libtiff knows some hundred layouts of pixels, and gets planes of 16 bits
and grey with alpha wrong. So the layouts that it does not read are read here, through the same
library: it undoes compression, prediction and byte order.
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
# TIFFUnmapFileProc. The header is read, and all else reached by the map.
READ = ctypes.CFUNCTYPE(c_ssize_t, c_void_p, c_void_p, c_ssize_t)
SEEK = ctypes.CFUNCTYPE(c_uint64, c_void_p, c_uint64, c_int)
CLOSE = ctypes.CFUNCTYPE(c_int, c_void_p)
SIZE = ctypes.CFUNCTYPE(c_uint64, c_void_p)
MAP = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(c_void_p), POINTER(c_uint64))
UNMAP = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_uint64)

# What libtiff answers where it could not decode.
FAILED = -1


class Block(NamedTuple):
    """A strip or tile: its place, how many pixels of it lie in the picture, and its samples.

    `plane` is the sample that it holds, or 0 where it holds all samples of each pixel. Rows begin
    at whole bytes, `stride` apart; samples of 16 bits and more are in the machine's byte order.
    """

    plane: int
    x: int
    y: int
    width: int
    rows: int
    stride: int
    samples: bytes


class Grid(NamedTuple):
    """How a picture is cut: its size, that of a strip or tile, and how many planes follow."""

    width: int
    height: int
    across: int
    down: int
    planes: int


@cache
def library() -> Any:
    """The libtiff that Pillow's wheel brings; None where there is none of it.

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
    # It would write to standard error, a line for each bad one.
    loaded.TIFFSetErrorHandler(None)
    loaded.TIFFSetWarningHandler(None)
    return loaded


def blocks(data: bytes, grid: Grid) -> Iterator[Block]:
    """All strips or tiles of the first picture in a file, plane by plane, row by row.

    Raises OSError where one cannot be decoded, MemoryError where one is larger than can be held.
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

    # Kept in a name until the file is closed: ctypes does not keep what C was given.
    calls = (
        READ(read),
        READ(nothing),
        SEEK(seek),
        CLOSE(nothing),
        SIZE(size),
        MAP(mapped),
        UNMAP(nothing),
    )
    # "c": one large strip stays one, though libtiff would cut it where it is not compressed.
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
