"""Decodes a picture, upright, to no more pixels than its thumbnails need."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, ImageChops
from PIL.JpegImagePlugin import JpegImageFile

from handler.pictures.colour import converter
from handler.pictures.ending import loaded
from handler.pictures.limits import check_memory, check_scans
from handler.pictures.opening import damage_refused
from handler.pictures.progressive import without_detail
from handler.pictures.resampling import resampled

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageFile import ImageFile

    from handler.pictures.geometry import Placement, Size
    from handler.pictures.limits import Limits

# The turn that makes a stored picture upright, by the value of EXIF's Orientation tag.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = {5, 6, 7, 8}

ANIMATED = {"GIF", "WEBP", "PNG", "AVIF"}

# libjpeg decodes a JPEG at 1/8, 1/4 or 1/2, to at least this many times the thumbnail's size.
# Below that, libjpeg's mean over a block is the only low-pass filter, and stripes become moire: up
# to 16 dB worse on text. sharp has 1.125, 1.25 and 1.5 for these scales; none of ours may be less.
SCALES = {8: 1.3, 4: 1.3, 2: 1.5}

# Other formats are decoded whole, then reduced by whole numbers (a box filter) to at least GAP
# times the size, and then resampled. libvips uses 2 as well. A gap just below it saves 18 ms of 97
# on a 3-megapixel PNG with Pillow's resampler and none with SIMD, but costs 0.9 to 1.5 dB on small
# text; 3 gains nothing.
GAP = 2

# Bytes a pixel of a GIF that its frames do not fill: the mask, and two pictures with transparency.
PARTLY = 9

# The smallest scale at which libjpeg decodes, as Pillow names it.
EIGHTH = 8

# Formats that are read in one piece, because Pillow joins blocks of 64 kB to the rest each time;
# for a WebP also the pixels from its decoder (180 ms for 12 megapixels instead of 217). This costs
# no memory, because BytesIO hands out all of its bytes without a copy.
AT_ONCE = {"JPEG", "MPO", "WEBP"}

# The number of pixels converted at a time, so that a change of mode never holds a second picture of
# full size. A band takes 4 MB, and stays in the processor's cache.
BAND = 2**20


@dataclass(frozen=True, kw_only=True)
class DecodedPicture:
    """An opened picture and its orientation.

    `covered` is a mask for a GIF whose frames do not fill it: 255 where a frame has drawn so far.
    """

    file: ImageFile
    data: bytes
    limits: Limits
    stored: Size
    orientation: int
    covered: Picture | None = None

    @property
    def upright(self) -> Size:
        """Width and height as people see it."""
        width, height = self.stored
        return (height, width) if self.orientation in SIDEWAYS else (width, height)

    @property
    def format(self) -> str:
        """Pillow's name of the format, except that MPO (a JPEG with further pictures after it)
        counts as JPEG.
        """
        return "JPEG" if isinstance(self.file, JpegImageFile) else str(self.file.format)

    @property
    def animated(self) -> bool:
        """Whether there are further frames; further images in a TIFF are pages, and in an MPO
        other views.
        """
        return self.format in ANIMATED and getattr(self.file, "is_animated", False)

    def uncovered(self) -> Picture:
        """The current frame, transparent where no frame has drawn yet."""
        if self.covered is None:
            return self.file
        extent: tuple[int, int, int, int] = getattr(
            self.file, "dispose_extent", (0, 0, *self.stored)
        )
        self.covered.paste(255, extent)
        frame = self.file.convert("RGBA")
        frame.putalpha(ImageChops.darker(frame.getchannel("A"), self.covered))
        frame.info = {**self.file.info}
        frame.info.pop("transparency", None)
        return frame


def read(file: ImageFile, data: bytes, limits: Limits) -> DecodedPicture:
    """Check the limits and read the orientation. Decode every format except JPEG.

    PNG may have its EXIF after the pixels; Pillow turns a TIFF upright when it loads it.
    """
    check_scans(file, data, limits)
    if file.format in AT_ONCE:
        file.decodermaxblock = 2**30
    covered = _first_covers(file, data, limits)
    if not isinstance(file, JpegImageFile):
        check_memory(file, file.width * file.height, data, limits)
        with damage_refused(data):
            file.load()
    return DecodedPicture(
        file=file,
        data=data,
        limits=limits,
        stored=file.size,
        orientation=_orientation(file),
        covered=covered,
    )


def _first_covers(file: ImageFile, data: bytes, limits: Limits) -> Picture | None:
    """A mask for a GIF whose first frame does not fill it; None for any other picture.

    Pillow fills the rest with a colour of the palette; browsers and libvips leave it transparent.
    """
    whole = (0, 0, *file.size)
    if file.format != "GIF" or not file.tile or file.tile[0].extents == whole:
        return None
    check_memory(file, file.width * file.height, data, limits, beside=PARTLY)
    return Image.new("L", file.size)


def _orientation(file: ImageFile) -> int:
    try:
        return int(file.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # a broken EXIF block can raise any error, but the picture itself is good
        return 1


def scaled(original: DecodedPicture, placement: Placement) -> Picture:
    """The placement's region at its size, upright, in a mode that can be averaged.

    Raises RefusedError where the pixels cannot be decoded.
    """
    sideways = original.orientation in SIDEWAYS
    here = placement.turned() if sideways else placement
    file, (width, height) = original.file, original.stored
    across, down = here.size[0] / here.region[0], here.size[1] / here.region[1]
    if isinstance(file, JpegImageFile):
        least = _least((width, height), (width * across, height * down))
        file.draft(None, least)
        check_memory(file, width * height, original.data, original.limits)
        if file.decoderconfig[:1] == (EIGHTH,) and file.info.get("progressive"):
            file.fp = io.BytesIO(without_detail(original.data))
        decoded = loaded(file, original.data, least)
        exact = _exact(width, decoded.width), _exact(height, decoded.height)
        image = _in_bands(decoded, (1, 1))
    else:
        factor = max(1, int(1 / across / GAP)), max(1, int(1 / down / GAP))
        image = _in_bands(original.uncovered(), factor)
        exact = width / factor[0], height / factor[1]
    box = here.box(original.stored, exact)
    image = resampled(image, here.size, box)
    image.info = {}
    turn = TURNS.get(original.orientation)
    return image if turn is None else image.transpose(turn)


def _least(full: Size, wanted: tuple[float, float]) -> Size:
    """The size to draft a JPEG to, so that libjpeg decodes it at the smallest sufficient scale."""
    for scale, near in SCALES.items():
        if all(side >= near * scale * goal for side, goal in zip(full, wanted, strict=True)):
            return max(1, full[0] // scale), max(1, full[1] // scale)
    return full


def _exact(full: int, drafted: int) -> float:
    """The side of a drafted JPEG before libjpeg rounded it up to whole pixels."""
    return next(full / scale for scale in (1, 2, 4, 8) if -(-full // scale) == drafted)


def _in_bands(file: Picture, factor: tuple[int, int]) -> Picture:
    """The picture in a mode that can be averaged, reduced by whole numbers."""
    convert = converter(file)
    if convert is None:
        return file.reduce(factor) if factor != (1, 1) else file
    rows = max(1, BAND // file.width // factor[1]) * factor[1]
    result: Picture | None = None
    for top in range(0, file.height, rows):
        band = convert(file.crop((0, top, file.width, min(top + rows, file.height))))
        small = band.reduce(factor) if factor != (1, 1) else band
        if result is None:
            size = -(-file.width // factor[0]), -(-file.height // factor[1])
            result = Image.new(small.mode, size)
        result.paste(small, (0, top // factor[1]))
    return result or file
