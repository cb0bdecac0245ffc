"""The frames of an animation, each at every size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handler.pictures.colour import colourless, to_srgb
from handler.pictures.limits import most_frames
from handler.pictures.opening import damage_refused
from handler.pictures.pixels import scaled
from handler.pictures.resampling import resampled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.Image import Image as Picture

    from handler.pictures.geometry import Placement
    from handler.pictures.pixels import DecodedPicture

# How long browsers show a frame that declares no duration, in milliseconds.
UNTIMED = 100

# What WebP can hold: 24 bits for a time in milliseconds and 16 for a count, none of them negative.
# libwebp fails on more only when all frames are encoded (found by fuzzing).
LONGEST = 2**24 - 1
MOST_LOOPS = 2**16 - 1


@dataclass
class Frames:
    """The frames of each size, by the size's name; how long each frame is shown (ms); and how often
    the animation repeats.

    A still picture has one frame. `loop` 0 is for ever.
    """

    images: dict[str, list[Picture]] = field(default_factory=dict[str, "list[Picture]"])
    durations: list[int] = field(default_factory=list[int])
    loop: int = 1

    def add(self, sizes: Mapping[str, Picture], duration: int) -> None:
        """Append one frame."""
        for name, image in sizes.items():
            self.images.setdefault(name, []).append(image)
        self.durations.append(min(duration, LONGEST) if duration > 0 else UNTIMED)


def one_frame(original: DecodedPicture, placements: Mapping[str, Placement]) -> dict[str, Picture]:
    """The current frame at every size, by the size's name. The largest size is made from the
    original, in sRGB, and each smaller one from the next larger one.

    A size of 256 takes 2.6 ms from 512 pixels, and 45 ms from the original.
    """
    order = sorted(placements, key=lambda name: placements[name].size, reverse=True)
    made: dict[str, Picture] = {}
    last: Placement | None = None
    image: Picture | None = None
    for name in order:
        placement = placements[name]
        if image is None or last is None:
            profile = original.file.info.get("icc_profile")
            image = to_srgb(scaled(original, placement), profile, grey=colourless(original.file))
        else:
            box = placement.box(last.region, image.size)
            image = resampled(image, placement.size, box)
        last = placement
        made[name] = image
    return made


def still(original: DecodedPicture, placements: Mapping[str, Placement]) -> Frames:
    """The first frame alone."""
    frames = Frames()
    frames.add(one_frame(original, placements), UNTIMED)
    return frames


def animation(original: DecodedPicture, placements: Mapping[str, Placement]) -> Frames:
    """Every frame, or only the first if keeping all frames would take too much memory."""
    file = original.file
    frames = Frames(loop=_plays(original))
    kept = sum(placement.size[0] * placement.size[1] for placement in placements.values())
    # The first image of an APNG may be a still for programs that show no animation; it is then no
    # frame of the animation.
    begins = 1 if file.info.get("default_image") else 0
    ends = begins + most_frames(file, kept, original.limits)
    for number in range(begins, ends + 1):
        with damage_refused(original.data):
            try:
                file.seek(number)
            except EOFError:
                return frames
            # A later GIF frame may be larger than the header declared, and all limits used the
            # header's size.
            if number == ends or file.size != original.stored:
                break
            file.load()
        frames.add(one_frame(original, placements), int(file.info.get("duration", 0)))
    if not frames.images:
        return still(original, placements)
    first = Frames()
    first.add({name: images[0] for name, images in frames.images.items()}, UNTIMED)
    return first


def _plays(original: DecodedPicture) -> int:
    """How often an animation is shown, as WebP counts it: 0 means for ever.

    GIF counts the repeats after the first showing; a GIF without a count is shown once. Pillow
    reports no count for AVIF; browsers repeat an AVIF for ever.
    """
    told: int | None = original.file.info.get("loop")
    if original.format == "GIF":
        told = 1 if told is None else told and told + 1
    return min(max(0, told or 0), MOST_LOOPS)
