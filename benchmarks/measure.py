"""Interleaved rounds of every contender over every work, their medians and likeness."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.contenders import Floor, Work
from benchmarks.likeness import likeness, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.contenders import Contender

THREE = {"512": 512, "256": 256, "128": 128}
ONE = {"256": 256}

# Rounds go on until this much was spent on a work, but there are at least and at most so many: a
# median of three is enough for what takes seconds, and 11 calm what takes milliseconds.
SECONDS = 4.0
LEAST, MOST = 3, 11


@dataclass
class Measured:
    """One work: by contender, the median in milliseconds; by size, PSNR (dB), SSIM and bytes."""

    work: Work
    milliseconds: dict[str, float] = field(default_factory=dict)
    likeness: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    bytes: dict[str, dict[str, int]] = field(default_factory=dict)

    def faster_than(self, other: str) -> float:
        """How many times the handler's core fits into the other's time."""
        return self.milliseconds[other] / self.milliseconds["thumbx"]

    @property
    def over_floor(self) -> float:
        """The handler's core over entropy decoding alone."""
        return self.milliseconds["thumbx"] / self.milliseconds["floor"]

    def behind(self, other: str) -> tuple[float, float]:
        """The most PSNR and SSIM that any size is below the other's; negative where above."""
        pairs = [
            (self.likeness[other][name], self.likeness["thumbx"][name]) for name in self.work.sizes
        ]
        return max(a[0] - b[0] for a, b in pairs), max(a[1] - b[1] for a, b in pairs)


def works(inputs: Mapping[str, Path]) -> list[Work]:
    """Every input to JPEG and WebP, at three sizes and at one."""
    return [
        Work(name=name, path=path, sizes=sizes, format=output)
        for name, path in inputs.items()
        for output in ("jpeg", "webp")
        for sizes in (THREE, ONE)
    ]


def measure(
    todo: Sequence[Work], contenders: Sequence[Contender], said: Callable[[str], None]
) -> list[Measured]:
    """Let the contenders take turns, so that a busy moment slows all of them."""
    results: list[Measured] = []
    for work in todo:
        said(f"{work.name} to {len(work.sizes)} as {work.format}")
        data = work.path.read_bytes()
        taking = [
            one for one in contenders if not isinstance(one, Floor) or data[:2] == b"\xff\xd8"
        ]
        spent: dict[str, list[float]] = {one.name: [] for one in taking}
        result = Measured(work=work)
        best = {name: reference(data, side) for name, side in work.sizes.items()}
        begun = time.monotonic()
        for number in range(MOST):
            if number >= LEAST and time.monotonic() - begun > SECONDS:
                break
            for one in taking:
                run = one.run(work, data)
                spent[one.name].append(run.seconds * 1000)
                if number == 0 and run.bodies:
                    result.likeness[one.name] = {
                        name: likeness(body, best[name]) for name, body in run.bodies.items()
                    }
                    result.bytes[one.name] = {name: len(body) for name, body in run.bodies.items()}
        result.milliseconds = {name: statistics.median(each) for name, each in spent.items()}
        results.append(result)
    return results
