"""A larger function takes larger pictures, and a smaller one refuses before it is killed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from handler.pictures import limits as module
from handler.pictures.errors import RefusedError
from handler.pictures.limits import Limits, check_memory
from tests.filled import filled
from tests.handler.pictures import quadrants, saved, thumb

# Pillow warns of large pictures; the suite would raise that, the function does not.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

MEGAPIXEL = 1_000_000


class Header:
    """A picture's header, as Pillow's readers tell it."""

    mode = "RGB"
    info: dict[str, Any]

    def __init__(self, file_format: str, megapixels: int) -> None:
        self.format = file_format
        self.width, self.height = self.size = 1000 * megapixels, 1000
        self.info = {}


def takes(megabytes: int, file_format: str, megapixels: int, size: int = 0) -> bool:
    """Whether a function with this memory takes a picture, by its header and bytes."""
    header: Any = Header(file_format, megapixels)
    try:
        pixels = megapixels * MEGAPIXEL
        check_memory(header, pixels, bytes(size), Limits(megabytes=megabytes))
    except RefusedError as error:
        assert error.reason == "too-large"  # noqa: PT017 - whatever else it says is a fault
        return False
    return True


@pytest.mark.parametrize(
    ("file_format", "megapixels"),
    [("WEBP", 24), ("HEIF", 48), ("AVIF", 48), ("PNG", 200)],
)
def test_the_default_function_takes_what_one_of_512_mb_refuses(
    file_format: str, megapixels: int
) -> None:
    """Telephones write HEIC of 48 megapixels, and 1,769 MB are paid for."""
    assert not takes(512, file_format, megapixels, 20 * 2**20)
    assert takes(1769, file_format, megapixels, 20 * 2**20)


def test_a_function_of_512_mb_has_the_limits_that_were_measured() -> None:
    """docs/handler.md has them."""
    limits = Limits()
    found = (limits.megabytes, limits.memory >> 20, limits.bytes >> 20, limits.seconds)
    assert found == (512, 320, 80, 6)


def test_more_memory_never_takes_less() -> None:
    """Up to the second vCPU, which decodes a second picture beside the first."""
    sizes = [Limits(megabytes=megabytes) for megabytes in range(128, 3538)]
    for small, large in filled(pairwise(sizes)):
        assert small.memory <= large.memory
        assert small.bytes <= large.bytes
        assert small.seconds <= large.seconds


@pytest.mark.parametrize("megabytes", [3538, 5307, 7076, 8845, 10_240])
def test_each_vcpu_takes_what_the_default_function_takes(megabytes: int) -> None:
    """A picture would otherwise be refused because others are decoded beside it."""
    assert Limits(megabytes=megabytes).memory >= Limits(megabytes=1769).memory


def test_the_outer_fence_is_that_of_sharp() -> None:
    """268 million pixels for any function size, so that width times height never overflows."""
    assert module.MAX_PIXELS == 16_383**2
    assert Image.MAX_IMAGE_PIXELS == module.MAX_PIXELS // 2


@pytest.mark.parametrize(("width", "height"), [(11_648, 8_736), (12_032, 9_024), (16_384, 12_288)])
def test_every_camera_on_sale_is_taken(width: int, height: int) -> None:
    """Medium format has 102 megapixels, telephones 108 and 200."""
    made = thumb(saved(Image.new("L", (width, height), 90), "JPEG"), formats=("jpeg",))
    assert made.size == (32, 24)


def test_a_thousand_frames_are_the_most() -> None:
    """A mutant that doubles the number must fail here, and not increase a bill."""
    frames = [quadrants(2, 2), Image.new("RGB", (2, 2))] * 501
    kept: list[int] = []
    for count in (1000, 1001):
        first, *others = frames[:count]
        data = saved(first, "GIF", save_all=True, append_images=others, duration=20)
        kept.append(thumb(data, 2, formats=("webp",), animated=True).n_frames)  # type: ignore[attr-defined]
    assert kept == [1000, 1]
