"""Colours stay what they were: modes and transparency."""

from __future__ import annotations

import io
import zlib
from struct import pack
from typing import Any

import pytest
import pyvips
from PIL import Image

from handler.pictures.colour import converter, flattened, to_srgb
from tests.handler.pictures import HERE, corners, filled, near, quadrants, saved, thumb, thumbs
from tests.handler.pictures.forged import chunk, png


@pytest.mark.parametrize(("output", "mode"), [("jpeg", "L"), ("png", "L"), ("avif", "L")])
def test_grey_stays_grey_where_the_output_allows(output: str, mode: str) -> None:
    """A grey thumbnail has a third of the bytes, and no tint from rounding."""
    for source in ("L", "1", "I;16"):
        made = thumb(saved(filled("L", 255).convert(source), "PNG"), formats=(output,))
        assert made.mode == mode, source


def cmyk(adobe: bool) -> bytes:
    """A CMYK JPEG of half cyan, with Adobe's marker or without any."""
    data = saved(filled("CMYK", (128, 0, 0, 0)), "JPEG", quality=100)
    if adobe:
        return data
    begins = data.index(b"\xff\xee")
    return data[:begins] + data[begins + 2 + int.from_bytes(data[begins + 2 : begins + 4], "big") :]


@pytest.mark.parametrize("adobe", [True, False])
def test_cmyk_is_not_negative(adobe: bool) -> None:
    """Ink is stored inverted, with Adobe's marker or without: so browsers and libvips take it."""
    made = thumb(cmyk(adobe))
    assert made.mode == "RGB"
    assert near(made.getpixel((9, 9)), (127, 255, 255), within=3)  # type: ignore[arg-type]
    inks = pyvips.Image.new_from_buffer(cmyk(adobe), "")(9, 9)
    assert inks[0] > 100
    assert max(inks[1:]) < 20


# Every mode of Pillow 13, with a value and the colour that it should show.
MODES: dict[str, tuple[Any, tuple[int, ...]]] = {
    "1": (1, (255,)),
    "L": (100, (100,)),
    "LA": ((100, 128), (100, 128)),
    "La": ((50, 128), (100, 128)),
    "RGB": ((10, 100, 200), (10, 100, 200)),
    "RGBX": ((10, 100, 200, 9), (10, 100, 200)),
    "RGBA": ((10, 100, 200, 128), (10, 100, 200, 128)),
    "RGBa": ((5, 50, 100, 128), (10, 100, 199, 128)),
    "CMYK": ((255, 0, 0, 0), (0, 255, 255)),
    "YCbCr": ((76, 85, 255), (254, 0, 0)),
    "LAB": ((255, 128, 128), (255, 255, 255)),
    "HSV": ((170, 255, 255), (0, 0, 255)),
    "I": (65535, (255,)),
    "I;16": (32768, (128,)),
    "I;16B": (32768, (128,)),
    "F": (0.5, (128,)),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_comes_out_in_its_colour(mode: str) -> None:
    """Pillow resizes some modes by nearest neighbour, clips others, and mixes hues."""
    value, expected = MODES[mode]
    image = filled(mode, value)
    convert = converter(image)
    made = to_srgb(convert(image) if convert else image, None)
    assert made.mode in {"L", "La", "RGB", "RGBa"}
    plain = made.convert({"La": "LA", "RGBa": "RGBA"}.get(made.mode, made.mode))
    pixel = plain.getpixel((9, 9))
    found = pixel if isinstance(pixel, tuple) else (pixel,)
    assert near(found, expected, within=2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (quadrants().quantize(8), "RGB"),
        (quadrants().convert("L").convert("P"), "L"),
        (quadrants().quantize(8).convert("PA"), "RGBA"),
    ],
)
def test_palettes_become_colours_or_greys(image: Image.Image, expected: str) -> None:
    """Indices cannot be averaged."""
    convert = converter(image)
    assert convert is not None
    made = to_srgb(convert(image), None)
    assert made.mode.upper() == expected
    shown = image.convert("RGB")
    plain = made.convert("RGBA").convert("RGB") if made.mode == "RGBa" else made.convert("RGB")
    assert corners(plain) == corners(shown)


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_a_transparent_palette_entry_stays_transparent(file_format: str) -> None:
    """Logos."""
    image = quadrants().quantize(8)
    corner = image.getpixel((2, 2))
    made = thumb(saved(image, file_format, transparency=corner))
    assert made.getpixel((4, 4))[3] == 0  # type: ignore[index]
    assert made.getpixel((28, 20))[3] == 255  # type: ignore[index]


@pytest.mark.parametrize(("mode", "key"), [("RGB", (200, 30, 30)), ("L", 81)])
def test_a_transparent_colour_key_stays_transparent(mode: str, key: Any) -> None:
    """PNG's tRNS for pictures without a palette."""
    image = quadrants().convert(mode)
    assert image.getpixel((2, 2)) == key
    made = thumb(saved(image, "PNG", transparency=key))
    assert made.getchannel("A").getpixel((4, 4)) == 0
    assert made.getchannel("A").getpixel((28, 20)) == 255


