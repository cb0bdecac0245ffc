"""What a picture may cost, decided before it is decoded: parts, pixels, memory, scans, frames."""

from __future__ import annotations

import io
import math
import re
from typing import TYPE_CHECKING

from PIL import Image

from handler.errors import RefusedError

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# The largest original, in bytes: a 100-megapixel camera JPEG of the best quality has some 70 MB.
MAX_BYTES = 100 * 2**20

# Pillow walks over the segments, chunks or blocks of a file in Python, with at least one read for
# each and 0.5 to 2 microseconds a read: 100 MB of empty JPEG segments, 25 million of them, would
# take 80 seconds. A PNG of 100 MB in the usual chunks of 8 kB takes 40,000 reads, a GIF of 25 MB
# whose frames are all read 200,000.
MOST_READS = 200_000

# Bytes before the pixels of a JPEG: Pillow reads tables in Python (16 MB take 1.6 seconds), and
# puts the segments of one EXIF block together one by one. Telephones put depth maps there, of some
# MB.
MOST_HEADER = 10 * 2**20

# The largest original, in pixels. 100 megapixels is the largest sensor on sale (medium format);
# such a JPEG is decoded at reduced scale within a second.
MAX_PIXELS = 100_000_000

# What decoding one picture may take, in bytes. With the original (MAX_BYTES) and some 90 MB of
# interpreter and libraries it stays within 512 MB.
MAX_MEMORY = 320 * 2**20

# What a process of its own takes of that for a picture of these formats before it decodes
# (`isolation`): an interpreter with Pillow, in bytes, and a second copy of the file.
APART = {"TIFF", "AVIF", "HEIF"}
INTERPRETER = 32 * 2**20

# Seconds of the processor for which such a process may decode.
MAX_SECONDS = 6

# A JPEG of several scans is decoded once for each of them. Cameras and browsers write some ten;
# 10 over the largest picture leaves 80 for one of 12 megapixels. Without a bound, a megabyte
# holds thousands of empty scans, each of which costs a walk over all coefficients: 0.6 ns a pixel.
MAX_SCANNED_PIXELS = 10 * MAX_PIXELS

# An animation beyond any of these becomes a still of its first frame. Frames of all sizes together
# are kept until they are encoded, four bytes a pixel: 128 MB. And each is decoded whole: the
# second bound is some two seconds, 600 frames of 640 by 480.
MAX_KEPT_PIXELS = 32 * 2**20
MAX_DECODED_PIXELS = 2 * MAX_PIXELS
MAX_FRAMES = 1000

# Bytes a pixel of a frame that follows on another: both in four bands, and what a third disposes
# of; and of a frame that is kept, with its copy in the encoder's mode.
FOLLOWING = 12
KEPT = 8

# Within compressed data 0xFF is always followed by 0 (ISO 10918-1), so this is no part of it. An
# expression, because it takes 5 ms over 16 MB and bytes.count 14.
START_OF_SCAN = re.compile(rb"\xff\xda")

# Any marker of a JPEG, and those that no length follows (ISO 10918-1, table B.1).
MARKER = re.compile(rb"\xff[^\x00\xff]", re.DOTALL)
BARE = {bytes((0xFF, code)) for code in (0x01, *range(0xD0, 0xDA))}

# Pillow checks as it opens a file, and for WebP before its canvas is allocated. It raises above
# twice its limit and only warns below.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

# Bytes a pixel of Pillow's image memory; every mode with more than one band takes four.
SMALL_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}

# Bytes a pixel that a reader holds beside the image at its peak; measured, see docs/handler.md.
# Where deep colours take more, the process of its own meets its limit.
OVERHEAD = {
    "WEBP": 12,  # two canvases of the animation decoder and a copy handed to Python
    "AVIF": 6,  # planes, and an interleaved copy handed to Python
    "HEIF": 6,  # likewise
}


