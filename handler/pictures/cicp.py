"""The colour space that a PNG, AVIF or HEIC declares by numbers (ITU-T H.273), as a profile."""

from __future__ import annotations

from functools import cache
from struct import error, pack, unpack_from
from typing import TYPE_CHECKING

from handler.pictures.errors import RefusedError
from handler.pictures.structure import png_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

# Numbers of H.273: primaries (table 2) and transfer characteristics (table 3).
SRGB, BT2020, DISPLAY_P3 = 1, 9, 12
HDR = {16: "PQ", 18: "HLG"}
GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}

# Red, green and blue of the primaries in XYZ, adapted to D50 as ICC wants it (by Bradford).
PRIMARIES = {
    SRGB: ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)),
    BT2020: ((0.6735, 0.2790, -0.0019), (0.1657, 0.6754, 0.0300), (0.1251, 0.0456, 0.7969)),
    DISPLAY_P3: ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),
}
D50 = (0.9642, 1.0, 0.8249)

# A parametric curve (ICC.1:2022, 10.18): its type and its parameters; here sRGB's curve (IEC
# 61966-2-1).
SRGB_CURVE = (3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))


def coded_profile(data: bytes) -> bytes | None:
    """The ICC profile for a file's colour numbers; None if it has no numbers, or those of sRGB.

    Raises RefusedError for HDR, because its values come out pale and dark through sRGB's curve.
    """
    try:
        numbers = _numbers(data)
    except (error, IndexError):
        return None
    if numbers is None:
        return None
    primaries, transfer = numbers
    if transfer in HDR:
        raise RefusedError(
            "unsupported",
            f"The picture is HDR ({HDR[transfer]}), which is not converted; save it as SDR.",
        )
    if primaries not in PRIMARIES or (primaries == SRGB and transfer not in GAMMAS):
        return None
    return _profile(primaries, GAMMAS.get(transfer))


def _numbers(data: bytes) -> tuple[int, int] | None:
    """Primaries and transfer characteristics."""
    if data.startswith(b"\x89PNG"):
        for part in png_chunks(data):
            if part.name == b"cICP" and part.length == 4:  # noqa: PLR2004 - PNG, 11.3.2.6
                return data[part.start], data[part.start + 1]
            if part.name == b"IDAT":
                return None
        return None
    if data[4:8] != b"ftyp":
        return None
    for at, end in _inside(data, 0, len(data), b"meta"):
        return _of_main_picture(data, at + 4, end)
    return None


def _of_main_picture(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """The colr box of the primary item (ISO/IEC 14496-12, 8.11; 23008-12, 9.3)."""
    main = None
    for begins, _ in _inside(data, at, end, b"pitm"):
        wide = data[begins] > 0
        main = unpack_from(">I" if wide else ">H", data, begins + 4)[0]
    for begins, ends in _inside(data, at, end, b"iprp"):
        mine = {
            index
            for start, _ in _inside(data, begins, ends, b"ipma")
            for item, index in _associations(data, start)
            if item == main
        }
        for start, stop in _inside(data, begins, ends, b"ipco"):
            for index, (name, box, _) in enumerate(_boxes(data, start, stop), start=1):
                if index in mine and name == b"colr" and data[box : box + 4] == b"nclx":
                    return unpack_from(">HH", data, box + 4)
    return None


def _associations(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Items and the numbers of their properties, from 1 on."""
    version, wide = data[at], data[at + 3] & 1
    (count,) = unpack_from(">I", data, at + 4)
    at += 8
    for _ in range(count):
        (item,) = unpack_from(">H" if version < 1 else ">I", data, at)
        at += 2 if version < 1 else 4
        properties = data[at]
        at += 1
        for _ in range(properties):
            index = unpack_from(">H", data, at)[0] & 0x7FFF if wide else data[at] & 0x7F
            yield item, index
            at += 2 if wide else 1


def _inside(data: bytes, at: int, end: int, wanted: bytes) -> Iterator[tuple[int, int]]:
    return ((start, stop) for name, start, stop in _boxes(data, at, end) if name == wanted)


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Boxes between two offsets: the name, and where the content begins and ends."""
    while at + 8 <= end:
        length, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        stop = end if length == 0 else min(end, at + length)
        if stop < at + head:
            return
        yield name, at + head, stop
        at = stop


@cache
def _profile(primaries: int, gamma: float | None) -> bytes:
    """An ICC profile of version 4: a matrix and a curve."""
    kind, numbers = SRGB_CURVE if gamma is None else (0, (gamma,))
    curve = b"para" + pack(">IHH", 0, kind, 0) + b"".join(map(_fixed, numbers))
    text = b"mluc" + pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, 2, 28) + b"\0x\0\0"
    tags = {b"desc": text, b"cprt": text, b"wtpt": _xyz(D50)}
    for name, colour in zip((b"r", b"g", b"b"), PRIMARIES[primaries], strict=True):
        tags[name + b"XYZ"] = _xyz(colour)
        tags[name + b"TRC"] = curve
    table, body, begins = pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + pack(">II", begins + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = pack(">I4xI", begins + len(body), 0x04300000) + b"mntrRGB XYZ " + bytes(12)
    head += b"acsp" + bytes(28) + b"".join(map(_fixed, D50))
    return head.ljust(128, b"\0") + table + body


def _xyz(colour: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, colour))


def _fixed(number: float) -> bytes:
    return pack(">i", round(number * 65536))
