"""Every layout of a TIFF shows the same picture, or is refused by name.

The reference is libvips: its result for the plainest layout of each kind of colour must be the
result of every other layout of the same picture.
"""

from __future__ import annotations

import io
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
import pyvips
from PIL import Image

from handler.pictures import libtiff
from handler.pictures.errors import RefusedError
from handler.pictures.thumbs import Plan, make_thumbnails
from handler.pictures.tiff_layout import COLOURS, DEPTHS, FLOAT, NAMES, SIGNED, UNSIGNED
from tests.handler.pictures import quadrants, saved, thumb
from tests.handler.pictures.tiffs import Tiff, tiff

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.filterwarnings("ignore:::PIL"),
    pytest.mark.skipif(libtiff.library() is None, reason="this Pillow has no libtiff beside it"),
]

WIDTH, HEIGHT = 18, 9
WHITE_IS_ZERO, GREY, RGB, PALETTE, CMYK, YCBCR, LAB, ICC_LAB = 0, 1, 2, 3, 5, 6, 8, 9

# Compression and predictor; strips or tiles; order of bytes and of bits; BigTIFF.
PACKINGS = ((1, 1), (5, 1), (8, 1), (8, 2), (8, 3), (32773, 1), (34925, 1))
VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"tile": 16},
    {"big_endian": True},
    {"tile": 16, "big_endian": True},
    {"fill_order": 2},
    {"big": True},
    {"rows": 2_000},
)


