"""Converts Pillow's modes to the four that thumbnails are made in, and any profile to sRGB."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageChops, ImageCms

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image as Picture

# Pillow has no types for the profiles of its C module.
CMS: Any = ImageCms

# The colour space that a profile must have to apply to pixels of a mode.
SPACES = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK", "LAB": "Lab "}

# The modes whose colour is premultiplied by alpha, each with its plain mode. Only premultiplied
# pixels can be averaged without the invisible colour of transparent pixels showing.
PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}
PLAIN = {"La": "LA", "RGBa": "RGBA"}


def converter(picture: Picture) -> Callable[[Picture], Picture] | None:
    """A function that converts a part of the picture to a mode that can be averaged, or None.

    It returns None if the mode can be averaged already. Modes that can be averaged are L, La, RGB
    and RGBa, and CMYK and LAB, which `to_srgb` converts later by their profile. The function takes
    a part, because large pictures are converted in bands. Where a scale depends on the whole
    picture, this call reads the whole picture once.
    """
    mode = picture.mode
    # These modes are handled before transparency, because Pillow's conversion to LA clips them.
    if mode.startswith("I;16"):
        return _keyed(_levels(0, 65535), picture.info.get("transparency"))
    if mode in {"I", "F"}:
        return _levels(*_range(picture))
    # An RGB profile changes the greys of a palette in the same way as its colours.
    profile: bytes = picture.info.get("icc_profile") or b""
    grey = colourless(picture) and not (mode in {"P", "PA"} and profile[16:20] == b"RGB ")
    if picture.has_transparency_data and mode not in PLAIN:
        alpha = "LA" if grey else "RGBA"
        return lambda part: part.convert(alpha).convert(PREMULTIPLIED[alpha])
    if mode in {"L", "La", "RGB", "RGBa", "CMYK", "LAB"}:
        return None
    target = "L" if grey else "RGB"
    return lambda part: part.convert(target)


def colourless(picture: Picture) -> bool:
    """Whether a picture is grey only, by its mode or by its palette."""
    if picture.mode in {"P", "PA"}:
        palette = picture.getpalette("RGB") or []
        return palette[0::3] == palette[1::3] == palette[2::3]
    return picture.mode in {"1", "L", "LA", "La", "I", "F"} or picture.mode.startswith("I;16")


def _range(picture: Picture) -> tuple[float, float]:
    """The values of black and white in a mode that does not fix them (I and F)."""
    low, high = picture.getextrema()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return 0, 1
    for white in (1, 255, 65535) if picture.mode == "F" else (65535,):
        if low >= 0 and high <= white:
            return 0, white
    return low, high


def _levels(black: float, white: float) -> Callable[[Picture], Picture]:
    """Scale black to white onto 0 to 255, rounded; Pillow's own conversion clips at 255."""
    scale = 255 / ((white - black) or 1)
    return lambda part: _scaled(part, scale, 0.5 - black * scale)


def _scaled(part: Picture, scale: float, offset: float) -> Picture:
    """Multiply values of more than eight bits by a scale, add an offset, and clip to 0 to 255."""
    return multiplied(
        part.convert("I") if part.mode.startswith("I;16") else part, scale, offset
    ).convert("L")


def multiplied(part: Picture, scale: float, offset: float) -> Picture:
    """Multiply values of mode I or F by a scale and add an offset."""

    def scaled(value: float) -> float:
        return value * scale + offset

    # Any, because Pillow's annotation names numpy's array, and numpy is not installed.
    return cast("Any", part).point(scaled)


def _keyed(levels: Callable[[Picture], Picture], key: int | None) -> Callable[[Picture], Picture]:
    """Do what `levels` does, for a picture in which one 16-bit value means transparent."""
    if key is None:
        return levels

    def keyed(part: Picture) -> Picture:
        # How far a value is above the key and below it, clipped to 0 to 255; both are 0 for the key
        # itself.
        above, below = (_scaled(part, sign, -sign * key) for sign in (1, -1))
        alpha: Picture = cast("Any", ImageChops.lighter(above, below)).point([0] + [255] * 255)
        grey = levels(part)
        grey.putalpha(alpha)
        return grey.convert("La")

    return keyed


