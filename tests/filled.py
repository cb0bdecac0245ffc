"""A list that a test loops over must not be empty, because the test would then check nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


def filled(items: Iterable[T]) -> list[T]:
    """Return all items; fails if there are none."""
    found = list(items)
    assert found
    return found
