"""Animations: a still of them, or all of their frames where that is asked for and not too much."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from handler.pictures.limits import DEFAULT, MAX_KEPT_PIXELS
from tests.filled import filled
from tests.handler.pictures import (
    BLUE,
    GREEN,
    RED,
    animation,
    near,
    quadrants,
    saved,
    thumb,
    thumbs,
)

OUTPUTS = ["jpeg", "webp", "png", "avif"]


ANIMATED = ["GIF", "WEBP", "PNG", "AVIF"]


@pytest.mark.parametrize("file_format", ANIMATED)
@pytest.mark.parametrize("output", OUTPUTS)
def test_an_animation_gives_its_first_frame(file_format: str, output: str) -> None:
    """A still is what a gallery shows."""
    made = thumb(animation(file_format), formats=(output,))
    assert getattr(made, "n_frames", 1) == 1
    assert near(made.convert("RGB").getpixel((20, 20)), RED, within=20)  # type: ignore[arg-type]


@pytest.mark.parametrize("file_format", ANIMATED)
@pytest.mark.parametrize("fit", ["inside", "cover", "exact"])
def test_an_animation_stays_one_where_asked(file_format: str, fit: str) -> None:
    """All frames, their times, and for ever."""
    result = thumbs(
        animation(file_format), {"l": 32, "s": 16}, formats=("webp",), animated=True, fit=fit
    )
    for made in filled(result.thumbnails):
        image = Image.open(io.BytesIO(made.body))
        assert image.n_frames == 3  # type: ignore[attr-defined]
        assert image.size == (made.width, made.height)
        assert image.info["loop"] == 0
        seen = []
        for number in range(3):
            image.seek(number)
            image.load()
            seen.append(image.convert("RGB").getpixel((made.width // 2, made.height // 2)))
            assert image.info["duration"] == 70
        assert near(seen[0], RED, within=25)
        assert near(seen[1], BLUE, within=25)
        assert near(seen[2], GREEN, within=25)


@pytest.mark.parametrize(
    ("file_format", "settings"),
    [
        ("PNG", {"loop": 2**24}),  # found by fuzzing
        ("PNG", {"duration": 0}),
        ("AVIF", {"duration": 2**24}),
    ],
)
def test_absurd_times_and_counts_are_bounded(file_format: str, settings: dict[str, int]) -> None:
    """WebP has 24 bits for a time and 16 for a count, and its encoder fails at the very end."""
    second = Image.new("RGB", (64, 48), RED)
    data = saved(quadrants(), file_format, save_all=True, append_images=[second], **settings)
    made = thumb(data, formats=("webp",), animated=True)
    assert made.n_frames == 2  # type: ignore[attr-defined]
    made.load()
    assert made.info["duration"] > 0  # browsers show a frame without a time for 100 ms


def test_animated_needs_webp() -> None:
    """Other outputs hold one frame, or are not worth it; the option does nothing there."""
    made = thumb(animation("GIF"), formats=("jpeg",), animated=True)
    assert made.format == "JPEG"


def test_pages_of_a_tiff_are_no_animation() -> None:
    """A scanned letter would flicker."""
    data = saved(quadrants(), "TIFF", save_all=True, append_images=[quadrants(), quadrants()])
    made = thumb(data, formats=("webp",), animated=True)
    assert made.n_frames == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(("frames", "kept"), [(10, 10), (11, 1)])
@pytest.mark.parametrize(
    ("limit", "bound"),
    [
        ("MAX_KEPT_PIXELS", 10 * 32 * 24),
        ("MAX_DECODED_PIXELS", 10 * 64 * 48),
        ("MAX_FRAMES", 10),
        ("Limits.memory", 12 * 64 * 48 + 8 * 10 * 32 * 24),
    ],
)
def test_an_animation_too_long_becomes_a_still(
    limit: str, bound: int, frames: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames are decoded whole and kept until they are encoded; the limits refuse nobody."""
    monkeypatch.setattr(f"handler.pictures.limits.{limit}", bound)
    made = thumb(animation("GIF", frames), 32, formats=("webp",), animated=True)
    assert made.n_frames == kept  # type: ignore[attr-defined]
    assert near(made.convert("RGB").getpixel((9, 9)), RED, within=20)  # type: ignore[arg-type]


def test_an_animation_that_outgrows_its_header_becomes_a_still() -> None:
    """The limits go by the header: 16 by 16 there, and frames of 98 megapixels took 1.2 GB."""
    first = Image.linear_gradient("L").resize((16, 16))
    large = saved(Image.new("P", (999, 999)), "GIF")
    frame = large[large.index(b"\x2c", 13) : -1]
    data = saved(first, "GIF")[:-1] + frame * 3 + b"\x3b"
    result = thumbs(data, formats=("webp",), animated=True)
    made = Image.open(io.BytesIO(result.thumbnails[0].body))
    assert made.n_frames == 1  # type: ignore[attr-defined]
    assert (result.width, result.height) == (16, 16)


@pytest.mark.parametrize(("told", "plays"), [(None, 1), (0, 0), (1, 2), (3, 4), (65_535, 65_535)])
def test_a_gif_is_shown_as_often_as_before(told: int | None, plays: int) -> None:
    """GIF counts the repeats behind the first time, WebP all times."""
    settings = {} if told is None else {"loop": told}
    second = Image.new("RGB", (64, 48), RED)
    data = saved(quadrants(), "GIF", save_all=True, append_images=[second], **settings)
    assert thumb(data, formats=("webp",), animated=True).info["loop"] == plays


def test_the_still_of_an_apng_is_no_part_of_its_animation() -> None:
    """It stands for the animation where none is shown: often a title, or a play button."""
    images = [Image.new("RGB", (64, 48), colour) for colour in (RED, GREEN)]
    data = saved(
        quadrants(), "PNG", save_all=True, default_image=True, append_images=images, duration=70
    )
    made = thumb(data, formats=("webp",), animated=True)
    assert made.n_frames == 2  # type: ignore[attr-defined]
    assert near(made.convert("RGB").getpixel((4, 4)), RED, within=25)  # type: ignore[arg-type]
    assert near(thumb(data).convert("RGB").getpixel((28, 4)), GREEN)  # type: ignore[arg-type]


def test_the_frames_kept_fit_beside_a_picture() -> None:
    """Four bytes a pixel, within the memory that one picture may take."""
    assert DEFAULT.memory / 2 > 4 * MAX_KEPT_PIXELS
