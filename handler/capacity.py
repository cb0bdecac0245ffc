"""The limits of a function of a given memory, in words for the person who configures it."""

from __future__ import annotations

from handler.pictures.limits import APART, INTERPRETER, OVERHEAD, Limits

# The smallest function, in steps of 64 MB, that holds the largest picture within its own limits
# also when it is delivered again and decoded in a separate process: see docs/handler.md.
HOLDS_EVERYTHING = 832

# Bytes a pixel of an image in memory, for any format.
PIXEL = 4


def shortage(megabytes: int) -> str:
    """The pictures that a function of this size refuses; empty if the size is enough for all."""
    if megabytes >= HOLDS_EVERYTHING:
        return ""
    limits = Limits(megabytes=megabytes)
    pixels = ", ".join(
        f"{name} above {_megapixels(name, limits):.0f}"
        for name in ("PNG", "TIFF", "AVIF", "HEIF", "WEBP")
    )
    return (
        f"thumbx:function.memory is {megabytes}, below the {HOLDS_EVERYTHING} that are enough for "
        f"every picture within the limits: files above {limits.bytes / 2**20:.0f} MB are refused, "
        f"and, by megapixels, {pixels}. A picture near these limits may fail because memory runs "
        f"out, and the pictures that are decoded with it are tried again. Set {HOLDS_EVERYTHING} "
        "or more, or accept this"
    )


def _megapixels(name: str, limits: Limits) -> float:
    """The memory for one picture in pixels of a format, without its file."""
    memory = limits.memory - (INTERPRETER if name in APART else 0)
    return memory / (PIXEL + OVERHEAD.get(name, 0)) / 1e6
