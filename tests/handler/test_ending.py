"""A file that lacks only its end is a picture; one that lacks rows is not."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from handler.pictures.errors import RefusedError
from tests.handler.pictures import RED, near, quadrants, sample, saved, thumb, thumbs

PHOTOGRAPH = Image.open(io.BytesIO(sample("coffee.png"))).convert("RGB").resize((200, 133))
END = b"\xff\xd9"
KINDS: tuple[dict[str, Any], ...] = ({}, {"progressive": True}, {"restart_marker_rows": 1})


@pytest.mark.parametrize("side", [20, 48, 90, 200])
@pytest.mark.parametrize(
    "settings",
    [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_rows": 1}],
    ids=str,
)
@pytest.mark.parametrize("behind", [b"", b"\xff"])
def test_a_jpeg_without_its_end_is_made(settings: dict[str, Any], side: int, behind: bytes) -> None:
    """Cameras that lose power and some services leave it out; every row is there."""
    data = saved(PHOTOGRAPH, "JPEG", quality=90, **settings)
    assert data.endswith(END)
    made = thumb(data[:-2] + behind, side)
    assert made.tobytes() == thumb(data, side).tobytes()


@pytest.mark.parametrize("missing", [20, 60, 200, 1000])
@pytest.mark.parametrize("side", [20, 90, 200])
@pytest.mark.parametrize(
    "settings", [{}, {"progressive": True}, {"restart_marker_rows": 1}], ids=str
)
def test_a_jpeg_without_its_last_rows_is_truncated(
    settings: dict[str, Any], side: int, missing: int
) -> None:
    """libjpeg would fill the missing rows with grey without an error."""
    data = saved(PHOTOGRAPH, "JPEG", quality=90, **settings)
    if settings.get("progressive") and missing < 1000:
        pytest.skip("of the last scan, which brings the last bits, the end may be missing")
    with pytest.raises(RefusedError) as caught:
        thumbs(data[:-missing], {"s": side})
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize("missing", range(1, 17))
def test_a_png_without_its_last_chunk_is_made(missing: int) -> None:
    """The checksum of the pixels may be missing too, because libpng does not need it."""
    data = saved(PHOTOGRAPH, "PNG")
    assert thumb(data[:-missing]).tobytes() == thumb(data).tobytes()


def test_a_gif_without_its_trailer_is_made() -> None:
    """One byte."""
    data = saved(quadrants().quantize(8), "GIF")
    assert thumb(data[:-1]).tobytes() == thumb(data).tobytes()


@pytest.mark.parametrize("kept", [0, 4, 8, 20])
def test_a_webp_cut_in_its_metadata_is_made(kept: int) -> None:
    """A WebP has its pixels before its metadata."""
    data = saved(PHOTOGRAPH, "WEBP", exif=b"Exif\0\0" + bytes(40), xmp=b"x" * 40)
    at = data.index(b"EXIF")
    assert thumb(data[: at + kept]).tobytes() == thumb(data).tobytes()
    with pytest.raises(RefusedError) as caught:
        thumbs(data[: at - 40])
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_a_damaged_later_frame_gives_the_still(file_format: str) -> None:
    """The first frame is a picture; the animation is none."""
    frames = [Image.new("RGB", (64, 48), RED).effect_spread(3), PHOTOGRAPH.resize((64, 48))]
    first, *others = [quadrants(), *frames]
    data = saved(first, file_format, save_all=True, append_images=others, duration=50)
    made = thumb(data[: len(data) * 3 // 4], formats=("webp",), animated=True)
    assert made.n_frames == 1  # type: ignore[attr-defined]
    assert near(made.convert("RGB").getpixel((4, 4)), RED, within=25)  # type: ignore[arg-type]
