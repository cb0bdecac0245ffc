"""A function too small for some pictures says so before it is deployed."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from handler.capacity import HOLDS_EVERYTHING, shortage
from handler.pictures.limits import Limits
from tests.handler.conftest import ENVIRONMENT
from tests.handler.pictures.forged import png

# The memory of Lambda's own runtime; believed and not measured, as benchmarks/memory.py
# says.
RUNTIME = 35

# A picture that is delivered again; prints the most MB of both processes.
MEASURED = """
import importlib, pathlib, resource, sys
importlib.import_module("handler.entry")
from handler.pictures.isolation import make_thumbnails
from handler.pictures.limits import Limits
from handler.pictures.thumbs import Plan
data = pathlib.Path(sys.argv[1]).read_bytes()
plan = Plan(sizes={"l": 512, "m": 256, "s": 128}, formats=("jpeg",), quality=80)
make_thumbnails(data, plan, Limits(megabytes=int(sys.argv[2])), apart=True)
own = pathlib.Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print((int(own) + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) // 1024)
"""


@pytest.mark.parametrize("megabytes", [HOLDS_EVERYTHING, 1769, 10_240])
def test_a_function_that_holds_everything_needs_no_warning(megabytes: int) -> None:
    """A warning at each preview would be ignored."""
    assert shortage(megabytes) == ""


@pytest.mark.parametrize(
    ("megabytes", "says"),
    [
        (256, "files above 40 MB are refused, and, by megapixels, PNG above 17, TIFF above 8, "),
        (512, "files above 80 MB are refused, and, by megapixels, PNG above 84, TIFF above 75, "),
        (HOLDS_EVERYTHING - 1, "A picture near these limits may fail because memory runs out"),
    ],
)
def test_below_that_size_it_is_said_what_is_refused_or_fails(megabytes: int, says: str) -> None:
    """The person who reduces the memory decides it, and not the first user with a large file."""
    said = shortage(megabytes)
    assert said.startswith(f"thumbx:function.memory is {megabytes}, below the {HOLDS_EVERYTHING}")
    assert says in said


@pytest.mark.slow
def test_that_size_holds_the_largest_picture_also_when_it_comes_again(tmp_path: Path) -> None:
    """Then it is decoded in a process of its own, which takes 100 MB more."""
    limits = Limits(megabytes=HOLDS_EVERYTHING)
    width, spare = 9000, 2**21  # bytes of the file that are no pixels
    height = limits.memory // 4 // width - 20
    noisy = (limits.bytes - spare) // (4 * width + 6)  # rows; what deflate cannot shrink
    packer = zlib.compressobj(1)
    rows = [
        packer.compress(b"\0" + (os.urandom(4 * width) if row < noisy else bytes(4 * width)))
        for row in range(height)
    ]
    data = png(width, height, kind=6, body=b"".join([*rows, packer.flush()]))
    assert limits.bytes - 2**22 < len(data) <= limits.bytes
    picture = tmp_path / "largest.png"
    picture.write_bytes(data)
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, str(picture), str(HOLDS_EVERYTHING)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) + RUNTIME <= HOLDS_EVERYTHING
