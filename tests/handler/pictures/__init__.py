"""Pictures for tests, made here; the HEIC files too, once, by libheif's encoder.

lying.avif has a frame of 16,000 by 16,000, which takes seconds and gigabytes to encode.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

from PIL import Image

from handler.pictures.thumbs import Plan, Result, make_thumbnails

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "samples"

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 30), (30, 30, 200), (230, 230, 230)


def sample(name: str) -> bytes:
    """One of the real pictures."""
    return (SAMPLES / name).read_bytes()


def quadrants(width: int = 64, height: int = 48) -> Image.Image:
    """Four colours, so that each of the eight orientations looks different."""
    image = Image.new("RGB", (width, height))
    across, down = width // 2, height // 2
    for left, top, colour in (
        (0, 0, RED),
        (across, 0, GREEN),
        (0, down, BLUE),
        (across, down, WHITE),
    ):
        image.paste(colour, (left, top, left + across, top + down))
    return image


def filled(mode: str, colour: Any, size: tuple[int, int] = (64, 48)) -> Image.Image:
    """One colour."""
    return Image.new(mode, size, colour)


def corners(image: Image.Image) -> list[tuple[int, int, int]]:
    """The colours in the middle of the four quadrants: top left, top right, bottom left, bottom
    right.
    """
    rgb = image.convert("RGB")
    at = [(across / 4, down / 4) for down in (1, 3) for across in (1, 3)]
    return [rgb.getpixel((int(x * rgb.width), int(y * rgb.height))) for x, y in at]  # type: ignore[misc]


def near(one: tuple[int, ...], two: tuple[int, ...], within: int = 12) -> bool:
    """Whether two colours differ by no more than an encoder's error in each band."""
    return all(abs(a - b) <= within for a, b in zip(one, two, strict=True))


def saved(image: Image.Image, file_format: str, **settings: Any) -> bytes:
    """The bytes of an image."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **settings)
    return buffer.getvalue()


def animation(file_format: str, frames: int = 3, size: tuple[int, int] = (64, 48)) -> bytes:
    """Red, blue, green, and again: neighbours differ, else encoders make them one."""
    images = [Image.new("RGB", size, (RED, BLUE, GREEN)[number % 3]) for number in range(frames)]
    if file_format == "GIF":
        images = [image.quantize(8) for image in images]
    return saved(
        images[0], file_format, save_all=True, append_images=images[1:], duration=70, loop=0
    )


def thumbs(data: bytes, sizes: dict[str, int] | None = None, **plan: Any) -> Result:
    """Make thumbnails; by default one of 32 pixels, as PNG, which loses nothing."""
    settings: dict[str, Any] = {"formats": ("png",), "quality": 90, **plan}
    return make_thumbnails(data, Plan(sizes=sizes or {"s": 32}, **settings))


def thumb(data: bytes, side: int = 32, **plan: Any) -> Image.Image:
    """The one thumbnail of a picture, opened."""
    return Image.open(io.BytesIO(thumbs(data, {"s": side}, **plan).thumbnails[0].body))


def _tag(kind: bytes, body: bytes) -> bytes:
    padded = kind + bytes(4) + body
    return padded + bytes(-len(padded) % 4)


def _fixed(*numbers: float) -> bytes:
    return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)


def icc(space: bytes, tags: dict[bytes, bytes], *, kind: bytes = b"mntr") -> bytes:
    """An ICC profile of version 2 (ICC.1:2001-04) with the given tags."""
    tags = {
        b"desc": _tag(b"desc", struct.pack(">I", 5) + b"test\0" + bytes(78)),
        b"cprt": _tag(b"text", b"none\0"),
        b"wtpt": _tag(b"XYZ ", _fixed(0.9642, 1.0, 0.8249)),
        **tags,
    }
    connection = b"Lab " if b"A2B0" in tags else b"XYZ "
    table, data = struct.pack(">I", len(tags)), b""
    begins = 128 + 4 + 12 * len(tags)
    for name, body in tags.items():
        table += name + struct.pack(">II", begins + len(data), len(body))
        data += body
    head = struct.pack(">I4sI", begins + len(data), b"none", 0x02400000) + kind + space + connection
    head += bytes(12) + b"acsp" + bytes(28) + _fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + data


def _gamma(value: float) -> bytes:
    return _tag(b"curv", struct.pack(">IH", 1, round(value * 256)) + bytes(2))


# Colorants adapted to D50. Adobe RGB (1998) from its specification; its gamma is 563/256.
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
ADOBE_GAMMA = 563 / 256


def adobe_rgb(*, gamma: float = ADOBE_GAMMA) -> bytes:
    """The profile of a camera set to Adobe RGB: a wider gamut than sRGB."""
    names = zip((b"rXYZ", b"gXYZ", b"bXYZ"), ADOBE_RGB, strict=True)
    tags = {name: _tag(b"XYZ ", _fixed(*colorant)) for name, colorant in names}
    return icc(b"RGB ", {**tags, **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _gamma(gamma))})


def yellow_paper() -> bytes:
    """The profile of a scanner whose white is that of its paper, and whose black is a dark grey.

    A table from RGB to Lab: black is L* 20, and all else white.
    """
    ramp = bytes(range(256))
    grid = b"\x33\x80\x80" + b"\xff\x80\x80" * 7
    lut = bytes((3, 3, 2, 0)) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + ramp * 3 + grid + ramp * 3
    # The table is there for the relative intent too: else LittleCMS looks for no black point.
    tables = dict.fromkeys((b"A2B0", b"A2B1"), _tag(b"mft1", lut))
    white = _tag(b"XYZ ", _fixed(0.85, 0.88, 0.50))
    return icc(b"RGB ", {**tables, b"wtpt": white}, kind=b"scnr")


def linear_grey() -> bytes:
    """A grey profile whose values are proportional to light."""
    return icc(b"GRAY", {b"kTRC": _gamma(1.0)})


def swapped_cmyk() -> bytes:
    """A CMYK profile unlike any press: no ink is black, and any cyan at all is white.

    A picture therefore shows whether its profile was used.
    """
    ramp = bytes(range(256))
    grid = b"".join(
        (b"\xff" if cyan else b"\0") + b"\x80\x80"
        for cyan in (0, 1)
        for _ in range(8)  # the other three inks
    )
    lut = bytes((4, 3, 2, 0)) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + ramp * 4 + grid + ramp * 3
    return icc(b"CMYK", {b"A2B0": _tag(b"mft1", lut)}, kind=b"prtr")
