"""Makers of progressive JPEGs: of each sampling, order of scans and way to quote a marker."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from PIL import Image

from tests.handler.pictures import sample, saved

if TYPE_CHECKING:
    from collections.abc import Callable

# Names of components as libjpeg writes them; of CMYK and RGB, the letters.
Y, CB, CR = 1, 2, 3


def photograph(size: tuple[int, int] = (208, 144), mode: str = "RGB", **settings: Any) -> bytes:
    """A progressive JPEG with detail in every block; of 26 by 18 blocks."""
    image = Image.open(io.BytesIO(sample("coffee.png"))).convert(mode).resize(size)
    return saved(image, "JPEG", progressive=True, **settings)


def resampled(data: bytes, rates: int, size: tuple[int, int]) -> bytes:
    """With other rates of the first component, and a size of as many blocks of each."""
    frame = data.index(b"\xff\xc2")
    changed = bytearray(data)
    changed[frame + 5 : frame + 9] = size[1].to_bytes(2, "big") + size[0].to_bytes(2, "big")
    changed[frame + 11] = rates
    return bytes(changed)


def ycck() -> bytes:
    """CMYK whose colours are declared to be stored as YCC, as Photoshop does (Adobe's TN 5116)."""
    data = bytearray(photograph(mode="CMYK"))
    data[data.index(b"Adobe") + 11] = 2
    return bytes(data)


def parts(data: bytes) -> list[bytes]:
    """All before the first scan; each scan with the tables that precede it; the end."""
    first, *rest = re.split(rb"(?=\xff\xc4|\xff\xda)", data[:-2])
    scans: list[bytes] = []
    for part in rest:
        if scans and b"\xff\xda" not in scans[-1]:
            scans[-1] += part
        else:
            scans.append(part)
    return [first, *scans, data[-2:]]


def upside_down() -> bytes:
    """The scans in reverse order, so that the means come last; then the scans that refine."""
    first, *scans, end = parts(photograph(subsampling=0))
    refined = [scan for scan in scans if is_refined(scan)]
    rough = [scan for scan in scans if not is_refined(scan)]
    return b"".join([first, *reversed(rough), *refined, end])


def is_refined(scan: bytes) -> bool:
    """Whether a scan adds bits to what another has brought."""
    return header(scan)[-1] >> 4 > 0


def header(scan: bytes) -> bytes:
    """The parameters of a scan."""
    begin = scan.index(b"\xff\xda")
    return scan[begin + 4 : begin + 2 + scan[begin + 3]]


def without_scans(component: int, *, precision: int | None = None) -> bytes:
    """Without what brings a component's detail, or just the scans that bring it so far."""
    first, *scans, end = parts(photograph())
    left = [
        scan
        for scan in scans
        if header(scan)[:2] != bytes((1, component))
        or not header(scan)[3]
        or precision not in {None, header(scan)[-1]}
    ]
    assert len(left) < len(scans)
    return b"".join([first, *left, end])


PHOTOGRAPHS: dict[str, Callable[[], bytes]] = {
    "4:4:4": lambda: photograph(subsampling=0),
    "4:2:2": lambda: photograph(subsampling=1),
    "4:2:0": lambda: photograph(subsampling=2),
    "4:4:0": lambda: resampled(photograph(subsampling=1), 0x12, (104, 288)),
    "4:1:1": lambda: resampled(photograph(subsampling=2), 0x41, (416, 72)),
    "four down": lambda: resampled(photograph(subsampling=2), 0x14, (104, 288)),
    # Of these two, luminance has twice the blocks that there are data for.
    "4:1:0": lambda: resampled(photograph(subsampling=2), 0x42, (416, 144)),
    "two by four": lambda: resampled(photograph(subsampling=2), 0x24, (208, 288)),
    "grey": lambda: photograph(mode="L"),
    "CMYK": lambda: photograph(mode="CMYK"),
    "YCCK": ycck,
    "RGB": lambda: photograph(subsampling=0, keep_rgb=True),
    "the best quality": lambda: photograph(quality=100),
    "the worst quality": lambda: photograph(quality=1),
    "one block": lambda: photograph((8, 8)),
    "part of a block": lambda: photograph((9, 17)),
    "a row of blocks": lambda: photograph((5640, 9)),
    "35,344 blocks": lambda: photograph((1500, 1500)),
    "restarts": lambda: photograph(restart_marker_blocks=3),
    "restarts by row": lambda: photograph(subsampling=0, restart_marker_rows=1),
    "scans in another order": upside_down,
    "luminance without its first bits": lambda: without_scans(Y, precision=0x02),
    "fill before markers": lambda: photograph().replace(b"\xff\xda", b"\xff\xff\xff\xda"),
    "a comment of markers": lambda: photograph(comment=b"\xff\xd9\xff\xda\xff\xc2" * 9),
    "a preview": lambda: photograph(exif=b"Exif\0\0" + photograph((64, 64))),
    "bytes behind the end": lambda: photograph() + photograph((64, 64)),
}
