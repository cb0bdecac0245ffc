"""Compares each width of an original with sharp by its likeness to the best thumbnail: python -m
benchmarks.sweep.

A JPEG's reduced decode may be just larger than the size, so that no filter runs after it. The
measured widths are therefore those around 2, 4 and 8 times the size, and forty random ones.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.contenders import Ours, Sharp, Work
from benchmarks.inputs import saved, scene
from benchmarks.likeness import likeness, reference

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"
SIDE = 256
DRAW = random.Random(20240229)  # noqa: S311
EDGES = [round(SIDE * scale * near) for scale in (2, 4, 8) for near in (1, 1.125, 1.25, 1.3, 1.5)]
WIDTHS = sorted(
    {edge + by for edge in EDGES for by in (-2, 0, 2)}
    | {DRAW.randrange(SIDE, 9 * SIDE) for _ in range(40)}
)


@dataclass(frozen=True, kw_only=True)
class Width:
    """One width of one picture: how far it is below sharp's, in dB and in SSIM; negative means
    above.
    """

    picture: str
    width: int
    decibels: float
    ssim: float


def pictures() -> dict[str, Image.Image]:
    """A photograph, a page of text and a zone plate, larger than any width."""
    side = 10 * SIDE
    page = Image.new("RGB", (side, side), "white")
    draw = ImageDraw.Draw(page)
    for y in range(0, side, 13):
        draw.text((y % 7, y), "The quick brown fox jumps over the lazy dog. " * 10, fill="black")
    squares = np.arange(side) ** 2
    rings = np.cos(np.pi * (squares[:, None] + squares[None, :]) / (2 * side))
    plate = Image.fromarray((127.5 + 127.5 * rings).astype(np.uint8)).convert("RGB")
    return {"photograph": scene(side, side, 8), "text": page, "zone plate": plate}


def sweep() -> Iterator[Width]:
    """Measure every picture at every width."""
    path = BUILD / "sweep.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    with Sharp(BUILD / "node", HERE / "sharp.mjs", cloned=False) as sharp:
        for name, image in pictures().items():
            for width in WIDTHS:
                small = image.resize((width, width), Image.Resampling.LANCZOS)
                data = saved(small, "JPEG", quality=92)
                path.write_bytes(data)
                work = Work(name=name, path=path, sizes={"s": SIDE}, format="jpeg")
                best = reference(data, SIDE)
                ours, theirs = (
                    likeness(one.run(work, data).bodies["s"], best) for one in (Ours(), sharp)
                )
                yield Width(
                    picture=name,
                    width=width,
                    decibels=theirs[0] - ours[0],
                    ssim=theirs[1] - ours[1],
                )
    path.unlink()


if __name__ == "__main__":
    found = list(sweep())
    for one in sorted(found, key=lambda one: -one.decibels)[:10]:
        print(f"{one.picture}, {one.width}: {one.decibels:+.2f} dB, {one.ssim:+.4f} SSIM below")
    print(f"{len(found)} widths; the most: {max(one.decibels for one in found):.2f} dB,")
    print(f"{max(one.ssim for one in found):.4f} SSIM")
