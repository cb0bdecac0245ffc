"""How much a container holds at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from handler.budget import BASE, Budget
from handler.pictures.errors import FailedError
from handler.pictures.limits import Limits

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MEGABYTE = 2**20
PATIENCE = 10


class Holder(Thread):
    """Holds a share of a budget until it is told to let go."""

    def __init__(self, share: AbstractContextManager[None]) -> None:
        super().__init__(daemon=True)
        self._share = share
        self.held, self.let_go = Event(), Event()
        self.start()

    def run(self) -> None:
        with self._share:
            self.held.set()
            self.let_go.wait(PATIENCE)


def test_originals_that_fit_are_held_together() -> None:
    """They are read at once."""
    budget = Budget(1024)
    holders = [Holder(budget.original(64 * MEGABYTE, PATIENCE)) for _ in range(4)]
    assert all(holder.held.wait(PATIENCE) for holder in holders)
    for holder in holders:
        holder.let_go.set()


def test_one_that_does_not_fit_waits_until_another_is_through() -> None:
    """A batch of large ones takes longer instead of dying of memory."""
    budget = Budget(1024)
    first = Holder(budget.original(200 * MEGABYTE, PATIENCE))
    assert first.held.wait(PATIENCE)
    second = Holder(budget.original(57 * MEGABYTE, PATIENCE))
    assert not second.held.wait(0.05)
    first.let_go.set()
    assert second.held.wait(PATIENCE)
    second.let_go.set()


def test_one_that_never_fits_is_held_alone() -> None:
    """A wait for more memory than there is would never end."""
    budget = Budget(128)
    large = Holder(budget.original(10_000 * MEGABYTE, PATIENCE))
    assert large.held.wait(PATIENCE)
    small = Holder(budget.original(1, PATIENCE))
    assert not small.held.wait(0.05)
    large.let_go.set()
    assert small.held.wait(PATIENCE)
    small.let_go.set()


def test_a_vcpu_goes_from_one_picture_to_the_next() -> None:
    """Two pictures on one vCPU take as long as one after the other, and twice the memory."""
    budget = Budget(1024)
    first = Holder(budget.decoding(PATIENCE))
    assert first.held.wait(PATIENCE)
    second = Holder(budget.decoding(PATIENCE))
    assert not second.held.wait(0.05)
    assert not budget.idle(0.05)
    first.let_go.set()
    assert second.held.wait(PATIENCE)
    second.let_go.set()
    assert budget.idle(PATIENCE)


def test_what_was_held_is_free_again_after_an_error() -> None:
    """Otherwise each bad picture would reduce the container's usable memory permanently."""
    budget = Budget(1024)
    for _ in range(10):
        with (
            pytest.raises(ZeroDivisionError),
            budget.original(200 * MEGABYTE, PATIENCE),
            budget.decoding(PATIENCE),
        ):
            raise ZeroDivisionError


def test_no_upload_waits_longer_than_its_time() -> None:
    """A thread that keeps waiting would start in a later invocation, for a message that has come
    back.
    """
    budget = Budget(512)
    with budget.original(10_000 * MEGABYTE, PATIENCE), budget.decoding(PATIENCE):
        with pytest.raises(FailedError, match="no memory became free"), budget.original(1, 0.01):
            pass
        with pytest.raises(FailedError, match="no vCPU became free"), budget.decoding(0.01):
            pass
    with budget.original(1, 0), budget.decoding(0):
        pass


@pytest.mark.parametrize("memory", [512, 1024, 1769, 3008, 3538, 10_240])
def test_the_largest_originals_and_their_pixels_fit_into_the_function(memory: int) -> None:
    """The budget's purpose: Lambda kills a function that uses more than its memory."""
    budget = Budget(memory)
    limits = Limits(megabytes=memory)
    held = BASE * MEGABYTE + limits.decoders * limits.memory + budget.total
    assert held <= memory * MEGABYTE
    assert memory < 1024 or budget.total >= limits.bytes


# Eight threads in turn take 20 MB and give it back, as uploads do with pictures.
TURNS = """
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock
from handler.budget import Budget

def resident():
    return int(re.findall(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[0]) / 1024

def take(_):
    together.wait()
    for _ in range(2):
        with one:
            bytearray(20 * 2**20)

Budget(1024)
together, one = Barrier(8), Lock()
before = resident()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(take, range(8)))
    print(resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_what_one_upload_frees_is_not_kept_for_its_thread() -> None:
    """glibc keeps freed memory for each thread, and therefore held ten pictures instead of one."""
    run = subprocess.run(
        [sys.executable, "-c", TURNS], capture_output=True, text=True, check=True, timeout=60
    )
    assert float(run.stdout) < 40
