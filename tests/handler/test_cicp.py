"""Colours that a file names by numbers come out as by a profile, or are refused by name."""

from __future__ import annotations

import io
from struct import pack
from typing import TYPE_CHECKING

import pytest
import pyvips
from PIL import Image

from handler.pictures.cicp import BT2020, DISPLAY_P3, SRGB, coded_profile
from handler.pictures.errors import RefusedError
from tests.handler.pictures import filled, near, saved, thumb, thumbs
from tests.handler.pictures.forged import chunk

if TYPE_CHECKING:
    from collections.abc import Callable

COLOUR = (200, 80, 60)


def png(primaries: int, transfer: int) -> bytes:
    """A PNG of one colour with a cICP chunk."""
    data = saved(filled("RGB", COLOUR), "PNG")
    return data[:33] + chunk(b"cICP", bytes((primaries, transfer, 0, 1))) + data[33:]


def avif(primaries: int, transfer: int) -> bytes:
    """An AVIF of one colour whose colr box says so."""
    data = saved(filled("RGB", COLOUR), "AVIF", quality=100, subsampling="4:4:4")
    at = data.index(b"colrnclx") + 8
    return data[:at] + pack(">HH", primaries, transfer) + data[at + 4 :]


@pytest.mark.parametrize("make", [png, avif])
def test_display_p3_by_numbers_is_display_p3_by_a_profile(
    make: Callable[[int, int], bytes],
) -> None:
    """Telephones and browsers write it; if it is read as sRGB it is pale."""
    profile = pyvips.Image.black(1, 1, bands=3).copy(interpretation="srgb")
    by_vips = profile.icc_transform("p3", input_profile="srgb").get("icc-profile-data")
    expected = thumb(saved(filled("RGB", COLOUR), "PNG", icc_profile=by_vips))
    made = thumb(make(DISPLAY_P3, 13))
    colours = made.getpixel((9, 9)), expected.getpixel((9, 9))
    assert near(*colours, within=3)  # type: ignore[arg-type]
    assert not near(colours[0], COLOUR, within=8)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [png, avif])
@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_refused_by_name(
    make: Callable[[int, int], bytes], transfer: int, name: str
) -> None:
    """Shown by sRGB's curve it would be pale and dark."""
    with pytest.raises(RefusedError) as caught:
        thumbs(make(BT2020, transfer))
    assert caught.value.reason == "unsupported"
    assert f"HDR ({name})" in caught.value.message


@pytest.mark.parametrize("make", [png, avif])
@pytest.mark.parametrize("transfer", [1, 2, 6, 13])
def test_srgb_by_numbers_changes_nothing(make: Callable[[int, int], bytes], transfer: int) -> None:
    """Most files say so."""
    assert coded_profile(make(SRGB, transfer)) is None
    assert near(thumb(make(SRGB, transfer)).getpixel((9, 9)), COLOUR, within=3)  # type: ignore[arg-type]


def test_numbers_of_another_item_do_not_count() -> None:
    """The colours of a thumbnail or of an alpha plane are its own."""
    data = avif(DISPLAY_P3, 13)
    at = data.index(b"pitm") + 8
    assert coded_profile(data) is not None
    assert coded_profile(data[:at] + b"\0\x63" + data[at + 2 :]) is None


@pytest.mark.parametrize("seed", range(200))
def test_mangled_boxes_are_no_numbers(seed: int) -> None:
    """Whatever the boxes say, this reader raises nothing but a refusal."""
    data = bytearray(avif(DISPLAY_P3, 13))
    meta = data.index(b"meta")
    data[meta + seed] ^= 0xFF
    try:
        found = coded_profile(bytes(data))
    except RefusedError:
        return
    assert found is None or Image.open(
        io.BytesIO(saved(filled("RGB", COLOUR), "PNG", icc_profile=found))
    )
