"""TIFF: Pillow decodes what it reads correctly; the rest is built plane by plane from libtiff's
samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageFile, ImageOps, ImagePalette, TiffImagePlugin

from handler.pictures import libtiff, tiff_layout
from handler.pictures.colour import PREMULTIPLIED, from_light, multiplied, to_srgb
from handler.pictures.errors import RefusedError
from handler.pictures.tiff_layout import FLOAT, ICC_LAB, LAB, PROFILE, RGB, SIGNED, WHITE_IS_ZERO

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from handler.pictures.libtiff import Block
    from handler.pictures.tiff_layout import Layout

# The format name to pass to Image.open; this reader stands beside Pillow's own.
NAME = "TIFF BY PLANES"

# Uncompressed pixels are read here too, because Pillow's own loop ignores the bit order, 16-bit
# planes, and strips that are longer or shorter than declared.
TiffImagePlugin.READ_LIBTIFF = True

# Pillow's own record of what is to be decoded.
TILE: Any = ImageFile._Tile  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

# Tag of a palette (TIFF 6.0).
COLOUR_MAP = 320

# Pillow's names for packed samples and for numbers, in the machine's (little-endian) order.
PACKED = {1: ("1", "1"), 2: ("L", "L;2"), 4: ("L", "L;4"), 12: ("I;16", "I;12")}
NUMBERS = {
    (SIGNED, 8): ("I", "I;8S"),
    (SIGNED, 16): ("I", "I;16S"),
    (SIGNED, 32): ("I", "I;32S"),
    (FLOAT, 32): ("F", "F;32F"),
    (FLOAT, 64): ("F", "F;64F"),
}
# From signed 8-bit values to unsigned ones.
OFFSET = [value ^ 128 for value in range(256)]

MODES = {1: "L", 3: "RGB", 4: "CMYK"}


class PlanedTiff(TiffImagePlugin.TiffImageFile):
    """A TIFF whose layout is checked first, so that no pixel is decoded by a guess."""

    layout: Layout

    def _setup(self) -> None:
        """Pillow's hook that runs after a picture's tags are read."""
        tags = cast("dict[int, Any]", self.tag_v2)
        self.info.pop("xmp", None)  # Pillow would turn the picture by it
        if not isinstance(tags.get(PROFILE, b""), bytes):  # a number instead of a profile
            del tags[PROFILE]
        self.layout = tiff_layout.layout(tags)
        if self.layout.pillow or libtiff.library() is None:
            super()._setup()
            if self.mode in {"P", "PA"}:
                self._mend_palette(tags)
            return
        width, height = self.layout.width, self.layout.height
        sideways = tags.get(0x0112) in {5, 6, 7, 8}
        self._tile_size = width, height
        self._size = (height, width) if sideways else (width, height)
        self._mode = self._final_mode()
        self.palette = None
        self.use_load_libtiff = True
        if PROFILE in tags:
            self.info["icc_profile"] = tags[PROFILE]
        # Pillow only calls the loader if there is something to load.
        self.tile = [TILE("planes", (0, 0, width, height), 0, ())]

    @property
    def bytes_a_pixel(self) -> int:
        """The bytes held at once for each pixel: the planes, and the picture made of them."""
        if self.layout.pillow:
            return 4
        each = 4 if self.layout.kind in {SIGNED, FLOAT} else 1
        count = self.layout.colours + (self.layout.alpha is not None)
        copies = 2 if self.layout.photometric == WHITE_IS_ZERO else 1
        return each * count * copies + (4 if count > 1 else 0)

    def load(self) -> Image.core.PixelAccess | None:
        """Decode the picture."""
        if not self.tile or self.tile[0].codec_name != "planes":
            return super().load()
        image = self._assembled()
        self.im, self._mode = image.im, image.mode
        self.tile = []
        self.readonly = 0
        self.load_end()
        return Image.Image.load(self)

    def _mend_palette(self, tags: dict[int, Any]) -> None:
        """Read a palette with values of 0 to 255 as an 8-bit one, as libtiff does; the format
        says 16 bits.
        """
        values = cast("tuple[int, ...]", tags[COLOUR_MAP])
        if len(values) < 3 << self.layout.bits:
            raise RefusedError(
                "damaged", "The palette of the TIFF is too short; save it again as JPEG or PNG."
            )
        if all(value < 256 for value in values):  # noqa: PLR2004 - of 8 bits
            self.palette = ImagePalette.raw("RGB;L", bytes(values))

    def _final_mode(self) -> str:
        layout = self.layout
        if layout.kind in {SIGNED, FLOAT} and layout.colours == 1:
            return NUMBERS[layout.kind, layout.bits][0]
        if layout.photometric in {LAB, ICC_LAB}:
            return "LAB" if layout.alpha is None else "RGBA"
        mode = MODES[layout.colours]
        if layout.alpha is None:
            return mode
        mode = "LA" if mode == "L" else "RGBA"
        return PREMULTIPLIED[mode] if layout.associated else mode

    def _assembled(self) -> Picture:
        layout = self.layout
        wanted = [*range(layout.colours), *([] if layout.alpha is None else [layout.alpha])]
        kind = NUMBERS.get((layout.kind, layout.bits), ("L",))[0]
        planes = {number: Image.new(kind, self._tile_size) for number in wanted}
        grid = libtiff.Grid(
            *(layout.width, layout.height, layout.across, layout.down),
            planes=layout.samples if layout.planes else 1,
        )
        if self.fp is None:
            raise OSError("the file is closed")
        for block in libtiff.blocks(self.fp.getvalue(), grid):  # type: ignore[attr-defined]
            held = [block.plane] if layout.planes else wanted
            for number in set(held) & planes.keys():
                sample = 0 if layout.planes else number
                planes[number].paste(_plane(block, layout, sample), (block.x, block.y))
        return self._merged([planes[number] for number in wanted])

    def _merged(self, planes: list[Picture]) -> Picture:
        layout = self.layout
        colours, alpha = planes[: layout.colours], planes[layout.colours :]
        if layout.photometric == WHITE_IS_ZERO:
            colours = [_negative(plane) for plane in colours]
        if layout.photometric == LAB:  # a and b are signed
            colours[1:] = [cast("Any", each).point(OFFSET) for each in colours[1:]]
        if layout.photometric == RGB and layout.kind == FLOAT:
            colours = from_light(colours)
        lab = layout.photometric in {LAB, ICC_LAB}
        mode = "LAB" if lab else MODES[layout.colours]
        whole = colours[0] if len(colours) == 1 else Image.merge(mode, colours)
        if not alpha:
            return whole
        if mode in {"LAB", "CMYK"}:
            # Pillow has no such mode with transparency.
            whole = to_srgb(whole, self.info.pop("icc_profile", None))
            colours = list(whole.convert("RGB").split())
        return Image.merge(self._final_mode(), [*colours, *alpha])


def _negative(plane: Picture) -> Picture:
    if plane.mode == "L":
        return ImageOps.invert(plane)
    # For whole numbers -1 - value, because the lowest value has no positive counterpart.
    return multiplied(plane, -1, -1 if plane.mode == "I" else 0)


def _plane(block: Block, layout: Layout, sample: int) -> Picture:
    """One sample of each pixel of a strip or tile: mode L, or I and F for grey values that are
    not unsigned.
    """
    count = 1 if layout.planes else layout.samples
    size, depth = (block.width, block.rows), layout.bits // 8
    if (layout.kind, layout.bits) in NUMBERS:
        mode, raw = NUMBERS[layout.kind, layout.bits]
        numbers = _numbers(block, count, mode, raw)
        # Pillow stores I and F as C does: four bytes a number.
        code = "i" if mode == "I" else "f"
        one = memoryview(numbers.tobytes()).cast(code)[sample::count].tobytes()
        whole = Image.frombytes(mode, (len(one) // 4 // block.rows, block.rows), one)
        return whole.crop((0, 0, *size))
    if layout.bits in PACKED:
        mode, raw = PACKED[layout.bits]
        packed = _numbers(block, count, mode, raw)
        if layout.bits == 12:  # noqa: PLR2004 - bits
            packed = multiplied(packed.convert("I"), 255 / 4095, 0.5)
        held, stride = packed.convert("L").tobytes(), packed.width
        depth = 1
    else:
        held, stride = block.samples, block.stride
    one = held[sample * depth + depth - 1 :: count * depth]  # the highest byte of each sample
    return Image.frombytes("L", (stride // (count * depth), block.rows), one).crop((0, 0, *size))


def _numbers(block: Block, count: int, mode: str, raw: str) -> Picture:
    """The samples of a block side by side; for a tile at the right edge, only those in the
    picture.
    """
    size = block.width * count, block.rows
    return Image.frombytes(mode, size, block.samples, "raw", raw, block.stride)


Image.register_open(NAME, PlanedTiff, lambda prefix: prefix[:2] in {b"II", b"MM"})
