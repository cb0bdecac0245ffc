"""Two resamplers: the one with SIMD, and Pillow's where that has no wheel or not the mode."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from handler.pictures import resampling
from handler.pictures.geometry import Placement
from handler.pictures.resampling import FILTER, MODES, resampled, simd
from tests.handler.pictures import sample

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from handler.pictures.geometry import Box

on_x86_64 = pytest.mark.skipif(
    simd() is None, reason="the resizer with SIMD has no wheel for this machine"
)

BOXES = [
    (0.0, 0.0, 512.0, 512.0),
    (0.0, 0.0, 511.25, 511.875),  # a drafted JPEG whose sides are no multiples of 8
    (64.5, 0.0, 447.5, 512.0),
    (100.0, 200.25, 301.75, 512.0),
]


def portrait(mode: str) -> Picture:
    """A photograph with hard edges and smooth parts in a working mode, transparent to one side."""
    picture = Image.open(io.BytesIO(sample("astronaut.png"))).convert("RGB")
    if mode in {"La", "RGBa"}:
        picture = picture.convert(mode.upper())
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture.convert(mode)


@on_x86_64
@pytest.mark.parametrize("size", [(256, 256), (100, 37), (1, 1)])
@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("mode", sorted(MODES))
def test_both_make_the_same_picture(mode: str, box: Box, size: tuple[int, int]) -> None:
    """By a level at most (root mean square): a shift of a third of a pixel makes four."""
    picture = portrait(mode)
    fast, slow = resampled(picture, size, box), picture.resize(size, FILTER, box=box)
    assert (fast.mode, fast.size) == (slow.mode, slow.size)
    difference = ImageStat.Stat(ImageChops.difference(fast, slow))
    assert max(difference.rms) <= 1


@pytest.mark.parametrize("mode", ["La", "LAB"])
def test_what_one_does_not_take_the_other_does(mode: str) -> None:
    """Grey with transparency, and Lab until its profile is applied."""
    picture = portrait("La") if mode == "La" else Image.new("LAB", (512, 512), (120, 90, 60))
    made = resampled(picture, (100, 37), BOXES[2])
    assert made.mode == mode
    assert made.tobytes() == picture.resize((100, 37), FILTER, box=BOXES[2]).tobytes()


def test_where_there_is_no_wheel_pillow_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda's arm64."""
    monkeypatch.setattr(resampling, "simd", lambda: None)
    picture = portrait("RGB")
    made = resampled(picture, (100, 37), BOXES[2])
    assert made.tobytes() == picture.resize((100, 37), FILTER, box=BOXES[2]).tobytes()


def test_a_missing_wheel_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """None in sys.modules is how Python is told that there is no such module."""
    monkeypatch.setitem(sys.modules, "cykooz_resizer", None)
    assert simd.__wrapped__() is None


@on_x86_64
def test_every_processor_makes_the_same_bytes() -> None:
    """The same input and settings give the same bytes, whichever host Lambda chooses."""
    picture = portrait("RGB")
    made: set[bytes] = set()
    for extension in ("none", "sse4_1", "avx2"):
        resizer = simd().Resizer()
        resizer.cpu_extensions = simd().CpuExtensions[extension]
        image = Image.new("RGB", (200, 150))
        resizer.resize_pil(picture, image)
        made.add(image.tobytes())
    assert made == {resampled(picture, (200, 150), BOXES[0]).tobytes()}


@on_x86_64
def test_threads_do_not_disturb_each_other() -> None:
    """Each vCPU of the function works on a picture of its own."""
    picture = portrait("RGB")
    sizes = [(side, side) for side in range(40, 140)]
    alone = [resampled(picture, size, BOXES[1]).tobytes() for size in sizes]
    with ThreadPoolExecutor(4) as threads:
        together = threads.map(lambda size: resampled(picture, size, BOXES[1]).tobytes(), sizes)
        assert list(together) == alone


@on_x86_64
@given(
    pixels=st.integers(1, 40),
    cut=st.sampled_from([0, 0.125, 0.5, 0.875]),
    shown=st.floats(0.001, 1),
)
def test_no_box_of_a_placement_is_outside(pixels: int, cut: float, shown: float) -> None:
    """The resizer refuses a box whose left side and width are more than the picture's, by any
    fraction, and Pillow one whose right side is.
    """
    exact = max(1, pixels - cut)
    placement = Placement(region=(shown * exact, shown * exact), size=(1, 1), canvas=(1, 1))
    box = placement.box((exact, exact), (exact, exact))
    assert resampled(Image.new("L", (pixels, pixels)), (1, 1), box).size == (1, 1)
