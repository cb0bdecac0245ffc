"""Thumbnails to bytes: one function a format, with settings that never vary."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handler.colour import PLAIN, flattened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PIL.Image import Image as Picture


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """How one output format is written."""

    name: str
    content_type: str
    extension: str
    alpha: bool
    settings: Mapping[str, Any]
    has_quality: bool = True


ENCODERS = {
    "jpeg": Encoder(
        name="JPEG", content_type="image/jpeg", extension="jpg", alpha=False, settings={}
    ),
    "webp": Encoder(
        name="WEBP",
        content_type="image/webp",
        extension="webp",
        alpha=True,
        settings={"method": 4},
    ),
    "png": Encoder(
        name="PNG",
        content_type="image/png",
        extension="png",
        alpha=True,
        settings={},
        has_quality=False,
    ),
    "avif": Encoder(
        name="AVIF",
        content_type="image/avif",
        extension="avif",
        alpha=True,
        settings={"max_threads": 1},
    ),
}


def encoded(image: Picture, encoder: Encoder, quality: int, background: str) -> bytes:
    """One image of a working mode (L, La, RGB, RGBa) as a file without metadata."""
    if image.mode in PLAIN:
        image = image.convert(PLAIN[image.mode]) if encoder.alpha else flattened(image, background)
    settings = dict(encoder.settings)
    if encoder.has_quality:
        settings["quality"] = quality
    buffer = io.BytesIO()
    image.save(buffer, encoder.name, **settings)
    return buffer.getvalue()
