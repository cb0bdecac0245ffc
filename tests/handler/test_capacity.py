"""A function too small for some pictures says so before it is deployed."""

from __future__ import annotations

import pytest

from handler.capacity import HOLDS_EVERYTHING, shortage
from handler.pictures.limits import Limits


@pytest.mark.parametrize("megabytes", [HOLDS_EVERYTHING, 576, 1769, 10_240])
def test_a_function_that_holds_everything_needs_no_warning(megabytes: int) -> None:
    """One at each preview would be passed over."""
    assert shortage(megabytes) == ""


def test_below_that_size_the_limits_are_named() -> None:
    """Whoever saves memory decides what is refused, and not the first user with a large file."""
    said = shortage(256)
    assert said.startswith(f"thumbx:function.memory is 256, below the {HOLDS_EVERYTHING}")
    assert "files above 40 MB are refused" in said
    assert "PNG above 17, AVIF above 7, HEIF above 7, WEBP above 4;" in said


def test_the_smallest_size_that_holds_everything_is_the_smallest() -> None:
    """A megabyte less, and the largest file is refused."""
    assert Limits(megabytes=HOLDS_EVERYTHING).bytes == Limits(megabytes=10_240).bytes
    assert Limits(megabytes=HOLDS_EVERYTHING - 7).bytes < Limits(megabytes=10_240).bytes
