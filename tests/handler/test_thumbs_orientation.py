"""Pictures come out as people see them, however the camera was held."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import ExifTags, Image

from tests.handler.pictures import (
    BLUE,
    GREEN,
    HERE,
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

# What a viewer does with each value of the tag (TIFF 6.0, page 36), written out as where the
# stored corners (top left, top right, bottom left, bottom right) are seen.
SEEN = {
    1: (RED, GREEN, BLUE, WHITE),
    2: (GREEN, RED, WHITE, BLUE),
    3: (WHITE, BLUE, GREEN, RED),
    4: (BLUE, WHITE, RED, GREEN),
    5: (RED, BLUE, GREEN, WHITE),
    6: (BLUE, RED, WHITE, GREEN),
    7: (WHITE, GREEN, BLUE, RED),
    8: (GREEN, WHITE, RED, BLUE),
}

SETTINGS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
    "PNG": {},
    "TIFF": {},
    "AVIF": {"quality": 95},
}


def tagged(file_format: str, orientation: int, size: tuple[int, int] = (64, 48)) -> bytes:
    """The four quadrants stored as they are, with the tag."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return saved(quadrants(*size), file_format, exif=exif, **SETTINGS[file_format])


@pytest.mark.parametrize("orientation", SEEN)
@pytest.mark.parametrize("file_format", SETTINGS)
def test_every_orientation_is_respected(file_format: str, orientation: int) -> None:
    """A third of telephone pictures would lie on their side."""
    made = thumb(tagged(file_format, orientation))
    assert made.size == ((24, 32) if orientation >= 5 else (32, 24))
    for found, expected in zip(corners(made), SEEN[orientation], strict=True):
        assert near(found, expected)


@pytest.mark.parametrize("file_format", SETTINGS)
def test_the_size_reported_is_that_of_the_upright_picture(file_format: str) -> None:
    """Logs and callers compare it with what people see."""
    result = thumbs(tagged(file_format, 6))
    assert (result.width, result.height) == (48, 64)


@pytest.mark.parametrize("orientation", [6, 7])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
def test_a_large_sideways_picture_fits_the_box_it_is_seen_in(
    file_format: str, orientation: int
) -> None:
    """The reduced scale has to be chosen for the stored width, which becomes the height."""
    data = tagged(file_format, orientation, (1600, 400))
    result = thumbs(data, {"l": 200, "s": 50}, fit="inside")
    assert [(one.width, one.height) for one in result.thumbnails] == [(50, 200), (13, 50)]
    cropped = thumbs(data, {"l": 200, "s": 50}, fit="cover")
    assert [(one.width, one.height) for one in cropped.thumbnails] == [(200, 200), (50, 50)]
    made = Image.open(io.BytesIO(result.thumbnails[0].body))
    for found, expected in zip(corners(made), SEEN[orientation], strict=True):
        assert near(found, expected)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_none(orientation: int) -> None:
    """Some editors write zero."""
    assert thumb(tagged("JPEG", orientation)).size == (32, 24)


def test_png_may_have_its_exif_behind_the_pixels() -> None:
    """Where the standard allows it, and where some tools write it."""
    data = tagged("PNG", 6)
    begins = data.index(b"eXIf") - 4
    length = int.from_bytes(data[begins : begins + 4], "big") + 12
    chunk = data[begins : begins + length]
    without = data[:begins] + data[begins + length :]
    end = without.index(b"IEND") - 4
    assert thumb(without[:end] + chunk + without[end:]).size == (24, 32)


def test_heic_turns_by_its_own_box() -> None:
    """An `irot` box turns the picture, and EXIF in the same file must not turn it again."""
    made = thumb((HERE / "sideways.heic").read_bytes())
    assert made.size == (24, 32)
    for found, expected in zip(corners(made), SEEN[6], strict=True):
        assert near(found, expected)
