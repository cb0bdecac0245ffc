"""How much memory a container may use at once, and how many pictures it may decode."""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING

from handler.pictures.errors import FailedError
from handler.pictures.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Generator

# glibc's malloc.h
M_MMAP_THRESHOLD = -3

# The memory of the interpreter, libraries and clients, in MB.
BASE = 100

IN_TIME = "became free in the time that was left; the queue brings the upload again"


class Budget:
    """Keeps any batch within the function's memory.

    There are two limits, always taken in this order, so that no deadlock is possible:

    - Originals as they came, read or being read: a quarter of the function's memory in all, or
      what decoding leaves. An original that is larger than this waits until it can have all of it.
    - Decoded pictures: as many at a time as there are whole vCPUs, and at least one. A second
      picture on one vCPU would be no faster, and would need memory for its own pixels.
      `Limits.memory` is the most that one picture takes.

    Both limits are held while a picture is read and decoded. They are released before its
    thumbnails are written, because thumbnails are small.
    """

    def __init__(self, memory: int) -> None:
        """Plan with the function's memory in MB."""
        limits = Limits(megabytes=memory)
        self._decoders = limits.decoders
        left = (memory - BASE) * 2**20 - self._decoders * limits.memory
        self.total = max(memory * 2**20 // 8, min(memory * 2**20 // 4, left))
        self._free = self.total
        self._decoding = 0
        self._changed = Condition()

    @contextmanager
    def original(self, size: int, seconds: float) -> Generator[None]:
        """Hold an original of `size` bytes; wait until it fits together with the others.

        Raises FailedError if it does not fit within `seconds`.
        """
        amount = min(size, self.total)
        with self._changed:
            if not self._changed.wait_for(lambda: self._free >= amount, seconds):
                raise FailedError(f"no memory {IN_TIME}")
            self._free -= amount
        try:
            yield
        finally:
            with self._changed:
                self._free += amount
                self._changed.notify_all()

    @contextmanager
    def decoding(self, seconds: float) -> Generator[None]:
        """Hold the pixels of one picture; wait for a vCPU, as `original` does."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._decoding < self._decoders, seconds):
                raise FailedError(f"no vCPU {IN_TIME}")
            self._decoding += 1
        try:
            yield
        finally:
            with self._changed:
                self._decoding -= 1
                self._changed.notify_all()

    def idle(self, patience: float) -> bool:
        """Whether no picture is being decoded; wait up to `patience` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._decoding, patience)


def _return_what_is_freed() -> None:
    """Make malloc return each block above 1 MB to the system when it is freed.

    By default glibc keeps freed blocks of up to 32 MB for the thread that used them, and each
    upload has its thread. The pixels of ten pictures are then kept, although only one picture is
    decoded at a time. Ten PNGs of 50 megapixels took 1,930 MB in a function of 512 MB; with this
    setting they take 333 (`benchmarks/batch_memory.py`).

    Called once, when a container starts, because mallopt may not run while other threads run (its
    manual: "MT-Unsafe init").
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's alone
    if mallopt:
        mallopt(M_MMAP_THRESHOLD, 2**20)


_return_what_is_freed()
