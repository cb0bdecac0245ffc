"""Colours stay what their profile says they are."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import ImageCms

from tests.handler.pictures import (
    ADOBE_GAMMA,
    ADOBE_RGB,
    adobe_rgb,
    filled,
    linear_grey,
    near,
    quadrants,
    saved,
    swapped_cmyk,
    thumb,
    yellow_paper,
)

Colour = tuple[float, float, float]

# sRGB's colorants adapted to D50, as in its own profile; the white of both is D50.
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
D50 = (0.9642, 1.0, 0.8249)

# Found by fuzzing: the name of its colour space is not ASCII, which Pillow fails to decode.
NOT_ASCII = adobe_rgb().replace(b"RGB ", b"\xffGB ", 1)


def linear(value: float) -> float:
    """Light of an sRGB value 0 to 255."""
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def lab(light: Colour, colorants: tuple[Colour, Colour, Colour]) -> Colour:
    """CIE L*a*b* of linear light in a colour space."""
    mixed = [sum(light[i] * colorants[i][axis] for i in range(3)) for axis in range(3)]
    x, y, z = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
        for t in (value / white for value, white in zip(mixed, D50, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: Colour, two: Colour) -> float:
    """CIE76: 2.3 is just noticeable."""
    return sum((a - b) ** 2 for a, b in zip(one, two, strict=True)) ** 0.5


# Adobe RGB values of colours that sRGB has too.
@pytest.mark.parametrize("colour", [(180, 90, 60), (120, 160, 90), (90, 100, 170), (200, 200, 200)])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_a_wide_gamut_picture_keeps_its_colours(
    file_format: str, colour: tuple[int, int, int]
) -> None:
    """Without its profile an Adobe RGB picture looks faded in every browser."""
    settings: dict[str, Any] = {"quality": 100} if file_format != "PNG" else {}
    data = saved(filled("RGB", colour), file_format, icc_profile=adobe_rgb(), **settings)
    meant = lab(tuple((c / 255) ** ADOBE_GAMMA for c in colour), ADOBE_RGB)  # type: ignore[arg-type]
    made = thumb(data)
    shown = lab(tuple(linear(c) for c in made.getpixel((9, 9))), SRGB)  # type: ignore[union-attr, arg-type]
    assert distance(meant, shown) < 2.3
    assert "icc_profile" not in made.info


def test_ignoring_the_profile_would_be_seen() -> None:
    """This proves that the comparison above can fail: the same values read as sRGB are far off."""
    colour = (120, 160, 90)
    meant = lab(tuple((c / 255) ** ADOBE_GAMMA for c in colour), ADOBE_RGB)  # type: ignore[arg-type]
    assert distance(meant, lab(tuple(map(linear, colour)), SRGB)) > 6  # type: ignore[arg-type]


def test_a_colour_outside_srgb_is_clipped_and_not_wrapped() -> None:
    """The most saturated green of Adobe RGB becomes that of sRGB."""
    data = saved(filled("RGB", (0, 255, 0)), "PNG", icc_profile=adobe_rgb())
    assert thumb(data).getpixel((9, 9)) == (0, 255, 0)


def test_transparency_survives_the_profile() -> None:
    """The profile is for colours, and alpha is none."""
    image = filled("RGBA", (120, 160, 90, 128))
    made = thumb(saved(image, "PNG", icc_profile=adobe_rgb()))
    opaque = thumb(saved(image.convert("RGB"), "PNG", icc_profile=adobe_rgb()))
    assert made.mode == "RGBA"
    assert made.getpixel((9, 9))[3] == 128  # type: ignore[index]
    assert near(made.getpixel((9, 9))[:3], opaque.getpixel((9, 9)), within=2)  # type: ignore[index, arg-type]


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
@pytest.mark.parametrize(
    "broken", [b"", b"not a profile", adobe_rgb()[:200], bytes(4000), NOT_ASCII]
)
def test_a_broken_profile_is_ignored(mode: str, broken: bytes) -> None:
    """The picture is good, and most viewers show it."""
    image = quadrants().convert(mode)
    assert (
        thumb(saved(image, "PNG", icc_profile=broken)).tobytes()
        == thumb(saved(image, "PNG")).tobytes()
    )


def test_a_profile_for_another_colour_space_is_ignored() -> None:
    """Editors leave the RGB profile in a picture that they turned grey."""
    image = quadrants().convert("L")
    data = saved(image, "PNG", icc_profile=adobe_rgb())
    assert thumb(data).tobytes() == thumb(saved(image, "PNG")).tobytes()


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_stays_grey_through_its_profile(mode: str) -> None:
    """Half the light is 188 in sRGB, in one band."""
    image = filled("L", 128).convert(mode)
    made = thumb(saved(image, "PNG", icc_profile=linear_grey()))
    assert made.mode == mode
    assert made.getchannel("L").getpixel((9, 9)) == pytest.approx(188, abs=1)


@pytest.mark.parametrize("transparent", [False, True])
def test_a_grey_palette_is_seen_through_its_rgb_profile(transparent: bool) -> None:
    """The same pixels as RGB are converted; and it stays grey."""
    settings: dict[str, Any] = {"transparency": 3} if transparent else {}
    image = filled("L", 128).convert("P")
    made = thumb(saved(image, "PNG", icc_profile=adobe_rgb(gamma=1), **settings))
    assert made.mode == ("LA" if transparent else "L")
    assert made.getchannel("L").getpixel((9, 9)) == pytest.approx(188, abs=1)


def test_paper_is_white_and_ink_is_black() -> None:
    """Relative to the medium: a scan on yellowish paper with greyish ink is black on white."""
    image = filled("RGB", (255, 255, 255))
    image.paste((0, 0, 0), (0, 0, 32, 48))
    made = thumb(saved(image, "PNG", icc_profile=yellow_paper()))
    assert near(made.getpixel((28, 9)), (255, 255, 255), within=2)  # type: ignore[arg-type]
    assert near(made.getpixel((2, 9)), (0, 0, 0), within=2)  # type: ignore[arg-type]


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_cmyk_is_seen_through_its_profile(file_format: str) -> None:
    """The naive conversion turns press blues into violet; this profile turns ink into light."""
    profile = swapped_cmyk()
    for ink, expected in ((255, (255, 255, 255)), (0, (0, 0, 0))):
        image = filled("CMYK", (ink, 0, 0, 0))
        made = thumb(saved(image, file_format, icc_profile=profile))
        assert near(made.getpixel((9, 9)), expected, within=2)  # type: ignore[arg-type]


def test_no_two_conversions_share_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow writes to the profile that it converts to while another thread reads it."""
    real, targets = ImageCms.profileToProfile, list[object]()

    def recorded(image: Any, source: Any, target: Any, **settings: Any) -> Any:
        targets.append(target)
        return real(image, source, target, **settings)

    monkeypatch.setattr(ImageCms, "profileToProfile", recorded)
    for _ in range(2):
        thumb(saved(quadrants(), "PNG", icc_profile=adobe_rgb()))
    assert targets[0] is not targets[1]


def test_the_test_profiles_are_valid() -> None:
    """A typing error in one would make tests pass that ignore profiles."""
    for profile, space in (
        (adobe_rgb(), "RGB "),
        (linear_grey(), "GRAY"),
        (swapped_cmyk(), "CMYK"),
        (yellow_paper(), "RGB "),
    ):
        assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space == space