def palette(bits: int) -> tuple[tuple[int, int, tuple[Any, ...]], ...]:
    """A tag with a grey ramp, in which the values of fewer bits are spread over all of 16."""
    entries = 1 << bits
    return ((320, 3, tuple(65535 * entry // (entries - 1) for entry in range(entries)) * 3),)


def values(photometric: int, samples: int, steps: int) -> list[list[list[float]]]:
    """Rows of pixels. A sample has one of `steps` values from 0 to 1; the last is transparency."""
    across, down = WIDTH - 1, HEIGHT - 1
    rows: list[list[list[float]]] = []
    for y in range(HEIGHT):
        row: list[list[float]] = []
        for x in range(WIDTH):
            pixel = [x / across, y / down, (x + y) / (across + down), 0.25][: COLOURS[photometric]]
            pixel += [1 - x / across / 2] * (samples - len(pixel))
            row.append([round(value * (steps - 1)) / (steps - 1) for value in pixel])
        rows.append(row)
    return rows


def written(layout: Tiff, steps: int = 0) -> bytes:
    """The picture in a layout."""
    most = (1 << min(layout.bits, 32)) - 1
    rows = values(layout.photometric, layout.samples, steps or min(most + 1, 256))

    def number(value: float, sample: int) -> float:
        if layout.kind == FLOAT:
            light = layout.photometric == RGB and sample < COLOURS[RGB]
            return linear(value) if light else value
        if layout.kind == SIGNED:
            return round(value * most) - (most + 1) // 2
        whole = round(value * most)
        return whole ^ (most + 1) // 2 if layout.photometric == LAB and sample in {1, 2} else whole

    coded = [
        [[number(value, sample) for sample, value in enumerate(pixel)] for pixel in row]
        for row in rows
    ]
    return tiff(layout, coded)


def linear(value: float) -> float:
    """The light of a value of sRGB (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def shown(data: bytes) -> Image.Image:
    """What the function makes of it, unscaled."""
    made = make_thumbnails(data, Plan(sizes={"s": 64}, formats=("png",), quality=80))
    return Image.open(io.BytesIO(made.thumbnails[0].body)).convert("RGBA")


@cache
def plain(photometric: int, steps: int, transparent: bool) -> Image.Image:
    """The same picture in the plainest layout: 8 bits, one strip, opaque."""
    colours = COLOURS[photometric]
    tags = palette(8) if photometric == PALETTE else ()
    layout = Tiff(photometric=photometric, bits=8, samples=colours, rows=HEIGHT, tags=tags)
    image = shown(written(layout, steps))
    if transparent:
        rows = values(photometric, colours + 1, steps)
        image.putalpha(
            Image.frombytes(
                "L", image.size, bytes(round(pixel[-1] * 255) for row in rows for pixel in row)
            )
        )
    return image


def apart(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two pictures in any band of any pixel, as far as it is seen."""
    assert one.size == other.size
    pairs = zip(*(image.convert("RGBa").tobytes() for image in (one, other)), strict=True)
    return max(abs(a - b) for a, b in pairs)


def by_vips(data: bytes) -> Image.Image:
    """What libvips shows."""
    image = pyvips.Image.new_from_buffer(data, "")
    image = image.colourspace("srgb").cast("uchar")
    image = image.bandjoin(255) if image.bands in {1, 3} else image
    if image.bands == 2:
        image = image[0].bandjoin([image[0], image[0], image[1]])
    return Image.frombytes("RGBA", (image.width, image.height), image.write_to_memory())


@pytest.mark.parametrize("photometric", [WHITE_IS_ZERO, GREY, RGB, PALETTE])
def test_libvips_shows_the_plainest_layout_alike(photometric: int) -> None:
    """All other layouts are compared with this result."""
    tags = palette(8) if photometric == PALETTE else ()
    colours = COLOURS[photometric]
    data = written(Tiff(photometric=photometric, bits=8, samples=colours, rows=HEIGHT, tags=tags))
    assert apart(by_vips(data), plain(photometric, 256, False)) <= 1


@pytest.mark.parametrize("extra", [(), (1,), (2,)])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", [GREY, RGB])
def test_libvips_shows_planes_and_depths_alike(
    photometric: int, bits: int, planar: bool, extra: tuple[int, ...]
) -> None:
    """An opaque picture, because libvips rounds transparency otherwise."""
    if photometric == GREY and planar and extra:
        pytest.skip("libvips 8.18 takes the wrong plane for the transparency of grey")
    layout = Tiff(
        photometric=photometric,
        bits=bits,
        samples=COLOURS[photometric] + len(extra),
        planar=planar,
        extra=extra,
        compression=8,
        predictor=2,
    )
    most = (1 << bits) - 1
    rows = values(photometric, layout.samples, 256)
    for pixel in (pixel for row in rows for pixel in row):
        pixel[COLOURS[photometric] :] = [1.0] * len(extra)
    data = tiff(layout, [[[round(v * most) for v in pixel] for pixel in row] for row in rows])
    assert apart(by_vips(data), shown(data)) <= 1


def layouts(photometric: int, kind: int, bits: int, planar: bool) -> Iterator[Tiff]:
    """Every packing and variant of a kind of samples, with what may stand beside the colours."""
    extras: list[tuple[int, ...]] = [(), (0,)]
    if kind == UNSIGNED:
        extras.append((2,))
    if photometric == PALETTE or kind == SIGNED:
        extras = [()]
    for extra, (compression, predictor) in product(extras, PACKINGS):
        if predictor == 2 and (kind == FLOAT or bits not in {8, 16, 32}):
            continue
        if predictor == 3 and kind != FLOAT:
            continue
        for variant in VARIANTS if compression in {1, 8} else VARIANTS[:1]:
            yield Tiff(
                photometric=photometric,
                bits=bits,
                samples=COLOURS[photometric] + len(extra),
                planar=planar,
                kind=kind,
                extra=extra,
                compression=compression,
                predictor=predictor,
                tags=palette(bits) if photometric == PALETTE else (),
                **variant,
            )


MATRIX = [
    (photometric, kind, bits, planar)
    for photometric, kinds in DEPTHS.items()
    if photometric != YCBCR
    for kind, depths in kinds.items()
    for bits in depths
    for planar in ((False, True) if photometric != PALETTE else (False,))
]


# A layout of each kind of samples; the rest takes minutes.
FAST = [each for each in MATRIX if each[0] in {GREY, PALETTE} or each[:3] == (RGB, UNSIGNED, 16)]


@pytest.mark.parametrize(
    ("photometric", "kind", "bits", "planar"),
    [pytest.param(*each, marks=() if each in FAST else pytest.mark.slow) for each in MATRIX],
)
def test_every_layout_shows_the_same_picture(
    photometric: int, kind: int, bits: int, planar: bool
) -> None:
    """Bits, planes, colours, compression, prediction, kind of number, order of bytes and bits."""
    steps = min(1 << bits, 256)
    tolerance = 8 if kind != UNSIGNED else 6
    seen = 0
    for layout in layouts(photometric, kind, bits, planar):
        transparent = layout.extra == (2,)
        expected = plain(photometric, steps, transparent)
        assert apart(shown(written(layout, steps)), expected) <= tolerance, str(layout)
        seen += 1
    assert seen >= len(VARIANTS)


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("photometric", [GREY, RGB])
def test_colours_multiplied_by_transparency_are_divided(
    photometric: int, bits: int, planar: bool
) -> None:
    """Photoshop and most renderers write them so; as they stand they would be too dark."""
    layout = Tiff(
        photometric=photometric,
        bits=bits,
        samples=COLOURS[photometric] + 1,
        planar=planar,
        extra=(1,),
    )
    most = (1 << bits) - 1
    rows = [
        [[round(v * pixel[-1] * most) for v in pixel[:-1]] + [round(pixel[-1] * most)]]
        for pixel in ([0.8] * COLOURS[photometric] + [0.5],)
    ]
    made = shown(tiff(layout, rows * 4))
    assert apart(made, Image.new("RGBA", made.size, (204, 204, 204, 128))) <= 2


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_palette_of_small_values_is_one_of_8_bits(bits: int) -> None:
    """Programs write 0 to 255 where the format has 0 to 65,535; libtiff and libvips guess it."""
    entries = 1 << bits
    small = ((320, 3, tuple(255 * entry // (entries - 1) for entry in range(entries)) * 3),)
    layout = Tiff(photometric=PALETTE, bits=bits, samples=1, tags=small)
    data = written(layout, entries)
    assert apart(shown(data), plain(PALETTE, entries, False)) <= 1
    assert apart(shown(data), by_vips(data)) <= 1


JPEG_2000 = ((259, 3, (33003,)),)

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "signed RGB": ({"photometric": RGB, "bits": 16, "samples": 3, "kind": SIGNED}, "signed"),
    "halves": ({"photometric": GREY, "bits": 16, "samples": 1, "kind": FLOAT}, "of 16 bits"),
    "10 bits": ({"photometric": GREY, "bits": 10, "samples": 1}, "of 10 bits"),
    "complex": ({"photometric": GREY, "bits": 32, "samples": 1, "kind": 6}, "unknown kind"),
    "five inks": ({"photometric": CMYK, "bits": 8, "samples": 5, "tags": ((332, 3, (2,)),)}, "ink"),
    "a sensor": ({"photometric": 32803, "bits": 16, "samples": 1}, "colours of kind 32803"),
    "logarithms": ({"photometric": 32844, "bits": 16, "samples": 1}, "colours of kind 32844"),
    "a preview": ({"photometric": RGB, "bits": 8, "samples": 3, "tags": ((254, 4, (1,)),)}, "RAW"),
    "DNG": (
        {"photometric": RGB, "bits": 8, "samples": 3, "tags": ((50706, 1, (1, 4, 0, 0)),)},
        "is DNG, a RAW photograph",
    ),
    "JPEG 2000": (
        {"photometric": RGB, "bits": 8, "samples": 3, "tags": ((259, 3, (33003,)),)},
        "JPEG 2000",
    ),
    "JPEG of 12 bits": (
        {"photometric": GREY, "bits": 12, "samples": 1, "tags": ((259, 3, (7,)),)},
        "of 12 bits",
    ),
    "a palette and more": (
        {"photometric": PALETTE, "bits": 4, "samples": 2, "extra": (2,), "tags": palette(4)},
        "a palette",
    ),
    "CMYK times transparency": (
        {"photometric": CMYK, "bits": 8, "samples": 5, "extra": (1,)},
        "CMYK",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_right_is_refused_by_name(name: str) -> None:
    """A wrong picture without an error would be worse than a refusal."""
    settings, word = REFUSED[name]
    layout = Tiff(**settings)
    pixels = [[[0] * layout.samples] * 4] * 4
    with pytest.raises(RefusedError) as caught:
        shown(tiff(layout, pixels))
    assert caught.value.reason == "unsupported"
    assert word in caught.value.message
    assert caught.value.message.endswith(".")


def test_every_colour_that_is_read_has_a_name_and_a_depth() -> None:
    """The tables of the reader are about the same kinds of colour."""
    assert COLOURS.keys() == NAMES.keys() == DEPTHS.keys()


@pytest.mark.parametrize("kind", [1, 3, 4])
def test_numbers_where_a_profile_should_be_cost_nothing_else(kind: int) -> None:
    """The pixels are good, and the profile was never one."""
    layout = Tiff(photometric=RGB, bits=8, samples=3, tags=((34675, kind, (7, 7)),))
    assert apart(shown(written(layout)), plain(RGB, 256, False)) <= 1


def test_floats_above_one_are_values_and_light_is_clipped() -> None:
    """Where most are above 1, somebody wrote bytes as floats; a few are lights that glare."""
    layout = Tiff(photometric=RGB, bits=32, samples=3, kind=FLOAT)
    bytes_as_floats = tiff(layout, [[[100.0, 150.0, 250.0]] * 8] * 8)
    assert shown(bytes_as_floats).getpixel((4, 4)) == (100, 150, 250, 255)
    glare = tiff(layout, [[[0.2140, 0.2140, 0.2140]] * 7 + [[40.0, 40.0, 40.0]]] * 8)
    made = shown(glare)
    assert made.getpixel((1, 4)) == (127, 127, 127, 255) or made.getpixel((1, 4))[0] in {127, 128}  # type: ignore[index]
    assert made.getpixel((7, 4)) == (255, 255, 255, 255)


def test_one_strip_of_many_rows_is_read_whole() -> None:
    """By itself, libtiff cuts it into strips of 8 kB where it is not compressed."""
    image = Image.linear_gradient("L").resize((64, 600)).convert("F")
    made = shown(saved(image, "TIFF"))
    assert made.getpixel((2, 0))[0] <= 2  # type: ignore[index]
    assert made.getpixel((2, made.height - 1))[0] >= 253  # type: ignore[index]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("planar", [False, True])
def test_planes_are_turned_upright_as_pixels_are(orientation: int, planar: bool) -> None:
    """Both ways of reading."""
    layout = Tiff(
        photometric=RGB, bits=8, samples=3, planar=planar, tags=((274, 3, (orientation,)),)
    )
    image = quadrants(16, 8)
    pixels = [[list(image.getpixel((x, y))) for x in range(16)] for y in range(8)]  # type: ignore[arg-type]
    data = tiff(layout, pixels)
    plain_copy = saved(image, "TIFF", tiffinfo={274: orientation})
    assert thumb(data, 64).tobytes() == thumb(plain_copy, 64).tobytes()
