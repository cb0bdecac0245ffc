"""Runs rounds of every program over every input in turn, and reports medians and likeness."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.contenders import Floor, Work
from benchmarks.likeness import likeness, reference
from benchmarks.pairs import ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.contenders import Contender

THREE = {"512": 512, "256": 256, "128": 128}
ONE = {"256": 256}

# Rounds continue until this much time is spent on an input, between a minimum and a maximum number
# of rounds. Programs without a target run only in the first rounds.
SECONDS = 9.0
LEAST, MOST = 7, 31
BESIDE = 3
IN_TARGETS = {"thumbx", "floor", "sharp"}


@dataclass
class Measured:
    """One input: milliseconds of each round, by program; PSNR (dB), SSIM and bytes, by size."""

    work: Work
    rounds: dict[str, list[float]] = field(default_factory=dict)
    likeness: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    bytes: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def milliseconds(self) -> dict[str, float]:
        """The median by contender."""
        return {name: statistics.median(spent) for name, spent in self.rounds.items()}

    def ratio(self, one: str, other: str) -> float:
        """The time of one program divided by another's."""
        return ratio(self.rounds[one], self.rounds[other])

    def behind(self, other: str) -> tuple[float, float]:
        """The largest PSNR and SSIM by which any size is below the other program's; negative if
        above.
        """
        pairs = [
            (self.likeness[other][name], self.likeness["thumbx"][name]) for name in self.work.sizes
        ]
        return max(a[0] - b[0] for a, b in pairs), max(a[1] - b[1] for a, b in pairs)


def works(inputs: Mapping[str, Path]) -> list[Work]:
    """Every input to JPEG and WebP, at three sizes and at one size."""
    return [
        Work(name=name, path=path, sizes=sizes, format=output)
        for name, path in inputs.items()
        for output in ("jpeg", "webp")
        for sizes in (THREE, ONE)
    ]


def measure(
    todo: Sequence[Work], contenders: Sequence[Contender], said: Callable[[str], None]
) -> list[Measured]:
    """Let the programs take turns, so that a busy moment slows all of them."""
    results: list[Measured] = []
    for work in todo:
        said(f"{work.name} to {len(work.sizes)} as {work.format}")
        data = work.path.read_bytes()
        taking = [
            one for one in contenders if not isinstance(one, Floor) or data[:2] == b"\xff\xd8"
        ]
        result = Measured(work=work, rounds={one.name: [] for one in taking})
        best = {name: reference(data, side) for name, side in work.sizes.items()}
        begun = time.monotonic()
        for number in range(MOST):
            if number >= LEAST and time.monotonic() - begun > SECONDS:
                break
            for one in taking:
                if number >= BESIDE and one.name not in IN_TARGETS:
                    continue
                run = one.run(work, data)
                result.rounds[one.name].append(run.seconds * 1000)
                if number == 0 and run.bodies:
                    result.likeness[one.name] = {
                        name: likeness(body, best[name]) for name, body in run.bodies.items()
                    }
                    result.bytes[one.name] = {name: len(body) for name, body in run.bodies.items()}
        results.append(result)
    return results