def to_srgb(image: Picture, profile: bytes | None, *, grey: bool = False) -> Picture:
    """Bring an image of one of the working modes to L, La, RGB or RGBa in sRGB.

    A profile that is broken, or is for another colour space, is ignored. `grey` says that the
    image has no colour even if its mode could hold some.
    """
    if image.mode in PLAIN:
        plain = image.convert(PLAIN[image.mode])
        alpha = plain.getchannel("A")
        opaque = plain.convert(plain.mode[:-1])
        colour = to_srgb(opaque, profile, grey=grey)
        if colour is opaque:
            return image
        colour.putalpha(alpha)
        return colour.convert(PREMULTIPLIED[colour.mode])
    converted = _managed(image, profile) if profile else None
    if converted is None and image.mode == "LAB":
        converted = CMS.profileToProfile(image, _made("LAB"), _made("sRGB"), outputMode="RGB")
        converted.info = {}
    if converted is None:
        converted = image.convert("RGB") if image.mode == "CMYK" else image
    without = image.mode == "L" or grey
    return converted.convert("L") if without and converted.mode != "L" else converted


def _made(space: str) -> Any:
    """A new copy of our own profile (0.2 ms), because Pillow writes to the profile that it converts
    to, while LittleCMS reads it in another thread without a lock (found with helgrind).
    """
    return CMS.ImageCmsProfile(CMS.createProfile(space))


def _managed(image: Picture, profile: bytes) -> Picture | None:
    try:
        source = CMS.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != SPACES[image.mode]:
            return None
        converted: Picture = CMS.profileToProfile(
            image,
            source,
            _made("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        # ValueError: a colour space whose name is not ASCII (found by fuzzing).
        return None
    # Pillow adds its sRGB profile, which holds the time at which it was made, so the same picture
    # would give other bytes a second later. Readers assume sRGB where a file has no profile.
    converted.info = {}
    return converted


def from_light(planes: list[Picture]) -> list[Picture]:
    """Convert floating-point red, green and blue to 8-bit sRGB values.

    The numbers are read as linear light, where 1 is white, as libvips reads them (scRGB). If most
    numbers are above 1, they are read as 8-bit or 16-bit values that a program wrote as floats.
    """
    above = sum(sum(_scaled(plane, 255, -254).histogram()[1:]) for plane in planes)
    highest = max(_range(plane)[1] for plane in planes)
    if 2 * above > len(planes) * planes[0].width * planes[0].height:
        levels = _levels(0, highest)
        return [levels(plane) for plane in planes]
    curve = [_encoded(light / 65535) for light in range(65536)]
    steps = [multiplied(plane, 65535, 0.5).convert("I") for plane in planes]
    return [cast("Any", each).point(curve, "L") for each in steps]


def _encoded(light: float) -> int:
    """Linear light, 0 to 1, as an 8-bit sRGB value (IEC 61966-2-1)."""
    linear = light <= 0.0031308  # noqa: PLR2004 - of the standard
    value = 12.92 * light if linear else 1.055 * light ** (1 / 2.4) - 0.055
    return round(255 * value)


def flattened(image: Picture, background: str) -> Picture:
    """An opaque image: what is transparent shows the background, "#rrggbb"."""
    if image.mode not in PLAIN:
        return image
    plain = image.convert("RGBa" if image.mode == "RGBa" else "La").convert(PLAIN[image.mode])
    if plain.mode == "LA" and not is_grey(background):
        plain = plain.convert("RGBA")
    ground = Image.new(plain.mode[:-1], plain.size, background)
    ground.paste(plain.convert(ground.mode), mask=plain.getchannel("A"))
    return ground


def is_grey(colour: str) -> bool:
    """Whether a colour, "#rrggbb", is a grey."""
    return colour[1:3] == colour[3:5] == colour[5:7]
