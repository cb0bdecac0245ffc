"""From bytes to an opened picture, or to what the bytes seem to be. Content decides."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from handler.pictures.errors import RefusedError
from handler.pictures.formats import READERS
from handler.pictures.limits import MAX_PIXELS, BoundedFile
from handler.pictures.structure import check_structure

if TYPE_CHECKING:
    from collections.abc import Generator

    from PIL.ImageFile import ImageFile

# Asked for a format whose plugin is not there, Pillow loads all forty: 40 ms, and without compiled
# modules 250. Those of JPEG and GIF it loads by itself. Those that are read apart are imported when
# the first such file comes (HEIC's takes 15 ms).
for each in READERS:
    if not each.apart:
        import_module(each.plugin)

# Of TIFF, whatever the bytes that follow: Pillow reads four kinds, and two that are wrong.
TIFF_BEGINS = (b"II", b"MM")

# "mif1" is the brand of any still picture in this container, AVIF among them, so AVIF's reader is
# asked first.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1")

NAMES = [each.name for each in READERS]
TAKES = f"the function takes {', '.join(NAMES[:-1])} and {NAMES[-1]}."

# Beginnings of files that people upload as pictures, at a byte offset: to refuse them by name.
# ISO media files ("ftyp" at 4) name themselves at 8 (ISO/IEC 14496-12).
SIGNATURES = (
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"icns", "ICNS"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"PK\3\4", "ZIP"),
    (8, b"AVI ", "video"),
    (0, b"\x1a\x45\xdf\xa3", "video"),
)

VIDEO_BRANDS = (b"isom", b"iso2", b"mp41", b"mp42", b"qt  ", b"M4V ", b"3gp4", b"3gp5")

CUT = "The file ends before the picture does; upload it again."
BOX_HEADER = 8

# Pillow warns about what it forgives (odd tags, large pictures); the limits and the refusals say
# what matters here, and a warning would be a line in the log that names no picture.
warnings.filterwarnings("ignore", module=r"PIL\.")

# One thread, as the other readers: a batch decodes as many pictures as there are vCPUs.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def open_picture(data: bytes) -> ImageFile:
    """Read a picture's header, not its pixels.

    Raises RefusedError for whatever is not one of the formats above.
    """
    if not data:
        raise RefusedError("empty", "The file is empty; upload it again.")
    check_structure(data)
    formats = readers(data)
    with damage_refused(data):
        try:
            return Image.open(BoundedFile(data), formats=formats)
        except UnidentifiedImageError as error:
            raise unknown(data) from error


def read_apart(data: bytes) -> bool:
    """Whether a file begins as TIFF, AVIF or HEIC, whose readers run in a process of their own."""
    return data.startswith(TIFF_BEGINS) or data[4:8] == b"ftyp"


def readers(begins: bytes) -> tuple[str, ...]:
    """Pillow's names of the formats to try on a file that begins so; loads what reads them.

    Of a HEIC, the main picture only.
    """
    if begins.startswith(TIFF_BEGINS):
        names: tuple[str, ...] = ("TIFF BY PLANES",)
    elif begins[4:8] != b"ftyp":
        return tuple(each.pillow for each in READERS if not each.apart)
    else:
        names = ("AVIF", "HEIF") if begins[8:12] in HEIC_BRANDS else ("AVIF",)
    for each in READERS:
        if each.pillow in names:
            import_module(each.plugin)
    if "HEIF" in names:
        import_module("pi_heif").register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
        )
    return names


def unknown(data: bytes) -> RefusedError:
    """Why bytes that no reader takes are refused: by the name of what they are, if it is known."""
    for offset, beginning, name in SIGNATURES:
        if data.startswith(beginning, offset):
            return RefusedError("unsupported", f"The file is {name}; {TAKES}")
    if b"<svg" in data[:1024].lower():
        return RefusedError("unsupported", f"The file is SVG; {TAKES}")
    if data[4:8] == b"ftyp" and data[8:12] in VIDEO_BRANDS:
        return RefusedError("unsupported", f"The file is video; {TAKES}")
    if _is_cut(data):
        return RefusedError("truncated", CUT)
    for each in READERS:
        if any(data.startswith(beginning, offset) for offset, beginning in each.begins):
            name = "AVIF or HEIC" if each.begins == ((4, b"ftyp"),) else each.name
            return RefusedError(
                "damaged",
                f"The file begins as {name}, but its header is damaged or of a kind that cannot"
                " be read; save it again as JPEG or PNG.",
            )
    return RefusedError("not-an-image", f"The content is not a picture; {TAKES}")


@contextmanager
def damage_refused(data: bytes) -> Generator[None]:
    """Turn whatever Pillow's readers raise on bad bytes into a refusal.

    They raise OSError, SyntaxError and ValueError by design, and KeyError, struct.error,
    AttributeError and others where nobody expected such a file; no retry would help any of them.
    A MemoryError is no refusal: limits are checked before, so the function is too small.
    """
    try:
        yield
    except (RefusedError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise RefusedError(
            "too-large",
            f"The picture has more than {MAX_PIXELS / 1e6:.0f} million pixels, which is the limit;"
            " upload a smaller one.",
        ) from error
    except Exception as error:
        words = str(error).lower()
        if isinstance(error, EOFError) or "truncated" in words or _is_cut(data):
            raise RefusedError("truncated", CUT) from error
        raise RefusedError("damaged", f"The picture cannot be decoded: {error}.") from error


def _is_cut(data: bytes) -> bool:
    """Whether a WebP, AVIF or HEIC file is shorter than it declares; their readers do not say."""
    if data.startswith(b"RIFF"):
        return len(data) < int.from_bytes(data[4:8], "little") + 8
    if data[4:8] != b"ftyp":
        return False
    end = 0
    while end < len(data):  # boxes, each with its length in front (ISO/IEC 14496-12)
        length = int.from_bytes(data[end : end + 4], "big")
        if length < BOX_HEADER:  # 0 is "to the end", 1 a length of 64 bits
            return False
        end += length
    return end > len(data)
