"""PNG inflated by ISA-L, and all else of it read by Pillow.

Pillow's wheels inflate with the system's zlib, whatever features.check_feature("zlib_ng") says:
auditwheel packs none (pypa/auditwheel#152). ISA-L needs 9 ms where zlib needs 30. So Pillow's
decoder gets the same stream with its bytes stored, not deflated, and does the rest as ever:
filters, Adam7, palettes, 16 bits, frames.

A graphic of 3 megapixels is decoded in 71 ms, not 99, photographs in 109, not 148 (RGB), and 120,
not 174 (RGBA), a palette in 11, not 24, a screen of text in 34, not 46. Noise that nothing could
deflate takes 7 % more with filters and 22 without, 140 ms, not 114, for 96 MB.
"""

from __future__ import annotations

from struct import pack
from time import thread_time
from typing import TYPE_CHECKING, Any

from isal.igzip_lib import DECOMP_ZLIB, IgzipDecompressor
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from handler.pictures.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator

# What to ask Image.open for. It stands beside Pillow's own reader, behind it: whoever asks for
# "PNG", or for no format, gets what they always got.
NAME = "PNG BY ISA-L"
SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Bytes that are read at once, and inflated at once: the most that a stored block can have. From 16
# to 64 kB (and 256 of the first) there is no difference in time, and all that is kept is one of
# the first and two of the second.
BLOCK = 2**16
PIECE = 2**16 - 1

# Seconds of the processor after which zlib takes over, from the start, with the same result: ISA-L
# builds its tables anew for each block of a stream, so that 95 MB of empty ones took it 14 seconds
# and zlib 0.9. Noise of the largest size takes 0.4.
PATIENCE = 0.5

# What Pillow multiplies grey values with, by their bits, but not the one that is transparent.
GREYS = {"L;2": 85, "L;4": 17, "L": 1}


class InflatedPng(PngImageFile):
    """A PNG whose pixels come by way of ISA-L, and where that fails, by way of zlib."""

    doubted = False

    def _open(self) -> None:
        super()._open()
        factor = GREYS.get(str(self.tile[0].args)) if self.tile else None
        if factor and "transparency" in self.info:
            # It has 16 bits, of which those of the depth count (ISO/IEC 15948, 11.3.2.1).
            self.info["transparency"] = (self.info["transparency"] & 255 // factor) * factor

    def load(self) -> Image.core.PixelAccess | None:
        """Decode the current frame; if that fails, once more from the start as Pillow does it.

        So every refusal is Pillow's, and what Pillow forgives stays forgiven. ISA-L alone would
        not do: it reads up to 128 kB ahead, and an error there, which may lie behind the last
        pixel, costs it what it had. The price is twice the time for a picture that is damaged.

        It forgives more in one case (found by fuzzing): codes that leave a gap, which zlib refuses
        and nothing in the stream uses. The checksum then shows that the bytes are right.
        """
        file, frame = self.fp, self.tell()
        try:
            return super().load()
        except (MemoryError, RefusedError):
            raise
        except Exception:
            if self.doubted or file is None:
                raise
        finally:
            # It refers to the picture and the picture to it: without this, the pixels would stay
            # until the garbage collector comes by.
            self._pieces = iter(())
        self.doubted = True
        file.seek(0)
        super().__init__(file)
        self.seek(frame)
        return super().load()

    def load_prepare(self) -> None:
        """Pillow's hook before the pixels of a frame are read."""
        super().load_prepare()
        if not self.doubted:
            self._pieces = self._stored()

    def load_read(self, read_bytes: int) -> bytes:
        """Pillow's hook for more of a frame's zlib stream; no bytes mean that it was cut short."""
        return super().load_read(read_bytes) if self.doubted else next(self._pieces, b"")

    def _stored(self) -> Iterator[bytes]:
        """The frame's zlib stream, its bytes in stored blocks (RFC 1951, 3.2.4).

        Each piece waits for the next: ISA-L compares the checksum at the very end, and of a wrong
        one has to be heard before Pillow has the last row, where it stops.
        """
        inflater: Any = IgzipDecompressor(DECOMP_ZLIB)  # its stub leaves a type out
        block, piece, spent = self._compressed(), b"", 0.0
        yield block[:2]  # the header: ISA-L does not look at the window's size, and zlib does
        while not inflater.eof and (block or not inflater.needs_input):
            begun = thread_time()
            following = inflater.decompress(block, PIECE)
            spent += thread_time() - begun
            if spent > PATIENCE:
                return
            if following:
                yield _block(piece, last=False)
                piece = following
            block = self._compressed() if inflater.needs_input else b""
        if inflater.eof:
            yield _block(piece, last=True) + inflater.crc.to_bytes(4, "big")

    def _compressed(self) -> bytes:
        """The next block of the zlib stream, whole however small the chunks that hold it.

        ISA-L takes a microsecond or two a call: in chunks of 10 bytes, three times zlib's time.
        """
        block = bytearray()
        while len(block) < BLOCK and (part := super().load_read(BLOCK - len(block))):
            block += part
        return bytes(block)


def _block(stored: bytes, *, last: bool) -> bytes:
    return pack("<BHH", last, len(stored), len(stored) ^ 0xFFFF) + stored


Image.register_open(NAME, InflatedPng, lambda prefix: prefix.startswith(SIGNATURE))
