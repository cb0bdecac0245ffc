"""PNG inflated by ISA-L; Pillow reads the rest.

Pillow's wheels inflate with the system's zlib, although features.check_feature("zlib_ng") says
otherwise, because auditwheel packs none (pypa/auditwheel#152). ISA-L takes 9 ms where zlib takes
30. Pillow's decoder therefore gets the inflated bytes as a stream of stored blocks and does the
  rest as before: filters, Adam7, palettes, 16 bits, frames.

Decoding times at 3 megapixels: a graphic 71 ms instead of 99, photographs 109 instead of 148 (RGB)
and 120 instead of 174 (RGBA), a palette 11 instead of 24, a screen of text 34 instead of 46. Noise,
which cannot be deflated, takes 7 % longer with filters, and 22 % longer without them: 140 ms
instead of 114 for 96 MB.
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

# The format name to pass to Image.open. Our reader is registered after Pillow's own: a caller who
# asks for "PNG", or for no format, still gets Pillow's.
NAME = "PNG BY ISA-L"
SIGNATURE = b"\x89PNG\r\n\x1a\n"

# The number of bytes read at a time, and inflated at a time: the most that a stored block can hold.
# Sizes from 16 to 64 kB (256 for the first) take the same time, and only one block of the first
# kind and two of the second are kept.
BLOCK = 2**16
PIECE = 2**16 - 1

# Seconds of processor time after which zlib starts over and gives the same result. ISA-L builds its
# tables again for each block of a stream: 95 MB of empty blocks took ISA-L 14 seconds and zlib 0.9.
# Noise of the largest size takes 0.4.
PATIENCE = 0.5

# The factor by which Pillow multiplies grey values, by their bits; Pillow does not multiply the
# transparent value.
GREYS = {"L;2": 85, "L;4": 17, "L": 1}


class InflatedPng(PngImageFile):
    """A PNG that is inflated by ISA-L, and by zlib where ISA-L fails."""

    doubted = False

    def _open(self) -> None:
        super()._open()
        factor = GREYS.get(str(self.tile[0].args)) if self.tile else None
        if factor and "transparency" in self.info:
            # The transparent value has 16 bits, of which only as many as the bit depth count
            # (ISO/IEC 15948, 11.3.2.1).
            self.info["transparency"] = (self.info["transparency"] & 255 // factor) * factor

    def load(self) -> Image.core.PixelAccess | None:
        """Decode the current frame; if that fails, decode it again from the start with Pillow's own
        reader.

        Every refusal is therefore Pillow's, and Pillow still accepts the damage that it accepted
        before. ISA-L alone would refuse more: it reads up to 128 kB ahead, and loses what it has
        inflated if an error occurs there, even after the last pixel. A damaged picture therefore
        takes twice the time.

        ISA-L accepts one more kind of file (found by fuzzing): an incomplete set of codes, which
        zlib refuses although the stream does not use the missing codes. The checksum then shows
        that the bytes are right.
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
            # The reader and the picture refer to each other: without this line, the pixels would
            # stay until the garbage collector runs.
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
        """Pillow's hook for more of a frame's zlib stream; an empty result means that the stream
        was cut.
        """
        return super().load_read(read_bytes) if self.doubted else next(self._pieces, b"")

    def _stored(self) -> Iterator[bytes]:
        """The frame's zlib stream, with its bytes in stored blocks (RFC 1951, 3.2.4).

        Each piece is handed on only when the next one is inflated, because ISA-L compares the
        checksum at the very end, and Pillow stops reading at the last row; a wrong checksum must be
        found before that.
        """
        inflater: Any = IgzipDecompressor(DECOMP_ZLIB)  # the stub lacks a type
        block, piece, spent = self._compressed(), b"", 0.0
        yield block[:2]  # zlib checks the window size in the header; ISA-L does not
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
        """The next block of the zlib stream, always of full size, even if the chunks that hold it
        are small.

        An ISA-L call takes one or two microseconds; called for each chunk of 10 bytes, it would
        take three times as long as zlib.
        """
        block = bytearray()
        while len(block) < BLOCK and (part := super().load_read(BLOCK - len(block))):
            block += part
        return bytes(block)


def _block(stored: bytes, *, last: bool) -> bytes:
    return pack("<BHH", last, len(stored), len(stored) ^ 0xFFFF) + stored


Image.register_open(NAME, InflatedPng, lambda prefix: prefix.startswith(SIGNATURE))
