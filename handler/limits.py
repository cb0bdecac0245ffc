"""What a picture may cost before it is decoded: bytes, pixels and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from handler.errors import RefusedError

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# The largest original, in bytes: a 100-megapixel camera JPEG of the best quality has some 70 MB.
MAX_BYTES = 100 * 2**20

# The largest original, in pixels. 100 megapixels is the largest sensor on sale (medium format);
# their JPEGs decode at reduced scale within a second.
MAX_PIXELS = 100_000_000

# What decoding one picture may take, in bytes. With it, the original (MAX_BYTES) and some 90 MB
# of interpreter and libraries, a function of 512 MB holds.
MAX_MEMORY = 320 * 2**20

# Pillow's own check stands behind ours, for readers that allocate while they open a file (WebP's
# canvas). It raises above twice its limit and only warns below.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

# Bytes a pixel of Pillow's image memory; every mode with more than one band takes four.
SMALL_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}

# Bytes a pixel that a reader holds beside the image, at its peak.
OVERHEAD = {
    "WEBP": 12,  # two canvases of the animation decoder and a copy handed to Python
    "AVIF": 12,  # planes, an RGBA picture and a copy handed to Python
    "TIFF": 4,  # a strip may be the whole picture; turning it makes a second one
}


def check_pixels(picture: ImageFile) -> None:
    """Refuse a picture by the size that its header declares."""
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise RefusedError(
            "too-large",
            f"The picture has {width} x {height} = {width * height / 1e6:.0f} megapixels;"
            f" the limit is {MAX_PIXELS / 1e6:.0f}. Upload a smaller one.",
        )


def check_memory(picture: ImageFile, pixels: int) -> None:
    """Refuse a picture by the memory that decoding it would take.

    `pixels` is the size of the original; the picture's own is that at which it will be decoded.
    """
    width, height = picture.size
    decoded = SMALL_MODES.get(picture.mode, 4) + OVERHEAD.get(str(picture.format), 0)
    memory = width * height * decoded + _coefficients(picture, pixels)
    if memory > MAX_MEMORY:
        raise RefusedError(
            "too-large",
            f"The {picture.format} of {pixels / 1e6:.0f} megapixels would take"
            f" {memory / 2**20:.0f} MB to decode; the limit is {MAX_MEMORY / 2**20:.0f} MB."
            " Upload a smaller one, or a baseline JPEG.",
        )


def _coefficients(picture: ImageFile, pixels: int) -> int:
    """Bytes that libjpeg keeps of a progressive JPEG: all its coefficients, two bytes each."""
    if not picture.info.get("progressive"):
        return 0
    layers: list[tuple[int, int, int, int]] = getattr(picture, "layer", [])
    full = max((across * down for _, across, down, _ in layers), default=1)
    return sum(2 * pixels * across * down // full for _, across, down, _ in layers)
