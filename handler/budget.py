"""How much a container may hold in memory at once, and how many pictures it may decode."""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore, Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

# Lambda gives one vCPU for each 1,769 MB of memory, and less than one below.
MEGABYTES_A_CPU = 1769


class Budget:
    """Keeps a batch within the function's memory, whatever is in it.

    Two bounds, taken in this order and so never waited for in a circle:

    - Originals as they came, read or being read: a quarter of the function's memory in all. An
      original that alone is more gets all of it for itself.
    - Decoded pictures: as many at a time as there are whole vCPUs, and at least one. A second
      picture on one vCPU would be no faster, and needs its own pixels. How many pixels one may
      have is for `thumbs` to limit.

    So at its peak a container holds a quarter of its memory in originals, and the pixels of one
    picture for each vCPU. Thumbnails are small beside both.
    """

    def __init__(self, memory: int) -> None:
        """Plan with the function's memory in MB."""
        self._total = memory * 2**20 // 4
        self._free = self._total
        self._changed = Condition()
        self._decoders = BoundedSemaphore(max(1, memory // MEGABYTES_A_CPU))

    @contextmanager
    def original(self, size: int) -> Generator[None]:
        """Hold an original of so many bytes; waits until it fits beside the others."""
        amount = min(size, self._total)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= amount)
            self._free -= amount
        try:
            yield
        finally:
            with self._changed:
                self._free += amount
                self._changed.notify_all()

    @contextmanager
    def decoding(self) -> Generator[None]:
        """Hold the pixels of one picture; waits for a vCPU."""
        with self._decoders:
            yield