class BoundedFile(io.BytesIO):
    """An upload, for a reader that may not go on and on: both limits above count from its start."""

    def __init__(self, data: bytes) -> None:
        """Nothing is copied."""
        super().__init__(data)
        self._reads = MOST_READS
        self._header = MOST_HEADER if data.startswith(b"\xff\xd8") else math.inf

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file. Raises RefusedError beyond a limit."""
        data = super().read(size)
        self._reads -= 1
        self._header -= len(data)
        if self._reads < 0:
            raise RefusedError(
                "too-large",
                f"The file is in so many small parts that they take more than {MOST_READS:,} reads;"
                " save the picture again.",
            )
        if self._header < 0:
            raise RefusedError(
                "too-large",
                f"The JPEG has more than {MOST_HEADER / 2**20:.0f} MB before its pixels; save it"
                " again without metadata.",
            )
        return data


def check_scans(picture: ImageFile, data: bytes) -> None:
    """Refuse a JPEG of far more scans than any camera writes."""
    if not _in_scans(picture, data):
        return
    pixels = picture.width * picture.height
    scans = sum(1 for _ in START_OF_SCAN.finditer(data))
    if scans * pixels > MAX_SCANNED_PIXELS:
        raise RefusedError(
            "too-large",
            f"The JPEG has {scans} scans over {pixels / 1e6:.0f} million pixels;"
            f" {MAX_SCANNED_PIXELS // pixels} are the limit. Save it as a baseline JPEG.",
        )


def most_frames(picture: ImageFile, kept: int) -> int:
    """How many frames of a picture may be read if `kept` pixels are kept of each."""
    decoded = picture.width * picture.height
    room = max(0, MAX_MEMORY - FOLLOWING * decoded)
    return min(
        MAX_FRAMES,
        MAX_KEPT_PIXELS // kept,
        MAX_DECODED_PIXELS // decoded,
        room // (KEPT * kept),
    )


def check_memory(picture: ImageFile, pixels: int, data: bytes) -> None:
    """Refuse a picture by the memory that decoding it would take.

    `pixels` is the size of the original; the picture's own is that at which it will be decoded.
    """
    width, height = picture.size
    decoded = SMALL_MODES.get(picture.mode, 4) + OVERHEAD.get(str(picture.format), 0)
    memory = width * height * decoded
    if picture.format in APART:
        memory += INTERPRETER + len(data)
    if _in_scans(picture, data):
        memory += _coefficients(picture, pixels)
    if memory > MAX_MEMORY:
        raise RefusedError(
            "too-large",
            f"The {picture.format} of {pixels / 1e6:.0f} million pixels would take"
            f" {memory / 2**20:.0f} MB to decode; the limit is {MAX_MEMORY / 2**20:.0f} MB."
            " Upload a smaller one, or a baseline JPEG.",
        )


def _in_scans(picture: ImageFile, data: bytes) -> bool:
    """Whether a JPEG comes in several scans: libjpeg then keeps all coefficients, and walks over
    them at each scan.

    A progressive one does, and any whose first scan lacks a component. The markers up to there are
    followed as libjpeg follows them, by their lengths, past the scans of previews in EXIF.
    """
    components: int = getattr(picture, "layers", 0)  # JPEG's alone
    if not components or picture.info.get("progressive"):
        return bool(components)
    at = 2
    while marker := MARKER.search(data, at):
        at = marker.end()
        length = int.from_bytes(data[at : at + 2], "big")
        if marker[0] == b"\xff\xda":
            return data[at + 2 : at + 3] != bytes([components])
        if marker[0] not in BARE:
            at += max(2, length)
    return False


def _coefficients(picture: ImageFile, pixels: int) -> int:
    """Bytes of all coefficients of a JPEG, two each."""
    layers: list[tuple[int, int, int, int]] = getattr(picture, "layer", [])
    full = max((across * down for _, across, down, _ in layers), default=0) or 1
    return sum(2 * pixels * across * down // full for _, across, down, _ in layers)
