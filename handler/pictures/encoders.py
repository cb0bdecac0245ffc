"""Thumbnails to bytes: settings that never vary, so that the same input gives the same bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handler.pictures.colour import PLAIN, flattened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL.Image import Image as Picture


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """How one output format is written: Pillow's name and settings for it, and what it can hold."""

    name: str
    content_type: str
    extension: str
    alpha: bool
    settings: Mapping[str, Any]
    quality: bool = True
    animates: bool = False


# A millisecond at 1,769 MB costs as much as sending some 260 bytes once through CloudFront
# (docs/handler.md has the sum), so a setting that saves bytes pays after a few views.
ENCODERS = {
    # optimize: 6 % smaller for 0.6 ms over three sizes. Progressive would take 1.8 ms more for
    # another 1 %, and makes the smallest size larger.
    "jpeg": Encoder(
        name="JPEG",
        content_type="image/jpeg",
        extension="jpg",
        alpha=False,
        settings={"optimize": True},
    ),
    # method 2 would save 10 ms of 18 over three sizes and cost 6 % in bytes; 6 the reverse.
    "webp": Encoder(
        name="WEBP",
        content_type="image/webp",
        extension="webp",
        alpha=True,
        animates=True,
        settings={"method": 4},
    ),
    # Level 3 would save 75 ms of 107 and cost 15 % in bytes, some 40 kB.
    "png": Encoder(
        name="PNG",
        content_type="image/png",
        extension="png",
        alpha=True,
        quality=False,
        settings={"compress_level": 6},
    ),
    "avif": Encoder(
        name="AVIF",
        content_type="image/avif",
        extension="avif",
        alpha=True,
        settings={"max_threads": 1},
    ),
}


def encoded(
    images: Sequence[Picture],
    encoder: Encoder,
    *,
    quality: int,
    background: str,
    timing: Mapping[str, Any],
) -> bytes:
    """Images of working modes (L, La, RGB, RGBa) as one file without metadata.

    `timing` (Pillow's `duration` and `loop`) matters where there are several images. Where the
    format has no transparency, they are laid on the background, "#rrggbb".
    """
    plain = [_plain(image, encoder, background) for image in images]
    settings = dict(encoder.settings)
    if encoder.quality:
        settings["quality"] = quality
    if len(plain) > 1:
        settings.update(timing, save_all=True, append_images=plain[1:])
    buffer = io.BytesIO()
    plain[0].save(buffer, encoder.name, **settings)
    return buffer.getvalue()


def _plain(image: Picture, encoder: Encoder, background: str) -> Picture:
    if image.mode not in PLAIN:
        return image
    return image.convert(PLAIN[image.mode]) if encoder.alpha else flattened(image, background)
