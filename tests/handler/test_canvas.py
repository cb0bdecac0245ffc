"""A GIF is transparent where no frame has drawn."""

from __future__ import annotations

import io

from PIL import Image

from tests.handler.pictures import RED, filled, near, quadrants, saved, thumb


def partly(*frames: bytes) -> bytes:
    """A GIF of 64 by 48 whose first frame is 32 by 24 at (16, 12)."""
    small = quadrants(32, 24).quantize(8)
    data = bytearray(saved(small, "GIF"))
    data[6:10] = b"\x40\0\x30\0"
    at = data.index(b"\x2c", 13)
    data[at + 1 : at + 5] = b"\x10\0\x0c\0"
    return bytes(data[:-1]) + b"".join(frames) + b"\x3b"


def test_what_the_first_frame_leaves_is_transparent() -> None:
    """As browsers show it; Pillow fills it with a colour of the palette, and libvips with black."""
    made = thumb(partly(), 64).convert("RGBA")
    for at, alpha in (((2, 2), 0), ((62, 46), 0), ((20, 16), 255), ((40, 30), 255)):
        assert made.getpixel(at)[3] == alpha  # type: ignore[index]
    assert near(made.getpixel((20, 16))[:3], RED)  # type: ignore[index]


def test_the_background_shows_there_in_jpeg() -> None:
    """As for any other transparency."""
    made = thumb(partly(), 64, formats=("jpeg",), background="#4080c0", quality=95)
    assert near(made.getpixel((3, 3)), (0x40, 0x80, 0xC0))  # type: ignore[arg-type]


def test_a_later_frame_covers_what_it_draws_on() -> None:
    """Until then it stays transparent in an animation too."""
    full = saved(filled("RGB", RED).quantize(2), "GIF")
    palette = 3 * 2 ** ((full[10] & 7) + 1)
    at = full.index(b"\x2c", 13 + palette)
    # The frame with a palette of its own, behind a block that tells its time.
    local = full[at : at + 9] + bytes((0x80 | full[10] & 7,)) + full[13 : 13 + palette]
    frame = b"\x21\xf9\4\0\x0a\0\0\0" + local + full[at + 10 : -1]
    made = thumb(partly(frame), 64, formats=("webp",), animated=True)
    assert made.n_frames == 2  # type: ignore[attr-defined]
    assert made.convert("RGBA").getpixel((2, 2))[3] == 0  # type: ignore[index]
    made.seek(1)
    assert made.convert("RGBA").getpixel((2, 2))[3] == 255  # type: ignore[index]


def test_a_gif_that_fills_its_canvas_keeps_its_palette_path() -> None:
    """The mask costs nine bytes a pixel, and is for the few that need it."""
    made = thumb(saved(quadrants().quantize(8), "GIF"), 64)
    assert made.mode == "RGB"
    assert Image.open(io.BytesIO(saved(quadrants().quantize(8), "GIF"))).mode == "P"
