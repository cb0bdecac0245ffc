"""How large a thumbnail is, to the pixel."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handler.pictures.geometry import FITS, cover, exact, inside
from tests.filled import filled
from tests.handler.pictures import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    corners,
    near,
    quadrants,
    saved,
    thumb,
    thumbs,
)

pytestmark = pytest.mark.usefixtures("each_resampler")

TURN = Image.Transpose.TRANSPOSE
SIDES = st.integers(1, 20_000)


@pytest.mark.parametrize(
    ("original", "longest", "expected"),
    [
        ((4000, 3000), 512, (512, 384)),
        ((3000, 4000), 512, (384, 512)),
        ((10_000, 3), 512, (512, 1)),  # 0.15 pixels high
        ((3, 10_000), 512, (1, 512)),
        ((1023, 682), 512, (512, 341)),  # 341.33
        ((1001, 1000), 500, (500, 500)),  # 499.5 rounds up
        ((511, 300), 512, (511, 300)),
        ((512, 512), 512, (512, 512)),
        ((1, 1), 512, (1, 1)),
    ],
)
def test_inside_keeps_the_aspect_ratio_to_the_nearest_pixel(
    original: tuple[int, int], longest: int, expected: tuple[int, int]
) -> None:
    """Pillow's own `thumbnail` and rounding in floats are off by one for some of these."""
    assert inside(original, longest).size == expected


@given(width=SIDES, height=SIDES, side=st.integers(1, 4096), fit=st.sampled_from(sorted(FITS)))
def test_no_fit_enlarges_or_leaves_the_picture(
    width: int, height: int, side: int, fit: str
) -> None:
    """Pillow refuses a box that is outside by any fraction, and would do so in production."""
    placed = FITS[fit]((width, height), side)
    assert 1 <= placed.size[0] <= min(width, placed.canvas[0])
    assert 1 <= placed.size[1] <= min(height, placed.canvas[1])
    assert max(placed.canvas) <= side
    left, top, right, bottom = placed.box((width, height), (width / 2, height / 8))
    assert 0 <= left < right <= width / 2
    assert 0 <= top < bottom <= height / 8


@given(width=SIDES, height=SIDES, side=st.integers(1, 4096))
def test_cover_shows_square_pixels_of_the_centre(width: int, height: int, side: int) -> None:
    """A crop with the wrong ratio would stretch faces."""
    placed = cover((width, height), side)
    across = placed.size[0] / placed.region[0]
    down = placed.size[1] / placed.region[1]
    shortest = min(width, height) * min(across, down)
    assert across == pytest.approx(down, rel=0.5 / shortest + 1e-9)
    assert placed.size == (min(width, side), min(height, side))


def test_cover_crops_around_the_centre() -> None:
    """A crop from a corner would show one colour."""
    wide = Image.new("RGB", (400, 100), (0, 0, 0))
    wide.paste(quadrants(100, 100), (150, 0))
    for side in (64, 20):
        made = thumb(saved(wide, "PNG"), side, fit="cover")
        assert made.size == (side, side)
        assert corners(made) == [RED, GREEN, BLUE, WHITE]


def test_every_size_of_a_cover_shows_the_same_region() -> None:
    """Smaller sizes are made from the largest one, which may show more than a square."""
    wide = Image.new("RGB", (400, 100), (0, 0, 0))
    wide.paste(quadrants(100, 100), (150, 0))
    result = thumbs(saved(wide, "PNG"), {"large": 300, "small": 40}, fit="cover")
    large, small = (Image.open(io.BytesIO(made.body)) for made in result.thumbnails)
    assert large.size == (300, 100)
    assert small.size == (40, 40)
    assert corners(small) == [RED, GREEN, BLUE, WHITE]


def test_exact_centres_the_picture_on_the_background() -> None:
    """Pages lay out fixed boxes; the picture must fill the middle and nothing else."""
    made = thumb(saved(quadrants(64, 32), "PNG"), 64, fit="exact", background="#102030")
    assert made.size == (64, 64)
    assert made.getpixel((32, 4)) == (16, 32, 48)
    assert made.getpixel((32, 60)) == (16, 32, 48)
    assert corners(made.crop((0, 16, 64, 48))) == [RED, GREEN, BLUE, WHITE]
    assert exact((64, 32), 200).canvas == (200, 200)
    assert exact((64, 32), 200).size == (64, 32)


@pytest.mark.parametrize(("width", "height"), [(10_000, 3), (3, 10_000)])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_sliver_comes_out_a_pixel_high(width: int, height: int, file_format: str) -> None:
    """JPEG is decoded at reduced scale, where the short side is less than a pixel."""
    data = saved(Image.new("RGB", (width, height), RED), file_format, quality=95)
    made = thumbs(data, {"large": 512, "small": 128})
    longest = [max(one.width, one.height) for one in made.thumbnails]
    assert longest == [512, 128]
    assert [min(one.width, one.height) for one in made.thumbnails] == [1, 1]
    body = Image.open(io.BytesIO(made.thumbnails[0].body)).convert("RGB")
    assert near(body.getpixel((0, 0)), RED)  # type: ignore[arg-type]


def test_a_small_picture_keeps_its_size_and_its_pixels() -> None:
    """Enlarging costs bytes and shows nothing more."""
    image = quadrants(30, 20)
    made = thumbs(saved(image, "PNG"), {"large": 512, "small": 100})
    for one in filled(made.thumbnails):
        assert (one.width, one.height) == (30, 20)
        assert Image.open(io.BytesIO(one.body)).tobytes() == image.tobytes()


def test_sizes_come_back_in_the_order_of_the_plan() -> None:
    """They are made largest first; the caller names them."""
    made = thumbs(saved(quadrants(), "PNG"), {"b": 10, "a": 40, "c": 20})
    assert [(one.name, one.width) for one in made.thumbnails] == [("b", 10), ("a", 40), ("c", 20)]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_the_last_row_counts_once(file_format: str) -> None:
    """The last of nine rows is white. An eighth and a quarter of nine rows are no whole numbers,
    and the rows that libjpeg and `reduce` add to complete them would count as white too.
    """
    image = Image.new("L", (1601, 9))
    image.paste(255, (0, 8, 1601, 9))
    for data in (saved(image, file_format), saved(image.transpose(TURN), file_format)):
        made = thumb(data, 128)
        assert 15 < made.getpixel((made.width // 2, made.height // 2)) < 60  # type: ignore[operator]


@pytest.mark.parametrize("size", [(1999, 1501), (1200, 901), (4001, 37)])
def test_reducing_first_does_not_shift_the_picture(size: tuple[int, int]) -> None:
    """Draft and reduce round sides up to whole pixels; the box must not stretch over the rest."""
    image = Image.linear_gradient("L").rotate(90).resize(size)
    for file_format in ("PNG", "JPEG"):
        made = thumb(saved(image, file_format, quality=95), 128)
        best = image.resize(made.size, Image.Resampling.LANCZOS)
        middle = made.height // 2
        for x in (2, made.width // 2, made.width - 3):
            assert made.getpixel((x, middle)) == pytest.approx(best.getpixel((x, middle)), abs=2)
