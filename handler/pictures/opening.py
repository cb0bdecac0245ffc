"""Opens a picture from bytes, or names what the bytes seem to be. Content decides."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from PIL import AvifImagePlugin, Image, UnidentifiedImageError

from handler.pictures.cicp import coded_profile
from handler.pictures.errors import RefusedError, ThumbxError
from handler.pictures.formats import READERS
from handler.pictures.limits import MAX_PIXELS, BoundedFile, SplicedFile
from handler.pictures.needed import needed, png_profile
from handler.pictures.recognition import NO_PICTURES, TIFFS, begins_as, recognised
from handler.pictures.structure import check_structure

if TYPE_CHECKING:
    from collections.abc import Generator

    from PIL.ImageFile import ImageFile

# If Pillow is asked for a format whose plugin is missing, it loads all forty plugins: 40 ms, and
# 250 without compiled modules. Pillow loads the plugins of JPEG and GIF by itself. The readers that
# run in a separate process are imported when the first such file comes (HEIC's takes 15 ms).
for each in READERS:
    if not each.apart:
        import_module(each.plugin)

# For TIFF, any bytes after these count: Pillow reads four kinds of TIFF header, and two invalid
# ones.
TIFF_BEGINS = (b"II", b"MM")

# Brands of ISO media (ISO/IEC 23008-12 and the like), the major one and those that a file calls
# itself compatible with. "mif1" and "miaf" are those of any still picture in this container, AVIF
# among them, so AVIF's reader is asked first.
AVIF_BRANDS = {b"avif", b"avis", b"avio"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
UNREAD_BRANDS = {b"mif2", b"miaf", b"avio"}  # Pillow accepts none as major brand
STILL_BRANDS = {b"mif1", b"mif2", b"miaf", b"msf1"}

NAMES = [each.name for each in READERS]
TAKES = f"the function takes {', '.join(NAMES[:-1])} and {NAMES[-1]}."

# Pillow's names for it.
XMP = ("xmp", "XML:com.adobe.xmp", "raw_profile_type_xmp")

CUT = "The file ends before the picture does; upload it again."
DAMAGED = "The picture's data is damaged, so it cannot be decoded; save it again as JPEG or PNG."

# Bytes of a box's header, and of the list of brands that are looked at.
BOX_HEADER = 8
MOST_BRANDS = 1024

# Pillow warns about what it accepts (odd tags, large pictures). The limits and refusals report what
# matters here, and a warning would be a log line that names no picture.
warnings.filterwarnings("ignore", module=r"PIL\.")

# One thread, as in the other readers, because a batch decodes as many pictures as there are vCPUs.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def open_picture(data: bytes) -> ImageFile:
    """Read a picture's header, but not its pixels.

    Raises RefusedError for anything that is not one of the formats above.
    """
    if not data:
        raise RefusedError("empty", "The file is empty; upload it again.")
    check_structure(data)
    if any(data.startswith(beginning, offset) for offset, beginning, _ in TIFFS):
        raise unknown(data)
    formats = readers(data)
    with damage_refused(data):
        try:
            picture = Image.open(_file(data), formats=formats)
        except UnidentifiedImageError as error:
            raise unknown(data) from error
        if picture.width * picture.height > MAX_PIXELS:  # Pillow's own limit can be higher
            raise Image.DecompressionBombError
    profile = png_profile(data) or picture.info.get("icc_profile") or coded_profile(data)
    if profile:
        picture.info["icc_profile"] = profile
    # Pillow would turn a picture by its XMP if EXIF has no orientation; browsers and libvips do
    # not.
    for name in XMP:
        picture.info.pop(name, None)
    return picture


def _file(data: bytes) -> BoundedFile:
    """The bytes as a file; for a PNG or JPEG, without damaged parts that no pixel needs."""
    if data[4:8] == b"ftyp":
        # The readers look at the major brand only, and encoders write different brands there.
        known = (AVIF_BRANDS | HEIC_BRANDS | STILL_BRANDS) - UNREAD_BRANDS
        if data[8:12] not in known and (others := sorted(_brands(data) & known)):
            data = data[:8] + others[0] + data[12:]
    pieces = needed(data)
    return BoundedFile(data) if pieces is None else SplicedFile(data, pieces)


def read_apart(data: bytes) -> bool:
    """Whether a file begins as TIFF, AVIF or HEIC, whose readers run in a process of their own."""
    return data.startswith(TIFF_BEGINS) or data[4:8] == b"ftyp"


def readers(begins: bytes) -> tuple[str, ...]:
    """Pillow's names of the formats to try on a file with these first bytes; imports their readers.

    Only the main picture of a HEIC is read.
    """
    if begins.startswith(TIFF_BEGINS):
        names: tuple[str, ...] = ("TIFF BY PLANES",)
    elif begins[4:8] != b"ftyp":
        return tuple(each.pillow for each in READERS if not each.apart)
    else:
        brands = _brands(begins)
        avif = brands & (AVIF_BRANDS | STILL_BRANDS)
        heic = brands & (HEIC_BRANDS | STILL_BRANDS)
        names = (*(["AVIF"] if avif else []), *(["HEIF"] if heic else []))
    for each in READERS:
        if each.pillow in names:
            import_module(each.plugin)
    if "HEIF" in names:
        import_module("pi_heif").register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
        )
    return names


def _brands(data: bytes) -> set[bytes]:
    """The brands in the first box of an ISO media file: the major brand, then, after a version,
    the others.
    """
    ends = min(int.from_bytes(data[:4], "big"), MOST_BRANDS)
    return {data[8:12], *(data[at : at + 4] for at in range(16, ends - 3, 4))}


def unknown(data: bytes) -> RefusedError:
    """The refusal for bytes that no reader takes; it names the kind of file if that is known."""
    name = recognised(data)
    picture = data[4:8] == b"ftyp" and _brands(data) & (AVIF_BRANDS | HEIC_BRANDS | STILL_BRANDS)
    if name and not picture:
        reason = "not-an-image" if name in NO_PICTURES else "unsupported"
        return RefusedError(reason, f"The file is {name}; {TAKES}")
    if _is_cut(data):
        return RefusedError("truncated", CUT)
    begins = begins_as(data)
    if begins:
        return RefusedError(
            "damaged",
            f"The file begins as {begins}, but its header is damaged or of a kind that cannot"
            " be read; save it again as JPEG or PNG.",
        )
    return RefusedError("not-an-image", f"The content is not a picture; {TAKES}")


@contextmanager
def damage_refused(data: bytes) -> Generator[None]:
    """Turn any error that Pillow raises on damaged bytes into a refusal; Pillow's own words go to
    the log.

    Pillow raises OSError, SyntaxError and ValueError by design, and KeyError, struct.error,
    AttributeError and others for files that its authors did not expect. A retry helps with none of
    them. A MemoryError is no refusal: the limits were checked before, so the function is too small.
    An ImportError is no refusal either: the layer is incomplete.
    """
    try:
        yield
    except (ThumbxError, MemoryError, ImportError):
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
        raise RefusedError("damaged", DAMAGED) from error


def _is_cut(data: bytes) -> bool:
    """Whether a WebP, AVIF or HEIC file is shorter than it declares; their readers do not report
    it.
    """
    if data.startswith(b"RIFF"):
        return len(data) < int.from_bytes(data[4:8], "little") + 8
    if data[4:8] != b"ftyp":
        return False
    end = 0
    while end < len(data):  # boxes, each with its length in front (ISO/IEC 14496-12)
        length = int.from_bytes(data[end : end + 4], "big")
        # length 0 means "to the end", 1 means that 64 bits with the length follow
        if length < BOX_HEADER:
            return False
        end += length
    return end > len(data)
