"""How a TIFF stores its pixels, and which layouts can be read. A layout that cannot be read is
refused by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from handler.pictures.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Tags of TIFF 6.0 and its supplements.
SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
SAMPLES, ROWS, PLANAR, TILE_WIDTH, TILE_HEIGHT, INK_SET = 277, 278, 284, 322, 323, 332
FILL_ORDER, EXTRA, FORMAT, PROFILE, DNG = 266, 338, 339, 34675, 50706

WHITE_IS_ZERO, GREY, RGB, PALETTE, CMYK, YCBCR, LAB, ICC_LAB = 0, 1, 2, 3, 5, 6, 8, 9
UNSIGNED, SIGNED, FLOAT, UNDEFINED = 1, 2, 3, 4
PLANES = REVERSED = 2

# Samples of a pixel that Pillow takes.
MOST_SAMPLES = 6
ASSOCIATED, UNASSOCIATED = 1, 2

COLOURS = {WHITE_IS_ZERO: 1, GREY: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, LAB: 3, ICC_LAB: 3}
KINDS = {UNSIGNED: "whole numbers", SIGNED: "signed numbers", FLOAT: "floating-point numbers"}
NAMES = {
    **dict.fromkeys((WHITE_IS_ZERO, GREY), "grey"),
    **dict.fromkeys((LAB, ICC_LAB), "Lab"),
    RGB: "RGB",
    PALETTE: "a palette",
    CMYK: "CMYK",
    YCBCR: "YCbCr",
}

# The bits of a sample that can be read, by colours and kind of number.
BYTE, WORD = 8, 16
ANY = (1, 2, 4, BYTE, 12, WORD, 32)
OF_GREY = {UNSIGNED: ANY, SIGNED: (BYTE, WORD, 32), FLOAT: (32, 64)}
DEPTHS = {
    WHITE_IS_ZERO: OF_GREY,
    GREY: OF_GREY,
    RGB: {UNSIGNED: ANY, FLOAT: (32, 64)},
    CMYK: {UNSIGNED: ANY},
    PALETTE: {UNSIGNED: (1, 2, 4, BYTE)},
    LAB: {UNSIGNED: (BYTE, WORD)},
    ICC_LAB: {UNSIGNED: (BYTE, WORD)},
    YCBCR: {UNSIGNED: (BYTE,)},
}

# Compressions that libtiff undoes here: none, the faxes, LZW, JPEG (old and new), deflate (two
# numbers), PackBits, LZMA, Zstandard, WebP. The fax compressions hold one bit a sample, JPEG and
# WebP eight.
FAXES, OLD_JPEG, JPEG, WEBP = (2, 3, 4), 6, 7, 50001
COMPRESSIONS = {1, *FAXES, 5, OLD_JPEG, JPEG, 8, 32771, 32773, 32946, 34925, 50000, WEBP}
PACKED_DEPTHS = {**dict.fromkeys(FAXES, 1), **dict.fromkeys((OLD_JPEG, JPEG, WEBP), BYTE)}
OTHERS = {
    **dict.fromkeys((33003, 33005, 34712), "JPEG 2000"),
    **dict.fromkeys((50002, 52546), "JPEG XL"),
    **dict.fromkeys((34676, 34677), "SGI's logarithms"),
    32809: "ThunderScan",
    34661: "JBIG",
    34887: "LERC",
}


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One picture of a TIFF. `extra` are the kinds of the samples after the colours.

    `bits` and `kind` (of FORMAT) are those of each sample.
    """

    width: int
    height: int
    across: int
    down: int
    photometric: int
    bits: int
    kind: int
    samples: int
    planar: bool
    extra: tuple[int, ...]
    compression: int
    reversed_bits: bool

    @property
    def colours(self) -> int:
        """How many samples are colours."""
        return COLOURS[self.photometric]

    @property
    def alpha(self) -> int | None:
        """Which sample is the transparency; None if none is.

        In RGB, a fourth sample that no tag explains counts as transparency, as in Pillow and
        libtiff.
        """
        for number, kind in enumerate(self.extra, start=self.colours):
            if kind in {ASSOCIATED, UNASSOCIATED}:
                return number
        unexplained = self.photometric == RGB and self.samples > self.colours and not self.extra
        return self.colours if unexplained else None

    @property
    def associated(self) -> bool:
        """Whether colours are multiplied by the transparency."""
        return self.alpha is not None and self.extra[:1] == (ASSOCIATED,)

    @property
    def planes(self) -> bool:
        """Whether the samples are stored in planes: all of one colour first, then all of the
        next.
        """
        return self.planar and self.samples > 1

    @property
    def pillow(self) -> bool:
        """Whether Pillow reads the layout correctly; compared with libvips
        (tests/handler/test_tiff.py).
        """
        if self.photometric in {YCBCR, PALETTE} or self.compression in {*FAXES, OLD_JPEG}:
            return True
        reversed_bits = self.reversed_bits and self.samples > 1
        # For numbers other than unsigned ones, Pillow swaps the byte order a second time.
        if self.planes or self.photometric == ICC_LAB or reversed_bits or self.kind != UNSIGNED:
            return False
        if self.bits == WORD:
            three_or_four = {(RGB, 3), (RGB, 4), (CMYK, 4)}
            alone = self.photometric == GREY and self.samples == 1
            return alone or (self.photometric, self.samples) in three_or_four
        if self.bits < BYTE:
            return self.samples == 1
        more = self.samples > self.colours
        if more and (self.photometric != RGB or self.samples > MOST_SAMPLES):
            return False
        return self.bits == BYTE