def grey_png(depth: int, values: list[int], key: int | None) -> bytes:
    """A row of grey values of `depth` bits each; the value `key` is transparent, if it is given."""
    bits = "".join(f"{value:0{depth}b}" for value in values)
    row = b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    chunks = b"" if key is None else chunk(b"tRNS", pack(">H", key))
    return png(len(values), 1, depth=depth, kind=0, chunks=chunks, body=zlib.compress(row))


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    """Pillow's own conversion makes every value above 255 white."""
    made = thumb(grey_png(16, [0, 16384, 32768, 65535], None))
    assert [made.getpixel((x, 0)) for x in range(4)] == [0, 64, 128, 255]


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize(
    ("depth", "values", "shown"),
    [
        (2, [0, 1, 2, 3], [0, 85, 170, 255]),
        (4, [0, 1, 7, 15], [0, 17, 119, 255]),
        (8, [0, 1, 128, 255], [0, 1, 128, 255]),
        (16, [0, 256, 32768, 65535], [0, 1, 128, 255]),
        (16, [32767, 32768, 32769, 32770], [127, 128, 128, 128]),  # all but alike
    ],
)
def test_one_grey_is_transparent_at_any_depth(
    depth: int, values: list[int], shown: list[int], at: int
) -> None:
    """Pillow scales 2-bit and 4-bit values but not their key, and reads the 16-bit key as an
    8-bit one.
    """
    made = thumb(grey_png(depth, values, values[at]))
    expected = [(0, 0) if x == at else (grey, 255) for x, grey in enumerate(shown)]
    assert [made.getpixel((x, 0)) for x in range(4)] == expected


@pytest.mark.parametrize(("depth", "key"), [(2, 0xAB05), (4, 0xAB11), (8, 0xAB01)])
def test_of_a_key_the_bits_of_the_depth_count(depth: int, key: int) -> None:
    """PNG stores the key in 16 bits, of which only the last 2, 4 or 8 count; the other bits are
    1 here.
    """
    made = thumb(grey_png(depth, [0, 1, 0, 1], key))
    assert [made.getpixel((x, 0))[1] for x in range(4)] == [255, 0, 255, 0]  # type: ignore[index]


@pytest.mark.parametrize("top", [1.0, 255.0, 65535.0, 4e6])
def test_floats_are_scaled_by_their_range(top: float) -> None:
    """TIFFs from science have no fixed white."""
    image = Image.new("F", (64, 48), top)
    image.paste(0.0, (0, 0, 32, 48))
    made = thumb(saved(image, "TIFF"))
    assert (made.getpixel((2, 9)), made.getpixel((29, 9))) == (0, 255)


def test_lab_is_seen_as_lab() -> None:
    """Prepress TIFFs use Lab; if it is read as RGB they are pink."""
    made = thumb(saved(filled("LAB", (128, 128, 128)), "TIFF"))
    grey = made.getpixel((9, 9))
    assert made.mode == "RGB"
    assert near(grey, (119, 119, 119), within=2)  # type: ignore[arg-type]


def test_hidden_colour_does_not_bleed_into_edges() -> None:
    """Transparent pixels have a colour that nobody sees; averaged in, it would be a halo."""
    image = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 203, 400))
    for size in ({"s": 40}, {"m": 100, "s": 40}):
        made = thumbs(saved(image, "PNG"), size).thumbnails[-1]
        small = Image.open(io.BytesIO(made.body)).convert("RGBA")
        for x in range(40):
            red, _, blue, alpha = small.getpixel((x, 20))  # type: ignore[misc]
            assert alpha < 8 or (red < 8 and blue > 247)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_in_jpeg_shows_the_background(mode: str) -> None:
    """JPEG has no transparency, and black would be a guess."""
    image = Image.new("RGBA", (64, 48), (0, 0, 0, 0)).convert(mode)
    made = thumb(saved(image, "PNG"), formats=("jpeg",), background="#4080c0", quality=100)
    assert near(made.getpixel((9, 9)), (64, 128, 192), within=3)  # type: ignore[arg-type]
    half = Image.new("RGBA", (64, 48), (255, 255, 255, 128))
    made = thumb(saved(half, "PNG"), formats=("jpeg",), background="#000000", quality=100)
    assert near(made.convert("RGB").getpixel((9, 9)), (128, 128, 128), within=3)  # type: ignore[arg-type]


def test_grey_on_a_grey_background_stays_grey() -> None:
    """On a coloured background it must become RGB."""
    grey = filled("LA", (100, 128)).convert("La")
    assert flattened(grey, "#ffffff").mode == "L"
    assert flattened(grey, "#ff0000").mode == "RGB"


@pytest.mark.parametrize("output", ["webp", "png", "avif"])
def test_transparency_survives_where_the_output_has_it(output: str) -> None:
    """The page behind a transparent logo must stay visible."""
    image = Image.new("RGBA", (64, 48), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 32, 48))
    made = thumb(saved(image, "PNG"), formats=(output,))
    assert made.mode == "RGBA"
    assert made.getpixel((4, 9))[3] < 3  # type: ignore[index]
    assert made.getpixel((28, 9))[3] > 252  # type: ignore[index]


def test_heic_is_read() -> None:
    """What telephones upload."""
    result = thumbs((HERE / "quadrants.heic").read_bytes())
    assert result.format == "HEIF"
    made = Image.open(io.BytesIO(result.thumbnails[0].body))
    for found, expected in zip(corners(made), corners(quadrants()), strict=True):
        assert near(found, expected)
