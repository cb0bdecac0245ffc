"""The programs that are measured: each takes bytes and returns bytes for each size.

Times are processor seconds of all threads of the working process. On an idle machine they equal
wall-clock seconds, and on a busy machine they can still be compared.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from PIL import Image

from handler.pictures.thumbs import Plan, make_thumbnails

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

QUALITY = 80  # sharp's default, used for every program


@dataclass(frozen=True, kw_only=True)
class Work:
    """One measurement: an input, the sizes to make, and a format."""

    name: str
    path: Path
    sizes: Mapping[str, int]
    format: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """One measured run: its seconds, and the bytes of each size."""

    seconds: float
    bodies: Mapping[str, bytes]


class Contender(Protocol):
    """A way of making thumbnails."""

    name: str

    def run(self, work: Work, data: bytes) -> Run:
        """Make the thumbnails once; only the work itself is timed."""
        ...


class Ours:
    """The handler's own pixel core."""

    name = "thumbx"

    def run(self, work: Work, data: bytes) -> Run:
        """Call the same function as the Lambda function does."""
        plan = Plan(sizes=work.sizes, formats=(work.format,), quality=QUALITY)
        begun = time.process_time()
        result = make_thumbnails(data, plan)
        seconds = time.process_time() - begun
        return Run(seconds=seconds, bodies={made.name: made.body for made in result.thumbnails})


class Tutorial:
    """What tutorials show: open the file, resize the full picture for each size, save."""

    name = "tutorial Pillow"

    def run(self, work: Work, data: bytes) -> Run:
        """Open once a size."""
        bodies: dict[str, bytes] = {}
        begun = time.process_time()
        for name, side in work.sizes.items():
            image = Image.open(io.BytesIO(data)).convert("RGB")
            scale = side / max(image.size)
            size = round(image.width * scale), round(image.height * scale)
            image = image.resize(size, Image.Resampling.LANCZOS)
            buffer = io.BytesIO()
            image.save(buffer, work.format, quality=QUALITY)
            bodies[name] = buffer.getvalue()
        return Run(seconds=time.process_time() - begun, bodies=bodies)


class Floor:
    """Only entropy decoding: a JPEG decoded at an eighth, without making a thumbnail."""

    name = "floor"

    def run(self, work: Work, data: bytes) -> Run:  # noqa: ARG002 - all are called in the same way
        """Decode at an eighth."""
        begun = time.process_time()
        image = Image.open(io.BytesIO(data))
        image.draft(None, (image.width // 8, image.height // 8))
        image.load()
        return Run(seconds=time.process_time() - begun, bodies={})


class Pyvips:
    """libvips with its own thumbnail operation, called once for each size."""

    name = "pyvips"

    def __init__(self) -> None:
        self._vips = importlib.import_module("pyvips")  # optional: raises if it is missing
        self._vips.cache_set_max(0)  # else the second round would measure the cache

    def run(self, work: Work, data: bytes) -> Run:
        """Use thumbnail_buffer, which shrinks on load and rotates."""
        suffix = {"jpeg": ".jpg", "webp": ".webp"}[work.format]
        bodies: dict[str, bytes] = {}
        begun = time.process_time()
        for name, side in work.sizes.items():
            image = self._vips.Image.thumbnail_buffer(data, side, height=side, size="down")
            bodies[name] = image.write_to_buffer(suffix, Q=QUALITY, keep="none")
        return Run(seconds=time.process_time() - begun, bodies=bodies)


class Sharp:
    """sharp in a separate Node process; with `cloned` it makes all sizes from clones of one
    input.
    """

    def __init__(self, folder: Path, script: Path, *, cloned: bool) -> None:
        self.name = "sharp, cloned" if cloned else "sharp"
        self._cloned = cloned
        one_thread = {"VIPS_CONCURRENCY": "1", "UV_THREADPOOL_SIZE": "1"}
        self._process = subprocess.Popen(
            [shutil.which("node") or "node", str(script), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **one_thread},
        )

    def run(self, work: Work, data: bytes) -> Run:  # noqa: ARG002 - sharp reads the file itself
        """Ask the Node process, which measures its own time."""
        request = {
            "path": str(work.path),
            "sizes": dict(work.sizes),
            "format": work.format,
            "quality": QUALITY,
            "cloned": self._cloned,
        }
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("sharp's process has no pipes")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        bodies = {name: b64decode(body) for name, body in answer["bodies"].items()}
        return Run(seconds=answer["seconds"], bodies=bodies)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)
