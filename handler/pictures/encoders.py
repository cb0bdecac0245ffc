"""Encodes thumbnails with fixed settings, so that the same input gives the same bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from handler.pictures.colour import PLAIN, flattened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL.Image import Image as Picture

    from handler.pictures.formats import Encoder


def encoded(
    images: Sequence[Picture],
    encoder: Encoder,
    *,
    quality: int,
    background: str,
    timing: Mapping[str, Any],
) -> bytes:
    """Encode images of working modes (L, La, RGB, RGBa) as one file without metadata.

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
