"""Measures how similar a thumbnail is to the best one: PSNR and SSIM against a full decode with
Lanczos.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps

# The usual constants of SSIM (Wang, Bovik, Sheikh, Simoncelli 2004) for values of 0 to 255.
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
WINDOW = 8


def reference(data: bytes, side: int) -> Image.Image:
    """The full picture, resampled once with Lanczos and not encoded."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    scale = min(1.0, side / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.LANCZOS)


def likeness(body: bytes, best: Image.Image) -> tuple[float, float]:
    """PSNR in dB over RGB, and mean SSIM of the luma over windows of 8 by 8 pixels."""
    image = Image.open(io.BytesIO(body)).convert("RGB")
    if image.size != best.size:  # rounding can differ by one pixel
        best = best.resize(image.size, Image.Resampling.BICUBIC)
    ours, theirs = (np.asarray(side, np.float64) for side in (image, best))
    error = float(np.mean((ours - theirs) ** 2))
    psnr = 99.0 if error == 0 else 10 * np.log10(255**2 / error)
    return float(psnr), _ssim(*(np.asarray(side.convert("L"), float) for side in (image, best)))


def _ssim(one: np.ndarray, two: np.ndarray) -> float:
    mean_one, mean_two = _means(one), _means(two)
    var_one = _means(one * one) - mean_one**2
    var_two = _means(two * two) - mean_two**2
    covariance = _means(one * two) - mean_one * mean_two
    top = (2 * mean_one * mean_two + C1) * (2 * covariance + C2)
    bottom = (mean_one**2 + mean_two**2 + C1) * (var_one + var_two + C2)
    return float(np.mean(top / bottom))


def _means(plane: np.ndarray) -> np.ndarray:
    """The mean of every window, from a summed-area table whose first row and column are zeros."""
    sums = np.pad(plane, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    total = sums[WINDOW:, WINDOW:] - sums[:-WINDOW, WINDOW:]
    total += sums[:-WINDOW, :-WINDOW] - sums[WINDOW:, :-WINDOW]
    return total / WINDOW**2
