"""Ratios of two contenders that took turns."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def ratio(one: Iterable[float], other: Iterable[float]) -> float:
    """The median of the ratios of each round that both took part in.

    What slows the machine for a while slows both in the same rounds.
    """
    pairs = zip(one, other, strict=False)
    return statistics.median(first / second for first, second in pairs)
