"""Changes to one part of a file: a chunk, a segment, a tag. Lengths and checksums stay right.

Random bytes seldom pass these checks; these changes always do.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from handler.pictures.structure import SCAN, png_chunks, segments

if TYPE_CHECKING:
    import random

TIFF_ENTRY = 12
TAGS = (254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323)
TAGS += (324, 325, 330, 332, 338, 339, 347, 512, 513, 529, 530, 531, 700, 34665, 34675, 50706)
CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT", b"iCCP", b"eXIf")
CHUNKS += (b"cICP", b"gAMA", b"tEXt", b"zTXt", b"iTXt", b"CgBI")


def changed_part(data: bytes, draw: random.Random) -> bytes:
    """One part of a PNG, JPEG, WebP or TIFF changed; any other file as it is."""
    if data.startswith(b"\x89PNG"):
        return _png(data, draw)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data, draw)
    if data[:4] in {b"II*\0", b"MM\0*"}:
        return _tiff(data, draw)
    return _webp(data, draw) if data[8:12] == b"WEBP" else data


def checked(data: bytes) -> bytes:
    """With the checksum of each PNG chunk corrected, so that changes get past it."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    out, at = data[:8], 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        if end + 4 > len(data):
            break
        out += data[at:end] + zlib.crc32(data[at + 4 : end]).to_bytes(4, "big")
        at = end + 4
    return out + data[at:]


def _body(body: bytes, draw: random.Random) -> bytes:
    kind = draw.choice(("empty", "cut", "noise", "zeros", "longer", "byte"))
    if kind == "empty":
        return b""
    if kind == "cut":
        return body[: draw.randrange(len(body) + 1)]
    if kind == "noise":
        return draw.randbytes(draw.choice((1, 2, 4, 8, 13, 26, 256)))
    if kind == "zeros":
        return bytes(len(body))
    if kind == "longer":
        return body + draw.randbytes(draw.choice((1, 4, 300)))
    at = draw.randrange(len(body) + 1)
    return body[:at] + draw.randbytes(1) + body[at + 1 :]


def _png(data: bytes, draw: random.Random) -> bytes:
    parts = list(png_chunks(data))
    if not parts:
        return data
    part = draw.choice(parts)
    start, end = part.start - 8, part.start + part.length + 4
    name = draw.choice((part.name, part.name, draw.choice(CHUNKS)))
    body = (
        _body(data[part.start : end - 4], draw)
        if draw.random() < 0.7
        else data[part.start : end - 4]
    )
    made = struct.pack(">I", len(body)) + bytes(name) + body + bytes(4)  # type: ignore[arg-type]
    behind = data[start:] if draw.random() < 0.2 else data[end:]
    return checked(data[:start] + (b"" if draw.random() < 0.1 else made) + behind)


def _jpeg(data: bytes, draw: random.Random) -> bytes:
    parts = [part for part in segments(data) if part.length or part.name == SCAN]
    if not parts:
        return data
    part = draw.choice(parts)
    start, end = part.start - 4, part.start + part.length
    body = _body(data[part.start : end], draw)[:65_000]
    code = part.name if draw.random() < 0.8 else draw.randrange(0xC0, 0xFF)
    made = bytes((0xFF, int(code))) + struct.pack(">H", len(body) + 2) + body
    behind = data[start:] if draw.random() < 0.2 else data[end:]
    return data[:start] + made + behind


def _webp(data: bytes, draw: random.Random) -> bytes:
    parts: list[tuple[bytes, bytes]] = []
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        parts.append((data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    if not parts:
        return data
    chosen = draw.randrange(len(parts))
    name, body = parts[chosen]
    parts[chosen] = (name, _body(body, draw))
    if draw.random() < 0.2:
        parts.insert(chosen, (name, body))
    chunks = b"".join(
        name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2) for name, body in parts
    )
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _tiff(data: bytes, draw: random.Random) -> bytes:
    order = "<" if data.startswith(b"II") else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    if at + 2 > len(data):
        return data
    (count,) = struct.unpack_from(order + "H", data, at)
    entry = at + 2 + TIFF_ENTRY * draw.randrange(max(1, count))
    if entry + TIFF_ENTRY > len(data):
        return data
    tag, kind, number, value = struct.unpack_from(order + "HHII", data, entry)
    what = draw.choice(("tag", "kind", "number", "value", "value"))
    if what == "tag":
        tag = draw.choice(TAGS)
    elif what == "kind":
        kind = draw.randrange(19)
    elif what == "number":
        number = draw.choice((0, 1, 2, 3, 255, 70_000, 2**32 - 1))
    else:
        value = draw.choice(
            (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 32, 255, 65_535, 2**31, 2**32 - 1)
        )
    return data[:entry] + struct.pack(order + "HHII", tag, kind, number, value) + data[entry + 12 :]
