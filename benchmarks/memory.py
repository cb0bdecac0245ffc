"""Measures the memory that a function needs for each input: python -m benchmarks.memory FILE prints
MB.

The process imports the whole handler, as in Lambda, and makes three sizes of one file.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.billed_time import ENVIRONMENT
from handler.pictures.thumbs import Plan, make_thumbnails

if TYPE_CHECKING:
    from collections.abc import Mapping

# Lambda's bootstrap and extension process, which run in addition to the measured interpreter.
# This is believed and not measured: a measurement needs a deployed function, whose REPORT line has
# "Max Memory Used".
RUNTIME = 35
STEP = 64


def peak(path: Path) -> int:
    """The peak memory in MB of a separate process for one file."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", str(path)],
        env={**os.environ, **ENVIRONMENT},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(run.stdout)


def smallest(inputs: Mapping[str, Path]) -> dict[str, tuple[int, int]]:
    """For each input: the peak, and the smallest memory setting, both in MB."""
    peaks = {name: peak(path) for name, path in inputs.items()}
    return {
        name: (high, max(128, -(-(high + RUNTIME) // STEP) * STEP)) for name, high in peaks.items()
    }


if __name__ == "__main__":
    importlib.import_module("handler.entry")
    plan = Plan(sizes={"l": 512, "m": 256, "s": 128}, formats=("jpeg",), quality=80)
    make_thumbnails(Path(sys.argv[1]).read_bytes(), plan)
    status = Path("/proc/self/status").read_text()
    print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
