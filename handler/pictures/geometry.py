"""Which pixels a thumbnail shows and how large it is: integers and boxes, no pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One thumbnail of one picture: what it shows and how large that becomes.

    `region` is the part shown, centred, as (width, height) in pixels of the upright original;
    `size` is that part in the thumbnail; `canvas` is the whole thumbnail, larger than `size` only
    where a background fills the rest.
    """

    region: tuple[float, float]
    size: Size
    canvas: Size

    def turned(self) -> Placement:
        """The same placement with width and height exchanged, for a picture that is stored
        sideways.
        """
        (across, down), (width, height), (wide, high) = self.region, self.size, self.canvas
        return Placement(region=(down, across), size=(height, width), canvas=(high, wide))

    def box(self, covered: tuple[float, float], pixels: tuple[float, float]) -> Box:
        """The region as a box in an image that shows the centred `covered` part of the original.

        `pixels` is the size of that image. The box is clamped to that image, because Pillow refuses
        a box that rounding pushed outside by 1e-13.
        """
        across, down = pixels[0] / covered[0], pixels[1] / covered[1]
        width = min(self.region[0] * across, pixels[0])
        height = min(self.region[1] * down, pixels[1])
        left, top = (pixels[0] - width) / 2, (pixels[1] - height) / 2
        return left, top, min(left + width, pixels[0]), min(top + height, pixels[1])


def rounded(numerator: int, denominator: int) -> int:
    """The quotient rounded half up in integers, and at least 1, so that no side of a picture
    becomes 0.
    """
    return max(1, (2 * numerator + denominator) // (2 * denominator))


def inside(original: Size, longest: int) -> Placement:
    """The whole picture, its longest side at most `longest`; never enlarged."""
    width, height = original
    side = max(original)
    if side > longest:
        width, height = rounded(width * longest, side), rounded(height * longest, side)
    return Placement(region=original, size=(width, height), canvas=(width, height))


def cover(original: Size, longest: int) -> Placement:
    """The centre of the picture, filling a square of `longest`; never enlarged.

    A picture narrower than the square is not stretched: its long side is cropped to `longest`, and
    its short side keeps its own length.
    """
    width, height = original
    shortest = min(original)
    if shortest > longest:
        scaled = rounded(width * longest, shortest), rounded(height * longest, shortest)
    else:
        scaled = original
    size = min(scaled[0], longest), min(scaled[1], longest)
    region = width * size[0] / scaled[0], height * size[1] / scaled[1]
    return Placement(region=region, size=size, canvas=size)


def exact(original: Size, longest: int) -> Placement:
    """The whole picture on a square of `longest`, the rest filled with the background."""
    placed = inside(original, longest)
    return Placement(region=placed.region, size=placed.size, canvas=(longest, longest))


FITS: dict[str, Callable[[Size, int], Placement]] = {
    "inside": inside,
    "cover": cover,
    "exact": exact,
}
