"""Ratios of two programs that took turns."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def ratio(one: Iterable[float], other: Iterable[float]) -> float:
    """The median over the rounds in which both ran, of the ratio of their times.

    A slow moment of the machine slows both programs in the same round.
    """
    pairs = zip(one, other, strict=False)
    return statistics.median(first / second for first, second in pairs)
