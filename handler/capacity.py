"""What a function of so many megabytes refuses, in words for whoever configures it."""

from __future__ import annotations

from handler.pictures.limits import DEFAULT, OVERHEAD, Limits

# The smallest function that takes every usual picture: a file of 80 MB, its pixels and interpreter.
HOLDS_EVERYTHING = DEFAULT.megabytes

# Bytes a pixel of an image in memory, whatever reads it.
PIXEL = 4


def shortage(megabytes: int) -> str:
    """What is refused or fails below the size that holds everything; empty at that and above."""
    if megabytes >= HOLDS_EVERYTHING:
        return ""
    limits = Limits(megabytes=megabytes)
    pixels = ", ".join(
        f"{name} above {limits.memory / (PIXEL + OVERHEAD.get(name, 0)) / 1e6:.0f}"
        for name in ("PNG", "AVIF", "HEIF", "WEBP")
    )
    return (
        f"thumbx:function.memory is {megabytes}, below the {HOLDS_EVERYTHING} that hold every "
        f"usual picture: files above {limits.bytes / 2**20:.0f} MB are refused, and, "
        f"by megapixels, {pixels}; batches of large files may fail for want of memory and come "
        f"again. Set {HOLDS_EVERYTHING} or more, or accept that"
    )
