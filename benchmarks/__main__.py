"""The whole benchmark: python -m benchmarks [PIXELS] writes build/bench/index.html.

With the argument "pixels", only the pixel core is measured.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

# Set before libvips is loaded, because libvips reads it only once.
os.environ["VIPS_CONCURRENCY"] = "1"

from rich.console import Console

from benchmarks import batch_memory, billed_time, cold_start, memory
from benchmarks.contenders import Contender, Floor, Ours, Pyvips, Sharp, Tutorial
from benchmarks.inputs import make_inputs
from benchmarks.measure import measure, works
from benchmarks.page import table, target_table, write_page
from benchmarks.sweep import sweep
from benchmarks.targets import function_targets, targets, width_targets

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"


def main(*, everything: bool) -> None:
    """Measure, print, and write the page."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=240)  # a log has no width, but the table needs one
    inputs = make_inputs(BUILD / "inputs")
    with contextlib.ExitStack() as stack, console.status("measuring") as status:
        contenders: list[Contender] = [Ours(), Floor(), Tutorial()]
        with contextlib.suppress(ImportError, OSError):
            contenders.append(Pyvips())
        for cloned in (False, True):
            sharp = Sharp(BUILD / "node", HERE / "sharp.mjs", cloned=cloned)
            contenders.append(stack.enter_context(sharp))
        results = measure(works(inputs), contenders, status.update)
        status.update("widths of JPEG")
        reached = [*targets(results), *width_targets(list(sweep()))]
        lines: list[str] = []
        if everything:
            status.update("memory by input")
            lines += [
                f"{name}: peak {high} MB, so a function of {least} MB"
                for name, (high, least) in memory.smallest(inputs).items()
            ]
            status.update("billed time, cold start, memory of a batch")
            rows = billed_time.measure(inputs)
            lines += [
                f"billed, {row.picture}, {row.shape}: {row.milliseconds:.0f} ms an image,"
                f" {row.ratio:.1f} x thumbx"
                for row in rows
            ]
            start = cold_start.measure()
            lines.append(
                f"cold start: handler {start.handler:.0f} ms, bare boto3 {start.boto3:.0f} ms,"
                f" ratio {start.ratio:.2f}"
            )
            lines += [
                f"cold start, {package}: {milliseconds:.0f} ms"
                for package, milliseconds in start.packages.items()
            ]
            reached += function_targets(rows, start)
            lines += [
                f"batch of ten {one.picture} of 50 MP at {one.memory} MB: peak {one.peak:.0f} MB"
                for one in batch_memory.measure()
            ]
    names = [one.name for one in contenders]
    console.print(table(results, names))
    console.print(target_table(reached))
    for line in lines:
        console.print(line)
    write_page(results, names, reached, lines, BUILD / "index.html")
    console.print(f"{(BUILD / 'index.html').relative_to(HERE.parent)}")


if __name__ == "__main__":
    main(everything="pixels" not in sys.argv[1:])
