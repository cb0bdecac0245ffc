"""Measures the cold start: import and first client of the handler, compared with plain boto3 with
S3 and STS.

Each start is a new process, and the two take turns, so that a busy machine slows both. The time
before that, in which Lambda starts the interpreter, is not counted.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.billed_time import ENVIRONMENT
from benchmarks.pairs import ratio

ROUNDS = 15
SHOWN = 6  # packages of the summary

HANDLER = "import handler.entry"
BARE = 'import boto3; boto3.client("s3"); boto3.client("sts")'
TIMED = """
import time
begun = time.perf_counter()
{}
print((time.perf_counter() - begun) * 1000)
"""


@dataclass(frozen=True, kw_only=True)
class ColdStart:
    """Milliseconds of both and their ratio (medians), and the packages that take the most time."""

    handler: float
    boto3: float
    ratio: float
    packages: dict[str, float]


def measure(python: str = sys.executable) -> ColdStart:
    """Start both in turn, with an interpreter that has the function's packages."""
    times: dict[str, list[float]] = {HANDLER: [], BARE: []}
    for _ in range(ROUNDS):
        for code, spent in times.items():
            spent.append(float(_start(python, "-c", TIMED.format(code)).stdout))
    return ColdStart(
        handler=statistics.median(times[HANDLER]),
        boto3=statistics.median(times[BARE]),
        ratio=ratio(times[HANDLER], times[BARE]),
        packages=_packages(python),
    )


def _packages(python: str) -> dict[str, float]:
    """Milliseconds by top-level package, without the packages that it imports, from `-X
    importtime`.

    `handler` includes the time of making the clients, because it makes them while it is imported.
    """
    report = _start(python, "-X", "importtime", "-c", HANDLER).stderr
    spent: dict[str, float] = {}
    for own, module in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", report):
        package = module.split(".")[0]
        spent[package] = spent.get(package, 0.0) + int(own) / 1000
    return dict(sorted(spent.items(), key=lambda item: -item[1])[:SHOWN])


def _start(python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *arguments],
        env={**os.environ, **ENVIRONMENT},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )


if __name__ == "__main__":
    result = measure()
    print(f"handler {result.handler:.0f} ms, boto3 {result.boto3:.0f} ms: {result.ratio:.2f}")
    for name, milliseconds in result.packages.items():
        print(f"{milliseconds:7.1f} ms  {name}")
