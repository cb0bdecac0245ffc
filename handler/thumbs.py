"""Bytes of a picture to bytes of its thumbnails. Knows nothing of AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from handler.colour import flattened, to_srgb
from handler.encoders import ENCODERS, encoded
from handler.formats import open_picture
from handler.geometry import FITS
from handler.pixels import read, resampled, scaled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.Image import Image as Picture

    from handler.geometry import Placement


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to make of each picture.

    `sizes` maps a name to the longest side in pixels (inside) or the side of a square (cover,
    exact). `quality` is the encoder's, 1 to 100; PNG ignores it.
    """

    sizes: Mapping[str, int]
    format: str
    quality: int
    fit: str = "inside"
    background: str = "#ffffff"
    animated: bool = False


@dataclass(frozen=True, kw_only=True)
class Thumbnail:
    """One finished file; `extension` has no dot."""

    name: str
    body: bytes
    content_type: str
    extension: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """The thumbnails in the order of the plan's sizes, and what the original was."""

    thumbnails: tuple[Thumbnail, ...]
    width: int
    height: int
    format: str


def make_thumbnails(data: bytes, plan: Plan) -> Result:
    """Decode once, as small as the largest size allows, and make each size from the one before.

    Raises RefusedError for whatever is not a picture that can be read within the limits.
    """
    original = read(open_picture(data), data)
    width, height = original.upright
    placements = {name: FITS[plan.fit]((width, height), side) for name, side in plan.sizes.items()}
    order = sorted(placements, key=lambda name: placements[name].size, reverse=True)
    made: dict[str, Thumbnail] = {}
    image: Picture | None = None
    covered = (float(width), float(height))
    for name in order:
        placement = placements[name]
        if image is None:
            image = to_srgb(scaled(original, placement), original.file.info.get("icc_profile"))
        else:
            image = resampled(image, placement.size, placement.box(covered, image.size))
        covered = placement.region
        made[name] = _thumbnail(name, image, placement, plan)
    return Result(
        thumbnails=tuple(made[name] for name in plan.sizes),
        width=width,
        height=height,
        format=str(original.file.format),
    )


def _thumbnail(name: str, image: Picture, placement: Placement, plan: Plan) -> Thumbnail:
    if plan.fit == "exact":
        image = _on_canvas(image, placement, plan.background)
    encoder = ENCODERS[plan.format]
    return Thumbnail(
        name=name,
        body=encoded(image, encoder, plan.quality, plan.background),
        content_type=encoder.content_type,
        extension=encoder.extension,
        width=image.width,
        height=image.height,
    )


def _on_canvas(image: Picture, placement: Placement, background: str) -> Picture:
    image = flattened(image, background)
    if image.size == placement.canvas:
        return image
    canvas = Image.new("RGB", placement.canvas, background)
    width, height = placement.canvas
    canvas.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    return canvas
