"""What a test loops over: there is something in it, or the test fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


def filled(items: Iterable[T]) -> list[T]:
    """All of them; asserts that there are some."""
    found = list(items)
    assert found
    return found
