"""Limits of a picture, checked before it is decoded: parts, pixels, memory, scans, frames."""

from __future__ import annotations

import io
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from PIL import Image

from handler.pictures.errors import RefusedError
from handler.pictures.structure import SCAN, segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL.ImageFile import ImageFile

# Pillow's parsers are loops in Python. Each turn of such a loop makes at least one read, which
# takes 0.2 to 0.6 microseconds for GIF; the loops for JPEG and PNG take longer and are limited
# before (`structure`). A GIF of the largest size whose frames are all read takes 660,000 reads.
MOST_READS = 800_000

# The largest original of any format, in pixels: sharp's limit, 16,383 by 16,383. This is only the
# outer limit. Each format has its own limit, because pixels are not the cost: a JPEG of 200
# megapixels takes 0.3 s at reduced scale, a WebP of 25 takes 0.4 s and 400 MB.
MAX_PIXELS = 0x3FFF * 0x3FFF

# Lambda gives one vCPU for each 1,769 MB of memory, and less than one below.
MEGABYTES_A_CPU = 1769

# The bytes that a separate process takes for a picture of these formats before it decodes
# (`isolation`): an interpreter with Pillow, and a second copy of the file.
APART = {"TIFF", "AVIF", "HEIF"}
INTERPRETER = 32 * 2**20

# An animation beyond any of these becomes a still of its first frame. Frames of all sizes together
# are kept until they are encoded, four bytes a pixel: 128 MB. Each frame is also decoded whole: the
# second limit is some two seconds, 600 frames of 640 by 480.
MAX_KEPT_PIXELS = 32 * 2**20
MAX_DECODED_PIXELS = 200_000_000
MAX_FRAMES = 1000

# Bytes a pixel of a frame that follows another: both frames in four bands, and the area that a
# third frame disposes of. Then bytes a pixel of a kept frame, with its copy in the encoder's mode.
FOLLOWING = 12
KEPT = 8

# 0xFF inside compressed data is always followed by 0 (ISO 10918-1), so a marker cannot occur there.
# A regular expression, because it takes 5 ms over 16 MB and bytes.count takes 14.
START_OF_SCAN = re.compile(rb"\xff\xda")

# Pillow checks this limit when it opens a file, and for WebP before it allocates the canvas. It
# raises an error above twice the limit, and only warns below.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

# Bytes a pixel of Pillow's image memory; every mode with more than one band takes four.
SMALL_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}

