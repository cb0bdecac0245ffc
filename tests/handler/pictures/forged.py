"""Makers of files that are not what they say: of their size, of their frames, of their scans."""

from __future__ import annotations

import random
import struct
import zlib

from PIL import Image

from tests.handler.pictures import HERE, quadrants, saved

MEGABYTE = 2**20

# Tags of TIFF 6.0.
COMPRESSION, TILE_WIDTH = 259, 322


def chunk(name: bytes, body: bytes, *, wrong: bool = False) -> bytes:
    """One chunk of a PNG; with a wrong checksum if that is wanted."""
    checksum = zlib.crc32(name + body) ^ wrong
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def zeros(megabytes: int) -> bytes:
    """A zlib stream of zeros, a thousandth of their size: one compressed megabyte, repeated."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    total = megabytes * MEGABYTE
    check = ((total % 65521) << 16) | 1  # Adler-32 of `total` zeros
    return b"\x78\xda" + block * megabytes + b"\x03\x00" + struct.pack(">I", check)


def png(
    width: int,
    height: int,
    *,
    depth: int = 8,
    kind: int = 2,
    chunks: bytes = b"",
    body: bytes = b"",
) -> bytes:
    """A PNG of any declared size; `kind` is 0 for grey and 2 for RGB, `chunks` are in front of the
    pixels.
    """
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    data = body or zlib.compress(bytes(64))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunks
        + chunk(b"IDAT", data)
        + chunk(b"IEND", b"")
    )


def huge_jpeg() -> bytes:
    """A small JPEG whose header declares 60,000 by 60,000."""
    data = bytearray(saved(quadrants(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    return bytes(data)


def huge_bmp() -> bytes:
    """A small BMP whose header declares 60,000 by 60,000."""
    data = bytearray(saved(quadrants(), "BMP"))
    data[18:26] = struct.pack("<ii", 60_000, 60_000)
    return bytes(data)


def bmp_of_runs() -> bytes:
    """A BMP of 2,000 by 2,000 whose runs have one pixel each, which Pillow reads in Python."""
    rows = (b"\1\x7f" * 2000 + b"\0\0") * 500
    header = struct.pack("<IiiHHIIiiII", 40, 2000, 2000, 1, 8, 1, len(rows), 0, 0, 256, 0)
    palette = b"".join(bytes((each, each, each, 0)) for each in range(256))
    begins = 14 + len(header) + len(palette)
    size = begins + len(rows)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, begins) + header + palette + rows


def huge_gif() -> bytes:
    """A small GIF whose screen and frame are 60,000 by 60,000."""
    data = bytearray(saved(quadrants().quantize(8), "GIF"))
    data[6:10] = struct.pack("<HH", 60_000, 60_000)
    frame = data.index(b"\x2c", 13)
    data[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    return bytes(data)


def huge_webp() -> bytes:
    """An extended WebP whose canvas is 16,384 by 16,384, the most that its header can say."""
    inner = saved(quadrants(), "WEBP")[12:]
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (b"\xff\x3f\x00" * 2)
    return b"RIFF" + struct.pack("<I", 4 + len(canvas) + len(inner)) + b"WEBP" + canvas + inner


def huge_tiff() -> bytes:
    """A small TIFF whose directory declares 60,000 by 60,000."""
    data = saved(quadrants(), "TIFF")
    for tag in (256, 257):
        at = data.index(struct.pack("<H", tag), data.index(b"II*\0") + 4)
        data = data[: at + 2] + struct.pack("<HII", 4, 1, 60_000) + data[at + 12 :]
    return data


def tiff(width: int, height: int, body: bytes, tags: dict[int, int]) -> bytes:
    """A TIFF of one strip, or of one tile where a tag tells its width, with tags by number."""
    places = (324, 325) if TILE_WIDTH in tags else (273, 279)
    begins = 8 + 2 + 12 * (len(tags) + 5) + 4
    tags = {**tags, 256: width, 257: height, 277: 1, places[0]: begins, places[1]: len(body)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + body


def huge_tile() -> bytes:
    """A deflated TIFF of 64 by 48 in one tile of 25,600 by 25,600."""
    side = {TILE_WIDTH: 25_600, TILE_WIDTH + 1: 25_600}
    return tiff(64, 48, zeros(625), {258: 8, COMPRESSION: 8, 262: 1, **side})


def fax_of_noise() -> bytes:
    """A fax of 200,000 lines, of which libtiff reports each by a line of its own."""
    noise = random.Random(1).randbytes(200_000)  # noqa: S311
    return tiff(40, 200_000, noise, {258: 1, COMPRESSION: 3, 262: 0, 278: 200_000})


def huge_avif() -> bytes:
    """A small AVIF whose header declares 6,000 by 6,000."""
    return _declared(saved(quadrants(), "AVIF"))


def huge_heic() -> bytes:
    """A small HEIC whose header does; the box that would crop it becomes one of no meaning."""
    return _declared((HERE / "quadrants.heic").read_bytes().replace(b"clap", b"free"))


def _declared(data: bytes) -> bytes:
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", 6000, 6000) + data[at + 8 :]


def crashing_heic() -> bytes:
    """A HEIC whose metadata have 4 GB by their box (found by fuzzing): pi-heif 1.4.0 reads on."""
    data = bytearray((HERE / "sideways.heic").read_bytes())
    data[176:180] = b"\xff\xff\xff\xff"
    return bytes(data)


def many_frames(count: int) -> bytes:
    """A GIF of very many frames of a pixel."""
    still = Image.new("P", (1, 1))
    data = saved(still, "GIF")
    frame = data[data.index(b"\x2c", 13) : -1]
    return data[:-1] + frame * (count - 1) + b"\x3b"


def large_frames() -> bytes:
    """A GIF of fifty frames of 81 megapixels each, in little space."""
    data = saved(Image.new("P", (9000, 9000)), "GIF")
    frame = data[data.index(b"\x2c", 13) : -1]
    return data[:-1] + frame * 49 + b"\x3b"


def many_scans() -> bytes:
    """A progressive JPEG of 12 megapixels whose last scan is repeated a thousand times."""
    data = saved(Image.new("L", (4000, 3000), 90), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + scan * 1000 + b"\xff\xd9"


def segment(code: int, body: bytes) -> bytes:
    """One segment of a JPEG."""
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


def scans_apart(width: int, height: int, scans: int) -> bytes:
    """A JPEG that is not progressive but has its components in scans of their own, all empty."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\x01\x11\0\x02\x11\0\x03\x11\0"
    one_code = b"\x01" + bytes(16)
    head = segment(0xDB, b"\0" + b"\x01" * 64) + segment(0xC0, frame)
    head += segment(0xC4, b"\x00" + one_code) + segment(0xC4, b"\x10" + one_code)
    body = b"".join(segment(0xDA, bytes((1, 1 + n % 3, 0, 0, 63, 0))) for n in range(scans))
    return b"\xff\xd8" + head + body + b"\xff\xd9"


