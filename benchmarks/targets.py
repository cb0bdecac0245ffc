"""The targets of the benchmark, as ratios within one run, because machines differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.billed_time import JPEGS
from benchmarks.inputs import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.billed_time import Row
    from benchmarks.cold_start import ColdStart
    from benchmarks.measure import Measured
    from benchmarks.sweep import Width

NOISY, PNG, LIGHT = "noisy 12 MP JPEG", "3 MP PNG", "Garden.jpg"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A number and its bound; `reached` is the worst value over the inputs of the target.

    `reached` is None if none of the inputs was measured because it is missing.
    """

    name: str
    bound: str
    reached: float | None
    met: bool

    @property
    def verdict(self) -> str:
        """The result in one word; for a missing input, how to get it."""
        if self.reached is None:
            return f"not judged: needs {PACKAGE}"
        return "met" if self.met else "missed"


def at_least(name: str, bound: float, reached: Iterable[float]) -> list[Target]:
    """A target for the smallest of some numbers."""
    worst = min(reached, default=None)
    met = worst is not None and worst >= bound
    return [Target(name=name, bound=f"≥ {bound}", reached=worst, met=met)]


def at_most(name: str, bound: float, reached: Iterable[float]) -> list[Target]:
    """A target for the largest of some numbers."""
    worst = max(reached, default=None)
    met = worst is not None and worst <= bound
    return [Target(name=name, bound=f"≤ {bound}", reached=worst, met=met)]


def targets(results: Sequence[Measured]) -> list[Target]:
    """Every target whose inputs were measured; "sharp" means sharp called once for each size."""
    three = [one for one in results if len(one.work.sizes) > 1]
    one_size = [one for one in results if len(one.work.sizes) == 1]
    by_name = {one.work.name: one for one in three if one.work.format == "jpeg"}
    noisy, light, png = ([by_name[name]] if name in by_name else [] for name in (NOISY, LIGHT, PNG))
    behind = [one.behind("sharp") for one in results]
    return [
        *at_most(
            "noisy 12 MP JPEG to three sizes / floor",
            1.25,
            (one.ratio("thumbx", "floor") for one in noisy),
        ),
        *at_least("sharp / noisy 12 MP JPEG to three sizes", 2.3, map(over_sharp, noisy)),
        *at_least("sharp / light camera JPEG to three sizes", 1.5, map(over_sharp, light)),
        *at_least("sharp / any JPEG to one size", 1.0, map(over_sharp, filter(is_jpeg, one_size))),
        *at_least("sharp / 3 MP PNG to three sizes", 1.5, map(over_sharp, png)),
        *at_least(
            "sharp / any JPEG to three sizes as WebP",
            1.3,
            (over_sharp(one) for one in three if is_jpeg(one) and one.work.format == "webp"),
        ),
        *at_most("PSNR below sharp's, dB", 0.2, (psnr for psnr, _ in behind)),
        *at_most("SSIM below sharp's", 0.005, (ssim for _, ssim in behind)),
    ]


def width_targets(widths: Sequence[Width]) -> list[Target]:
    """The targets of the sweep."""
    return [
        *at_most("PSNR below sharp's at any width, dB", 0.2, (one.decibels for one in widths)),
        *at_most("SSIM below sharp's at any width", 0.005, (one.ssim for one in widths)),
    ]


def function_targets(billed: Sequence[Row], start: ColdStart) -> list[Target]:
    """The targets of the whole function; "tutorial" means one invocation for each image."""
    return [
        *at_least(
            "tutorial / thumbx, billed time of an image, over all JPEGs",
            10.0,
            (row.ratio for row in billed if row.shape == "tutorial" and row.picture == JPEGS),
        ),
        *at_most("cold start / bare boto3 with S3 and STS", 1.3, [start.ratio]),
    ]


def over_sharp(one: Measured) -> float:
    """sharp's time divided by the time of the handler's core."""
    return one.ratio("sharp", "thumbx")


def is_jpeg(one: Measured) -> bool:
    """Whether the input is a JPEG, because only JPEG has a floor."""
    return "floor" in one.rounds