# Bytes a pixel that a reader holds beside the image at its peak; measured, see docs/handler.md.
# Where deep colours take more, the separate process reaches its own memory limit.
OVERHEAD = {
    "WEBP": 12,  # two canvases of the animation decoder and a copy handed to Python
    "AVIF": 6,  # planes, and an interleaved copy handed to Python
    "HEIF": 6,  # likewise
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of one picture in a function of a given number of megabytes.

    With 512 MB, the smallest function that takes every usual picture, a file of 80 MB, its pixels
    and 100 MB of interpreter and libraries fit into the function.
    """

    megabytes: int = 512

    @property
    def decoders(self) -> int:
        """How many pictures are decoded at the same time: one for each vCPU; more are no faster."""
        return max(1, self.megabytes // MEGABYTES_A_CPU)

    @property
    def bytes(self) -> int:
        """The largest original in bytes; a 100-megapixel JPEG of the best quality has some 70
        MB.
        """
        return min(80, self.megabytes * 5 // 32) * 2**20

    @property
    def memory(self) -> int:
        """The bytes that decoding one picture may take: five eighths of the function's memory, or
        less in a function so small that the interpreter and the file need more than the rest.
        """
        most = max(64, min(self.megabytes * 5 // 8, self.megabytes - 192))
        return most * 2**20 // self.decoders

    @property
    def seconds(self) -> int:
        """The seconds of processor time that a separate process may decode for; larger functions
        get more, because they take larger pictures. The largest valid pictures take a third of it.
        """
        return max(6, min(20, self.memory * 6 // (320 * 2**20)))

    @property
    def scanned_pixels(self) -> int:
        """The limit for pixels times scans of a JPEG with several scans. libjpeg goes through all
        coefficients at each scan, which takes 0.6 ns a pixel. A megabyte holds thousands of empty
        scans; cameras and browsers write some ten.
        """
        return 3 * self.memory


DEFAULT = Limits()


class BoundedFile(io.BytesIO):
    """An upload as a file whose number of reads is limited."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does. Raises RefusedError after too many reads."""
        self.reads += 1
        if self.reads > MOST_READS:
            raise RefusedError(
                "too-large",
                f"The file is in so many small parts that they take more than {MOST_READS:,} reads;"
                " save the picture again.",
            )
        return super().read(size)


class SplicedFile(BoundedFile):
    """Pieces of an upload, read one after the other without a copy; a piece is a start and an
    end.
    """

    def __init__(self, data: bytes, pieces: Sequence[tuple[int, int]]) -> None:
        """Begin at the first piece."""
        super().__init__(data)
        self._pieces = pieces
        self._begins = [0, *accumulate(end - start for start, end in pieces)]
        self._at = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does."""
        left = self._begins[-1] - self._at
        left = left if size is None or size < 0 else min(size, left)
        parts: list[bytes] = []
        while left > 0:
            number = bisect_right(self._begins, self._at) - 1
            start, end = self._pieces[number]
            start += self._at - self._begins[number]
            super().seek(start)
            parts.append(super().read(min(left, end - start)))
            self._at += len(parts[-1])
            left -= len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Seek as any file does."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._begins[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Tell the position as any file does."""
        return self._at


def check_scans(picture: ImageFile, data: bytes, limits: Limits) -> None:
    """Refuse a JPEG with far more scans than any camera writes."""
    if not _in_scans(picture, data):
        return
    pixels = picture.width * picture.height
    scans = sum(1 for _ in START_OF_SCAN.finditer(data))
    if scans * pixels > limits.scanned_pixels:
        raise RefusedError(
            "too-large",
            f"The JPEG has {scans} scans over {pixels / 1e6:.0f} million pixels;"
            f" {limits.scanned_pixels // pixels} are the limit. Save it as a baseline JPEG.",
        )


def most_frames(picture: ImageFile, kept: int, limits: Limits) -> int:
    """How many frames of a picture may be read if `kept` pixels of each are kept."""
    decoded = picture.width * picture.height
    room = max(0, limits.memory - FOLLOWING * decoded)
    return min(
        MAX_FRAMES,
        MAX_KEPT_PIXELS // kept,
        MAX_DECODED_PIXELS // decoded,
        room // (KEPT * kept),
    )


def check_memory(
    picture: ImageFile, pixels: int, data: bytes, limits: Limits, beside: int = 0
) -> None:
    """Refuse a picture by the memory that decoding it would take.

    `pixels` is the size of the original; `picture.size` is the size at which it will be decoded.
    `beside` is the number of bytes a pixel that are held in addition to those of its format.
    """
    width, height = picture.size
    decoded: int = getattr(picture, "bytes_a_pixel", SMALL_MODES.get(picture.mode, 4))
    decoded += OVERHEAD.get(str(picture.format), 0) + beside
    memory = width * height * decoded
    if picture.format in APART:
        memory += INTERPRETER + len(data)
    if _in_scans(picture, data):
        memory += _coefficients(picture, pixels)
    if memory > limits.memory:
        raise RefusedError(
            "too-large",
            f"The {picture.format} of {pixels / 1e6:.0f} million pixels would take"
            f" {memory / 2**20:.0f} MB to decode; the limit is {limits.memory / 2**20:.0f} MB."
            " Upload a smaller one, or a baseline JPEG.",
        )


def _in_scans(picture: ImageFile, data: bytes) -> bool:
    """Whether a JPEG has several scans: libjpeg then keeps all coefficients, and goes through all
    of them at each scan.

    A progressive JPEG has several scans, and so has any JPEG whose first scan lacks a component.
    The markers up to the first scan are followed by their lengths, as libjpeg does, which skips the
    scans of previews in EXIF.
    """
    components: int = getattr(picture, "layers", 0)  # JPEG's alone
    if not components or picture.info.get("progressive"):
        return bool(components)
    for part in segments(data):
        if part.name == SCAN:
            return data[part.start : part.start + 1] != bytes([components])
    return False


def _coefficients(picture: ImageFile, pixels: int) -> int:
    """The bytes of all coefficients of a JPEG, two bytes each."""
    layers: list[tuple[int, int, int, int]] = getattr(picture, "layer", [])
    full = max((across * down for _, across, down, _ in layers), default=0) or 1
    return sum(2 * pixels * across * down // full for _, across, down, _ in layers)