def scans_in_a_comment() -> bytes:
    """An ordinary JPEG that quotes a thousand scans, as cameras' files do those of a preview."""
    data = saved(Image.new("RGB", (4000, 3000), (200, 30, 30)), "JPEG")
    return data[:2] + segment(0xFE, segment(0xDA, b"\x01\x01\0\0\x3f\0") * 1000) + data[2:]


def no_sampling() -> bytes:
    """A progressive JPEG whose components are sampled zero times (found by fuzzing)."""
    data = bytearray(saved(quadrants(), "JPEG", progressive=True))
    frame = data.index(b"\xff\xc2")
    for component in range(3):
        data[frame + 11 + 3 * component] = 0
    return bytes(data)


def endless_tiff() -> bytes:
    """A TIFF whose directory names itself as the next."""
    data = bytearray(saved(quadrants(), "TIFF"))
    first = struct.unpack("<I", data[4:8])[0]
    entries = struct.unpack("<H", data[first : first + 2])[0]
    after = first + 2 + 12 * entries
    data[after : after + 4] = struct.pack("<I", first)
    return bytes(data)


def endless_ico() -> bytes:
    """An ICO with 65,535 entries that all name the same bytes."""
    entry = struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, 100, 22)
    return struct.pack("<HHH", 0, 1, 65_535) + entry * 65_535
