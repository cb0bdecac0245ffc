"""The pictures that are measured: synthetic ones, and photographs if Debian's are installed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

# Debian's photographs, as cameras write them: apt-get install mate-backgrounds
PACKAGE = "mate-backgrounds"
CAMERA = Path("/usr/share/backgrounds/mate")
CAMERA_FILES = ("abstract/Elephants_5640x3172.jpg", "nature/Garden.jpg", "nature/Dune.jpg")


def scene(width: int, height: int, noise: float) -> Image.Image:
    """A synthetic photograph: detail at every scale, and sensor noise with a standard deviation.

    Random fields with doubling resolution and halving amplitude give the 1/f spectrum of natural
    pictures.
    """
    random = np.random.default_rng(20240229)
    total = np.zeros((height, width, 3), np.float32)
    cells, amplitude = 4, 90.0
    while cells < max(width, height) // 2:
        shape = (max(2, cells * height // width), cells, 3)
        field = random.normal(0, amplitude, shape).astype(np.float32)
        bands = [
            Image.fromarray(field[:, :, band]).resize((width, height), Image.Resampling.BICUBIC)
            for band in range(3)
        ]
        total += np.stack([np.asarray(band) for band in bands], axis=-1)
        cells, amplitude = cells * 2, amplitude * 0.55
    total += random.normal(0, noise, total.shape).astype(np.float32)
    return Image.fromarray(np.clip(total + 120, 0, 255).astype(np.uint8))


def saved(image: Image.Image, file_format: str, **settings: object) -> bytes:
    """The bytes of an image in a format."""
    buffer = io.BytesIO()
    image.save(buffer, file_format, **settings)
    return buffer.getvalue()


def make_inputs(folder: Path) -> dict[str, Path]:
    """The benchmark's inputs by name, made on the first run and kept."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "12 MP JPEG": folder / "noisy-12mp.jpg",
        "noisy 12 MP JPEG": folder / "very-noisy-12mp.jpg",
        "3 MP PNG": folder / "graphic-3mp.png",
        "12 MP WebP": folder / "large.webp",
    }
    if not all(path.exists() for path in made.values()):
        # 7 MB, as a good camera writes in daylight, and 13 MB, as it writes in the dark at its best
        # quality.
        for name, noise, quality in (("12 MP JPEG", 25, 92), ("noisy 12 MP JPEG", 80, 95)):
            photograph = scene(4000, 3000, noise)
            made[name].write_bytes(saved(photograph, "JPEG", quality=quality))
        smooth = scene(2000, 1500, noise=0).filter(ImageFilter.GaussianBlur(1))
        made["3 MP PNG"].write_bytes(saved(smooth, "PNG"))
        made["12 MP WebP"].write_bytes(
            saved(scene(4000, 3000, noise=2), "WEBP", quality=80, method=2)
        )
    for name in CAMERA_FILES:
        path = CAMERA / name
        if path.exists():
            made[path.name] = path
    return made
