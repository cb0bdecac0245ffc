"""Figures of the function as deployed: `make bench-runtime`.

Cold starts beside bare boto3, first and later pictures of a process of its own, and for each input
of the benchmark the time billed and the most memory. Times are processor times, so that a busy
machine gives the same; they are medians of rounds in turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from PIL import Image

from tests.handler.conftest import picture, upload
from tests.handler.pictures import HERE, quadrants, saved
from tests.runtime.box import Box
from tests.runtime.deployed import ARCHITECTURE, FOLDER, deployed
from tests.runtime.services import Services

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.deployed import Deployed

BARE = """
import boto3
boto3.client("s3")
boto3.client("sts")
def handler(event, context):
    return {}
"""
SIZES = '{"large": 512, "medium": 256, "small": 128}'
HEIC = (HERE / "quadrants.heic").read_bytes()
APART = ("TIFF", "AVIF", "HEIC")
LATER = 5
PAGE = os.sysconf("SC_PAGE_SIZE")
BATCH = 10


class Memory(threading.Thread):
    """The most that the function's processes hold together, looked at every few milliseconds."""

    def __init__(self, box: Box) -> None:
        super().__init__(daemon=True)
        self._box, self.most, self._ended = box, 0.0, threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.005):
            self.most = max(self.most, sum(map(resident, self._box.pids())))

    def end(self) -> float:
        self._ended.set()
        self.join()
        return self.most


def resident(pid: int) -> float:
    """MB of a process's own and shared pages."""
    try:
        return (
            int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            * os.sysconf("SC_PAGE_SIZE")
            / 2**20
        )
    except (OSError, IndexError):
        return 0.0


def cold_starts(parts: Deployed, rounds: int) -> str:
    """Processor time until the function waits for its first event, with and without the handler."""
    spent: dict[str, list[float]] = {"handler": [], "bare": []}
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "bare.py").write_text(BARE)
        for _ in range(rounds):
            for kind, options in (
                ("handler", {}),
                ("bare", {"handler": "bare.handler", "task": Path(folder)}),
            ):
                services = Services()
                with Box(parts, services, **options) as box:  # type: ignore[arg-type]
                    spent[kind].append(box.processor())
                services.close()
    ratios = [one / other for one, other in zip(spent["handler"], spent["bare"], strict=True)]
    handler, bare = (statistics.median(spent[each]) for each in ("handler", "bare"))
    median = statistics.median(ratios)
    return f"cold start: {handler:.0f} ms, bare boto3 {bare:.0f} ms, {median:.2f} times"


def first_pictures(parts: Deployed, rounds: int) -> Iterator[str]:
    """The first picture of a container, compared with later ones, in processor time of both
    processes.
    """
    for format_ in APART:
        data = (
            (HERE / "quadrants.heic").read_bytes()
            if format_ == "HEIC"
            else saved(quadrants(), format_)
        )
        first, later = [], []
        for _ in range(rounds):
            services = Services()
            with Box(parts, services) as box:
                box.invoke(upload(services, "originals/warm.png", picture()))
                for number in range(LATER + 1):
                    before = box.processor()
                    box.invoke(upload(services, f"originals/{number}", data))
                    (first if not number else later).append(box.processor() - before)
            services.close()
        one, other = statistics.median(first), statistics.median(later)
        ratio = one / other
        yield f"{format_}: the first {one:.0f} ms, later ones {other:.0f} ms, {ratio:.2f} times"


def inputs() -> dict[str, bytes]:
    """The benchmark's inputs, and the same 12 megapixels in the formats of separate processes."""
    from benchmarks.inputs import make_inputs  # noqa: PLC0415 - numpy is only in its environment

    paths = make_inputs(FOLDER.parent / "bench" / "inputs")
    made = {name: path.read_bytes() for name, path in paths.items()}
    scene = Image.open(paths["12 MP JPEG"]).convert("RGB")
    made["12 MP TIFF, LZW"] = saved(scene, "TIFF", compression="tiff_lzw")
    made["12 MP AVIF"] = saved(scene, "AVIF", speed=10)
    heic = paths["12 MP JPEG"].with_name("large.heic")
    if heic.exists():  # nothing that we install writes such a file
        made["12 MP HEIC"] = heic.read_bytes()
    else:
        print(f"no 12 MP HEIC: put one at {heic}", flush=True)
    return made


def billed(parts: Deployed, megabytes: int) -> Iterator[str]:
    """Each input as a batch of ten, after a batch that warms up the container."""
    for name, data in inputs().items():
        services = Services()
        with Box(parts, services, megabytes=megabytes, SIZES=SIZES, FORMATS="jpeg") as box:
            box.invoke(upload(services, "originals/warm", data))
            memory, before = Memory(box), box.processor()
            memory.start()
            batch = [upload(services, f"originals/{n}", data, f"m{n}") for n in range(BATCH)]
            box.invoke(*batch, seconds=300, patience=300)
            spent, most = (box.processor() - before) / BATCH, memory.end()
            outcomes = sorted({line["outcome"] for line in box.lines()})
        services.close()
        yield (
            f"{megabytes} MB, {name} ({len(data) / 1e6:.1f} MB): {spent:.0f} ms of the processor"
            f" and {box.milliseconds / BATCH:.0f} ms of the clock a picture, {most:.0f} MB at most,"
            f" {', '.join(outcomes)}"
        )


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.runtime.measure", description=__doc__)
    parser.add_argument(
        "what", choices=["starts", "pictures", "billed", "all"], nargs="?", default="all"
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--memory", type=int, nargs="*", default=[576, 1769])
    given = parser.parse_args()
    parts = deployed()
    print(
        f"Python {parts.python.version} on {ARCHITECTURE}, {time.strftime('%Y-%m-%d')}", flush=True
    )
    if given.what in {"starts", "all"}:
        print(cold_starts(parts, given.rounds), flush=True)
    if given.what in {"pictures", "all"}:
        for line in first_pictures(parts, min(3, given.rounds)):
            print(line, flush=True)
    if given.what in {"billed", "all"}:
        for megabytes in given.memory:
            for line in billed(parts, megabytes):
                print(line, flush=True)


if __name__ == "__main__":
    main()
