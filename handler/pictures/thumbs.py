"""Makes the bytes of thumbnails from the bytes of a picture. Knows nothing of AWS."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from PIL import Image

from handler.pictures.colour import flattened, is_grey
from handler.pictures.encoders import encoded
from handler.pictures.ending import without_cut_end
from handler.pictures.errors import RefusedError
from handler.pictures.formats import ENCODERS
from handler.pictures.frames import animation, still
from handler.pictures.geometry import FITS
from handler.pictures.limits import DEFAULT, Limits
from handler.pictures.opening import damage_refused, open_picture
from handler.pictures.pixels import read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from PIL.Image import Image as Picture

    from handler.pictures.geometry import Size


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The thumbnails to make of each picture.

    `sizes` maps a name to the longest side in pixels (inside) or the side of a square (cover,
    exact). Each size is written in each of the formats, which are names of ENCODERS. `quality` is
    the encoder's quality, 1 to 100; PNG ignores it. `background` is "#rrggbb". `animated` keeps the
    frames of an animated original in the formats that hold more than one; the others show a still.
    """

    sizes: Mapping[str, int]
    formats: tuple[str, ...]
    quality: int
    fit: str = "inside"
    background: str = "#ffffff"
    animated: bool = False

    @property
    def outputs(self) -> tuple[tuple[str, str], ...]:
        """The size and the format of each thumbnail, in the order in which they are made."""
        return tuple(product(self.sizes, self.formats))


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
    """The thumbnails in the order of the plan's outputs, and the properties of the original."""

    thumbnails: tuple[Thumbnail, ...]
    width: int
    height: int
    format: str


def make_thumbnails(data: bytes, plan: Plan, limits: Limits = DEFAULT) -> Result:
    """Decode once, as small as the largest size allows, make each size from the next larger one,
    and encode it in each format.

    Raises RefusedError for anything that is not a picture that can be read within the limits.
    """
    data = without_cut_end(data)
    moving = {output for output in plan.formats if ENCODERS[output].animates and plan.animated}
    try:
        with damage_refused(data):
            return _made(data, plan, limits, moving)
    except RefusedError as error:
        if not moving or error.reason not in {"damaged", "truncated"}:
            raise
    # A later frame is damaged, or the frame that it is drawn on; the first may still be good.
    with damage_refused(data):
        return _made(data, plan, limits, set())


def _made(data: bytes, plan: Plan, limits: Limits, moving: AbstractSet[str]) -> Result:
    """`moving` are the formats that keep the frames of an animation."""
    original = read(open_picture(data), data, limits)
    fit = FITS[plan.fit]
    placements = {name: fit(original.upright, side) for name, side in plan.sizes.items()}
    moves = {output: original.animated and output in moving for output in plan.formats}
    # The still comes first, because an animation leaves the file at its last frame.
    frames = {
        each: (animation if each else still)(original, placements)
        for each in sorted(set(moves.values()))
    }
    thumbnails: list[Thumbnail] = []
    for name, output in plan.outputs:
        shown, encoder = frames[moves[output]], ENCODERS[output]
        canvas = placements[name].canvas
        images = shown.images[name]
        if plan.fit == "exact":
            images = [_on_canvas(image, canvas, plan.background) for image in images]
        thumbnails.append(
            Thumbnail(
                name=name,
                body=encoded(
                    images,
                    encoder,
                    quality=plan.quality,
                    background=plan.background,
                    timing={"duration": shown.durations, "loop": shown.loop},
                ),
                content_type=encoder.content_type,
                extension=encoder.extension,
                width=canvas[0],
                height=canvas[1],
            )
        )
    width, height = original.upright
    return Result(thumbnails=tuple(thumbnails), width=width, height=height, format=original.format)


def _on_canvas(image: Picture, canvas: Size, background: str) -> Picture:
    """The image in the middle of a canvas of the background's colour."""
    image = flattened(image, background)
    if image.size == canvas:
        return image
    mode = "L" if image.mode == "L" and is_grey(background) else "RGB"
    ground = Image.new(mode, canvas, background)
    ground.paste(image, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
    return ground
