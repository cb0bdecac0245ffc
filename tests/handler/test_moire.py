"""A JPEG that is decoded at a reduced scale is as sharp, and as free of moire, as sharp's.

The pipeline of sharp 0.34, by libvips: jpegload at 1/8, 1/4 or 1/2 (its rule is in `shrink`), then
Lanczos. Both are compared with a full decode and Lanczos.
"""

from __future__ import annotations

import io
import math
import random
from functools import cache

import pytest
import pyvips
from PIL import Image, ImageChops, ImageDraw, ImageStat

from tests.handler.pictures import sample, saved, thumb

SIDE = 96
EDGES = [SIDE * scale for scale in (2, 4, 8)]
DRAFTS = [round(SIDE * scale * near) for scale in (2, 4, 8) for near in (1.125, 1.25, 1.3, 1.5)]
RANDOM = random.Random(5)  # noqa: S311
WIDTHS = sorted(
    {edge + by for edge in (*EDGES, *DRAFTS) for by in range(-2, 3)}
    | {RANDOM.randrange(SIDE, 9 * SIDE) for _ in range(40)}
)


@cache
def picture(name: str) -> Image.Image:
    """A square picture with detail of every kind, larger than any width."""
    side = 10 * SIDE
    if name == "photograph":
        photograph = Image.open(io.BytesIO(sample("coffee.png"))).convert("RGB")
        return photograph.resize((side, side))
    if name == "text":
        page = Image.new("RGB", (side, side), "white")
        draw = ImageDraw.Draw(page)
        for y in range(0, side, 13):
            draw.text((y % 7, y), "The quick brown fox jumps over the lazy dog. " * 6, fill="black")
        return page
    plate = Image.new("L", (side, side))
    plate.putdata(
        [
            round(127.5 + 127.5 * math.cos(math.pi * (x * x + y * y) / (2 * side)))
            for y in range(side)
            for x in range(side)
        ]
    )
    return plate.convert("RGB")


def by_sharp(data: bytes, width: int) -> tuple[Image.Image, Image.Image]:
    """sharp's way (src/pipeline.cc), before and after it is encoded at quality 80."""
    ratio = width / SIDE
    shrink = next((scale for scale in (8, 4, 2) if ratio >= scale), 1)
    if shrink > 1 and int(ratio) == shrink:
        shrink //= 2
    image = pyvips.Image.jpegload_buffer(data, shrink=shrink)
    small = image.resize(SIDE / image.width, vscale=SIDE / image.height, kernel="lanczos3")
    small = small.colourspace("srgb").cast("uchar")
    plain = Image.frombytes("RGB", (small.width, small.height), small.write_to_memory())
    return plain, Image.open(io.BytesIO(small.jpegsave_buffer(Q=80, keep="none")))


def decibels(one: Image.Image, other: Image.Image) -> float:
    """PSNR over all bands."""
    squares = ImageStat.Stat(ImageChops.difference(one, other)).sum2
    error = sum(squares) / (3 * one.width * one.height)
    return 99.0 if error == 0 else 10 * math.log10(255**2 / error)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["photograph", "text", "zone plate"])
def test_no_width_is_worse_than_sharp(name: str) -> None:
    """Just above 2, 4 and 8 times the size, libjpeg's mean is nearly all the filter there is."""
    total = 0.0
    worse: list[tuple[int, float, float]] = []
    for width in WIDTHS:
        data = saved(picture(name).resize((width, width)), "JPEG", quality=92)
        full = Image.open(io.BytesIO(data)).convert("RGB")
        best = full.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        plain, encoded = (decibels(image, best) for image in by_sharp(data, width))
        ours = decibels(thumb(data, SIDE), best)
        behind = encoded - decibels(thumb(data, SIDE, formats=("jpeg",), quality=80), best)
        total += behind
        # The encoder's own errors make up to half a decibel of difference at single widths, either
        # way, where the pixels before it are alike.
        if behind > 0.6 or (behind > 0.2 and plain - ours > 0.25):
            worse.append((width, round(behind, 2), round(plain - ours, 2)))
    assert not worse
    assert total / len(WIDTHS) < 0.05
    assert len(WIDTHS) > 60
