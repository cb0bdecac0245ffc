"""The formats that are read and written: the only list of them.

Configuration, encoders, content types, the sentence of a refusal and docs/handler.md follow from
it. It imports no decoder, so that the program that deploys may read it too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A format that is read: its name for people, Pillow's name for it, and its first bytes.

    `begins` are bytes at an offset. Only the content decides the format; `suffix` never does.
    `plugin` is the module that registers the reader. `apart` marks a reader that runs in a separate
    process (`isolation`).
    """

    name: str
    pillow: str
    begins: tuple[tuple[int, bytes], ...]
    plugin: str
    suffixes: tuple[str, ...]
    apart: bool = False


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """How one output format is written: Pillow's name and settings for it, and what it can hold."""

    name: str
    content_type: str
    extension: str
    alpha: bool
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    quality: bool = True
    animates: bool = False


# The second pair is not valid TIFF, but Pillow reads it; the third is BigTIFF's.
TIFF_BEGINS = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")

# An explicit list: Pillow would otherwise try some forty, among them EPS, which runs Ghostscript,
# and containers (ICO, ICNS, PSD) that hold further images of any size.
READERS = (
    Reader(
        name="JPEG",
        pillow="JPEG",
        begins=((0, b"\xff\xd8\xff"),),
        plugin="PIL.JpegImagePlugin",
        suffixes=(".jpg", ".jpeg"),
    ),
    # "PNG BY ISA-L" is our own reader; Pillow's PNG reader stays registered.
    Reader(
        name="PNG",
        pillow="PNG BY ISA-L",
        begins=((0, b"\x89PNG\r\n\x1a\n"),),
        plugin="handler.pictures.png",
        suffixes=(".png",),
    ),
    Reader(
        name="WebP",
        pillow="WEBP",
        begins=((8, b"WEBP"),),
        plugin="PIL.WebPImagePlugin",
        suffixes=(".webp",),
    ),
    Reader(
        name="GIF",
        pillow="GIF",
        begins=((0, b"GIF87a"), (0, b"GIF89a")),
        plugin="PIL.GifImagePlugin",
        suffixes=(".gif",),
    ),
    Reader(
        name="BMP",
        pillow="BMP",
        begins=((0, b"BM"),),
        plugin="PIL.BmpImagePlugin",
        suffixes=(".bmp",),
    ),
    Reader(
        name="TIFF",
        pillow="TIFF BY PLANES",
        begins=tuple((0, each) for each in TIFF_BEGINS),
        plugin="handler.pictures.tiff",
        suffixes=(".tif", ".tiff"),
        apart=True,
    ),
    Reader(
        name="AVIF",
        pillow="AVIF",
        begins=((4, b"ftyp"),),
        plugin="PIL.AvifImagePlugin",
        suffixes=(".avif",),
        apart=True,
    ),
    Reader(
        name="HEIC",
        pillow="HEIF",
        begins=((4, b"ftyp"),),
        plugin="pi_heif",
        suffixes=(".heic", ".heif"),
        apart=True,
    ),
)

# One millisecond at 1,769 MB costs as much as sending some 260 bytes once through CloudFront
# (docs/handler.md has the calculation), so a setting that saves bytes pays for itself after a few
# views.
ENCODERS = {
    # optimize makes the files 6 % smaller and takes 0.6 ms for three sizes. Progressive would take
    # 1.8 ms more to save another 1 %, and would make the smallest size larger.
    "jpeg": Encoder(
        name="JPEG",
        content_type="image/jpeg",
        extension="jpg",
        alpha=False,
        settings={"optimize": True},
    ),
    # Method 2 would save 10 of 18 ms for three sizes, but its files are 6 % larger; method 6 is
    # slower and its files are smaller.
    "webp": Encoder(
        name="WEBP",
        content_type="image/webp",
        extension="webp",
        alpha=True,
        animates=True,
        settings={"method": 4},
    ),
    # Level 3 would save 75 of 107 ms, but its files are 15 % larger, some 40 kB.
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
