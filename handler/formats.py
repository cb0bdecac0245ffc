"""Which formats are read, and what a file that is none of them seems to be. Content decides."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from handler.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Generator

    from PIL.ImageFile import ImageFile

# An explicit list: Pillow would otherwise try some forty readers, among them EPS, which runs
# Ghostscript, and container formats (ICO, ICNS, PSD) that hold further images of any size.
READABLE = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF")

# Beginnings of files that people upload as pictures, at a byte offset: to refuse them by name.
# ISO media files ("ftyp" at 4) name themselves at 8; the brands are those of ISO/IEC 23008-12.
SIGNATURES = (
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"8BPS", "Photoshop"),
    (0, b"BM", "BMP"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"icns", "ICNS"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"PK\3\4", "ZIP"),
    (8, b"heic", "HEIC"),
    (8, b"heix", "HEIC"),
    (8, b"hevc", "HEIC"),
    (8, b"mif1", "HEIF"),
    (4, b"ftyp", "video"),
    (8, b"AVI ", "video"),
    (0, b"\x1a\x45\xdf\xa3", "video"),
)


def open_picture(data: bytes) -> ImageFile:
    """Read a picture's header, not its pixels.

    Raises RefusedError for whatever is not one of READABLE.
    """
    if not data:
        raise RefusedError("empty", "The file is empty; upload it again.")
    with damage_refused(data):
        try:
            return Image.open(io.BytesIO(data), formats=READABLE)
        except UnidentifiedImageError as error:
            raise unknown(data) from error


def unknown(data: bytes) -> RefusedError:
    """Why bytes that no reader takes are refused: by the name of what they are, if it is known."""
    takes = f"the function takes {', '.join(READABLE)}."
    for offset, beginning, name in SIGNATURES:
        if data.startswith(beginning, offset):
            return RefusedError("unsupported", f"The file is {name}; {takes}")
    if b"<svg" in data[:1024].lower():
        return RefusedError("unsupported", f"The file is SVG; {takes}")
    for name, beginning in BEGINNINGS.items():
        if data.startswith(beginning):
            return RefusedError("damaged", f"The file begins as {name} but has no usable header.")
    return RefusedError("not-an-image", f"The content is not a picture; {takes}")


# How the formats above begin, to tell a damaged picture from what never was one.
BEGINNINGS = {
    "JPEG": b"\xff\xd8\xff",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "WebP": b"RIFF",
    "GIF": b"GIF8",
    "TIFF": b"II*\0",
    "TIFF ": b"MM\0*",
}


@contextmanager
def damage_refused(data: bytes) -> Generator[None]:
    """Turn whatever Pillow's readers raise on bad bytes into a refusal.

    They raise OSError, SyntaxError and ValueError by design, and KeyError, struct.error,
    AttributeError and others where nobody expected such a file; none of it is worth a retry.
    A MemoryError is: limits were checked before, so the function is too small or too busy.
    """
    try:
        yield
    except (RefusedError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise RefusedError("too-large", f"The picture is too large: {error}.") from error
    except Exception as error:
        if "truncated" in str(error).lower() or _cut_short(data):
            raise RefusedError(
                "truncated", "The file ends before the picture does; upload it again."
            ) from error
        raise RefusedError("damaged", f"The picture cannot be decoded ({error}).") from error


def _cut_short(data: bytes) -> bool:
    """Whether a WebP file is shorter than its RIFF header says; libwebp does not tell."""
    return data.startswith(b"RIFF") and len(data) < int.from_bytes(data[4:8], "little") + 8