def layout(tags: Mapping[int, Any]) -> Layout:
    """The layout that a picture's tags describe. Raises RefusedError for a layout that cannot be
    read.
    """
    if DNG in tags:
        raise _unsupported("is DNG, a RAW photograph", "develop it and save it as JPEG")
    if _number(tags, SUBFILE, 0) & 1:
        raise _unsupported(
            "begins with a preview of another picture, as RAW photographs do",
            "develop it and save it as JPEG",
        )
    compression = _number(tags, COMPRESSION, 1)
    if compression not in COMPRESSIONS:
        name = OTHERS.get(compression, f"method {compression}")
        raise _unsupported(f"is compressed by {name}")
    samples = _number(tags, SAMPLES, COLOURS[YCBCR] if compression == OLD_JPEG else 1)
    photometric = _number(tags, PHOTOMETRIC, RGB if samples >= COLOURS[RGB] else GREY)
    if photometric not in COLOURS or _number(tags, INK_SET, 1) != 1:
        inks = photometric in COLOURS
        raise _unsupported(
            "has other inks than CMYK" if inks else f"has colours of kind {photometric}"
        )
    bits, kinds = _all(tags, BITS, 1), _all(tags, FORMAT, UNSIGNED)
    if len(set(bits)) > 1 or len(set(kinds)) > 1:
        raise _unsupported("has samples of different kinds")
    width, height = _number(tags, WIDTH, 0), _number(tags, HEIGHT, 0)
    tiled = TILE_WIDTH in tags
    found = Layout(
        width=width,
        height=height,
        across=_number(tags, TILE_WIDTH, width) if tiled else width,
        down=_number(tags, TILE_HEIGHT, height) if tiled else _number(tags, ROWS, height) or height,
        photometric=photometric,
        bits=bits[0],
        kind=UNSIGNED if kinds[0] == UNDEFINED else kinds[0],
        samples=samples,
        planar=_number(tags, PLANAR, 1) == PLANES,
        extra=_all(tags, EXTRA),
        compression=compression,
        reversed_bits=_number(tags, FILL_ORDER, 1) == REVERSED,
    )
    _check(found)
    return found


def _check(found: Layout) -> None:
    if min(found.width, found.height, found.across, found.down) < 1:
        raise RefusedError("damaged", "The TIFF has no size; save it again as JPEG or PNG.")
    if found.samples < found.colours and found.photometric != YCBCR:
        raise RefusedError(
            "damaged",
            f"The TIFF has {found.samples} samples a pixel, too few for {NAMES[found.photometric]};"
            " save it again as JPEG or PNG.",
        )
    right = (
        found.bits in DEPTHS[found.photometric].get(found.kind, ())
        and found.bits == PACKED_DEPTHS.get(found.compression, found.bits)
        and not (found.compression in FAXES and found.samples > 1)
        and not (found.kind == SIGNED and found.samples > 1)
        and not (found.kind == FLOAT and found.alpha is not None)
        and not (found.photometric in {PALETTE, YCBCR} and found.planes)
        and not (found.photometric == PALETTE and found.samples > 1 and not _with_palette(found))
        and not (found.photometric in {CMYK, LAB, ICC_LAB} and found.associated)
    )
    if not right:
        planes = " in planes" if found.planes else ""
        kind = KINDS.get(found.kind, "numbers of an unknown kind")
        raise _unsupported(
            f"holds {NAMES[found.photometric]} in {found.samples} samples a pixel, {kind} of"
            f" {found.bits} bits{planes}, compression {found.compression}"
        )


def _with_palette(found: Layout) -> bool:
    """Whether Pillow reads the samples that follow a palette index."""
    plain = found.bits == BYTE and not found.reversed_bits
    return plain and found.samples == 2 and found.extra in {(0,), (UNASSOCIATED,)}  # noqa: PLR2004


def _unsupported(what: str, remedy: str = "save it with 8 or 16 bits a sample, or as PNG") -> Any:
    return RefusedError("unsupported", f"The TIFF {what}, which cannot be read; {remedy}.")


def _all(tags: Mapping[int, Any], tag: int, default: int | None = None) -> tuple[int, ...]:
    """A tag's numbers; values that are not numbers count as missing."""
    found: Any = tags.get(tag, ())
    values = cast("tuple[Any, ...]", found if isinstance(found, tuple) else (found,))
    numbers = tuple(each for each in values if isinstance(each, int))
    return numbers or (() if default is None else (default,))


def _number(tags: Mapping[int, Any], tag: int, default: int) -> int:
    return _all(tags, tag, default)[0]
