"""Measures the peak memory of a batch of ten 50-megapixel pictures, for several function sizes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.billed_time import ENVIRONMENT, thumbx
from benchmarks.slow_aws import slow_aws

SIZE = 8160, 6120  # 50 megapixels
MEMORIES = 512, 1024, 1769


@dataclass(frozen=True, kw_only=True)
class Peak:
    """The peak of the process's resident set in MB, for a function of `memory` MB."""

    picture: str
    memory: int
    peak: float


def measure(python: str = sys.executable) -> list[Peak]:
    """Run one batch for each format and memory, with an interpreter that has the function's
    packages.
    """
    peaks: list[Peak] = []
    with TemporaryDirectory() as folder:
        # Noise gives the largest file for this many pixels, and so the most memory.
        noise = Image.effect_noise((SIZE[0] // 4, SIZE[1] // 4), 60).resize(SIZE).convert("RGB")
        for name, settings in (("JPEG", {"quality": 92}), ("PNG", {"compress_level": 1})):
            picture = Path(folder) / name
            noise.save(picture, name, **settings)
            with slow_aws(picture) as endpoint:
                peaks += [_run(picture, memory, endpoint, python) for memory in MEMORIES]
    return peaks


def _run(picture: Path, memory: int, endpoint: str, python: str) -> Peak:
    size = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory), "POWERTOOLS_LOG_LEVEL": "ERROR"}
    run = subprocess.run(
        [python, "-m", "benchmarks.batch_memory", str(picture.stat().st_size)],
        env={**os.environ, **ENVIRONMENT, **size, "AWS_ENDPOINT_URL": endpoint},
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Peak(picture=picture.name, memory=memory, peak=float(run.stdout.splitlines()[-1]))


def _high_water() -> float:
    """This program's peak so far in MB. getrusage is not used, because its value begins with the
    parent's peak.
    """
    status = Path("/proc/self/status").read_text()
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        thumbx(int(sys.argv[1]))
        print(_high_water())
    else:
        for peak in measure():
            print(peak)
