"""PNG through ISA-L gives what Pillow gives through zlib: the same pixels and the same errors."""

from __future__ import annotations

import io
import random
import tracemalloc
import zlib
from struct import pack
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from isal.igzip_lib import DECOMP_ZLIB, IgzipDecompressor
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from handler.pictures import png
from handler.pictures.errors import RefusedError
from handler.pictures.limits import DEFAULT
from handler.pictures.opening import open_picture
from handler.pictures.pixels import read
from handler.pictures.png import InflatedPng
from tests.filled import filled
from tests.handler.parts import checked
from tests.handler.pictures import quadrants, saved, thumbs
from tests.handler.pictures.forged import chunk, zeros
from tests.handler.pictures.forged import png as forged
from tests.handler.pictures.streams import (
    ADAM7,
    CHANNELS,
    DEPTHS,
    END,
    HEIGHT,
    ODD,
    RAW,
    STREAM,
    WIDTH,
    deflated,
    frames,
    header,
    rows,
    whole,
    with_header,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Pillow warns of what it forgives; the suite would raise that, the function does not.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")


def shown(image: PngImageFile) -> tuple[object, ...]:
    """All that a picture is once it is loaded; of its texts, those that are kept as such."""
    image.load()
    palette = None if image.palette is None else image.palette.tobytes()
    info = {name: value for name, value in image.info.items() if not isinstance(value, str)}
    return image.format, image.mode, image.size, image.tobytes(), palette, info, image.text


def outcome(reader: type[PngImageFile], data: bytes) -> list[object]:
    """The reader's result for each frame; if it refuses a frame, its error is the last result."""
    made: list[object] = []
    try:
        image = reader(io.BytesIO(data))
        for number in range(image.n_frames):
            image.seek(number)
            made.append(shown(image))
    except Exception as error:
        made.append((type(error), str(error)))
    return made


def inflated(data: bytes) -> list[object]:
    """The result of a picture that must have come through ISA-L."""
    image = InflatedPng(io.BytesIO(data))
    made: list[object] = []
    for number in range(image.n_frames):
        image.seek(number)
        made.append(shown(image))
    assert not image.doubted
    return made


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    ("kind", "depth"), [(kind, depth) for kind, depths in DEPTHS.items() for depth in depths]
)
def test_every_colour_type_and_depth_has_pillows_pixels(
    kind: int, depth: int, interlaced: bool
) -> None:
    """Each stream is in several pieces, which end inside rows."""
    bits = CHANNELS[kind] * depth
    height = 8 * 150_000 // (WIDTH * bits)
    raw = rows(WIDTH, height, bits, ADAM7) if interlaced else rows(WIDTH, height, bits)
    data = whole(zlib.compress(raw), kind=kind, depth=depth, height=height, interlaced=interlaced)
    assert inflated(data) == outcome(PngImageFile, data)


@pytest.mark.parametrize("name", ODD)
def test_odd_files_are_read_as_pillow_reads_them(name: str) -> None:
    """Encoders other than Pillow's, and those who edit a file and leave something behind it."""
    assert inflated(ODD[name]) == outcome(PngImageFile, ODD[name])


def test_ten_megabytes_in_one_chunk_are_read() -> None:
    """Some encoders write all pixels as one chunk, where others write them by 8 kB."""
    raw = rows(WIDTH, 17_000, 24)
    data = whole(zlib.compress(raw, 0), height=17_000)
    assert len(data) > 10e6
    assert inflated(data) == outcome(PngImageFile, data)


ROW = len(RAW) // HEIGHT
WRONG = bytes(4)  # no stream's checksum
NO_TYPE = b"\x07"  # a block of the type that is reserved (RFC 1951, 3.2.3)
# Stored in two blocks, with a checksum that lies half in the second 64 kB, which are read apart.
SIDE = rows(180, 362, 8)
HALVED = b"\x78\x01" + pack("<BHH", 0, 9, 0xFFFF - 9) + SIDE[:9]
HALVED += pack("<BHH", 1, len(SIDE) - 9, 0xFFFF + 9 - len(SIDE)) + SIDE[9:] + WRONG

# The result for damaged files: "made", or the reason of the refusal. It is Pillow's verdict in each
# case.
DAMAGE = {
    "method of the header": (whole(with_header(0x79)), "damaged"),
    "window of the header, 64 kB": (whole(with_header(0x88)), "damaged"),
    "check of the header": (whole(b"\x78\x9d" + STREAM[2:]), "damaged"),
    "preset dictionary": (whole(with_header(0x78, dictionary=True)), "truncated"),
    "wrong checksum": (whole(STREAM[:-4] + WRONG), "damaged"),
    "wrong checksum in a chunk of its own": (
        header() + chunk(b"IDAT", STREAM[:-4]) + chunk(b"IDAT", WRONG) + END,
        "made",
    ),
    "wrong checksum half in the next block": (
        forged(180, 362, kind=0, body=HALVED[:9]).removesuffix(END)
        + chunk(b"IDAT", HALVED[9:])
        + END,
        "damaged",
    ),
    "no checksum": (whole(STREAM[:-4]), "made"),
    "wrong checksum behind more than the pixels": (
        whole(zlib.compress(RAW + RAW)[:-4] + WRONG),
        "made",
    ),
    "damage right behind the pixels": (whole(deflated(RAW, NO_TYPE)), "damaged"),
    "damage a row behind the pixels": (whole(deflated(RAW + RAW[:ROW], NO_TYPE)), "made"),
    "block of no type": (whole(STREAM[:2] + NO_TYPE + STREAM[3:]), "damaged"),
    "damage amid the pixels": (whole(STREAM[:20_000] + bytes(500) + STREAM[20_500:]), "damaged"),
    "no stream": (whole(b""), "truncated"),
    "a byte of a stream": (whole(b"\x78"), "truncated"),
    "pixels end amid a row": (whole(zlib.compress(RAW[: 100 * ROW + 50])), "truncated"),
    "pixels end with a row": (whole(zlib.compress(RAW[: 100 * ROW])), "made"),
    "cut amid the pixels": (whole(STREAM)[: len(STREAM) // 2], "truncated"),
    "cut behind a row": (
        whole(zlib.compress(RAW, 0))[: len(header()) + 8 + 2 + 5 + 20 * ROW],
        "truncated",
    ),
    "cut behind the pixels": (whole(STREAM)[:-12], "made"),
    "cut amid the next chunk": (whole(STREAM)[:-5], "made"),
    "chunk of no name behind the pixels": (
        header() + chunk(b"IDAT", STREAM) + chunk(b"?!?!", b""),
        "made",
    ),
    "unknown filter": (whole(zlib.compress(b"\5" + RAW[1:])), "damaged"),
    "chunk of no name amid the pixels": (
        header() + chunk(b"IDAT", STREAM[:9000]) + chunk(b"?!?!", b"") + END,
        "damaged",
    ),
}


def verdict(data: bytes) -> str:
    """The function's result for a picture: "made", or the reason of the refusal."""
    try:
        read(open_picture(data), data, DEFAULT)
    except RefusedError as error:
        return error.reason
    return "made"


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_judged_as_pillow_judges_it(name: str) -> None:
    """No upload may be refused, or accepted, because of the faster reader."""
    data, expected = DAMAGE[name]
    assert verdict(data) == expected
    assert outcome(InflatedPng, data) == outcome(PngImageFile, data)


# Of 48 pixels in a row; a bit of it was flipped, which leaves a gap in the codes of distances.
# Nothing in the stream uses that one, and the checksum is right.
GAP = bytes.fromhex("78da05c101010000088330f0f4cfec87b2d0d68e8da03b2fc7c0235d59377908f1005f")


def test_a_gap_in_codes_that_nothing_uses_is_forgiven() -> None:
    """The one case in which ISA-L takes what zlib does not."""
    with pytest.raises(zlib.error, match="invalid distances set"):
        zlib.decompress(GAP)
    raw = IgzipDecompressor(DECOMP_ZLIB).decompress(GAP)
    intact = forged(48, 1, kind=0, body=zlib.compress(raw))
    assert inflated(forged(48, 1, kind=0, body=GAP)) == outcome(PngImageFile, intact)


def test_a_file_cut_anywhere_is_judged_as_pillow_judges_it() -> None:
    """ISA-L holds back output until it has seen enough input, for example codes that it decodes
    three at a time.
    """
    data = whole(zlib.compress(RAW[: 9 * ROW]), height=9)
    for end in filled(range(len(data) - 400, len(data))):
        assert outcome(InflatedPng, data[:end]) == outcome(PngImageFile, data[:end])


def test_a_flipped_bit_anywhere_is_judged_as_pillow_judges_it() -> None:
    """In the header, the codes, the pixels and the checksum of the stream."""
    data = saved(quadrants(24, 16), "PNG")
    for bit in filled(range(8 * data.index(b"IDAT") + 32, 8 * data.index(b"IEND"))):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        assert outcome(InflatedPng, bytes(flipped)) == outcome(PngImageFile, bytes(flipped))


@pytest.mark.parametrize("name", ["more than the pixels", "empty chunks", "frames"])
def test_mangled_files_are_judged_as_pillow_judges_them(name: str) -> None:
    """A hundred of each, in several places and up to the chunks' lengths; the seed keeps them."""
    draw = random.Random(name)  # noqa: S311
    for _ in range(100):
        data = bytearray(ODD[name])
        for _ in range(draw.randrange(1, 4)):
            at = draw.randrange(len(header()), len(data))
            length = draw.choice((0, 1, 1, 20))
            data[at : at + length] = draw.randbytes(draw.choice((0, 1, 1, 20)))
        mended = checked(bytes(data))
        assert outcome(InflatedPng, mended) == outcome(PngImageFile, mended)


def test_a_later_frame_that_isal_cannot_inflate_is_left_to_zlib(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The frames after it are left to zlib too. The frames before it are decoded again, because it
    is drawn on them.
    """
    ours, pillows = (reader(io.BytesIO(frames())) for reader in (InflatedPng, PngImageFile))
    for number in range(4):
        if number == 2:
            monkeypatch.setattr(png, "IgzipDecompressor", Mock(side_effect=ValueError))
        for image in (ours, pillows):
            image.seek(number)
        assert shown(ours) == shown(pillows)
    assert ours.doubted


def test_running_out_of_memory_is_no_reason_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second try would fail too; the message must be delivered again."""
    monkeypatch.setattr(png, "IgzipDecompressor", Mock(side_effect=MemoryError))
    image = InflatedPng(io.BytesIO(whole(STREAM)))
    with pytest.raises(MemoryError):
        image.load()
    assert not image.doubted


@pytest.mark.parametrize(
    "make",
    [
        lambda: forged(10_000, 10_000, kind=0, body=zeros(96)),
        lambda: forged(4_000, 4_000, body=zlib.compress(bytes(4_000 * 12_001), 0)),
    ],
    ids=["96 MB of zeros in 98 kB", "48 MB in one chunk"],
)
def test_beside_the_pixels_no_more_than_pieces_are_held(make: Callable[[], bytes]) -> None:
    """However well they are compressed, and however long a chunk is."""
    image = InflatedPng(io.BytesIO(make()))
    tracemalloc.start()
    image.load()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not image.doubted
    assert most < 2**20


def test_what_takes_isal_long_is_left_to_zlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result is the same, from the start: the clock only decides how long it takes."""
    monkeypatch.setattr(png, "PATIENCE", 0)
    data = header() + chunk(b"IDAT", STREAM) + END
    picture = open_picture(data)
    picture.load()
    assert isinstance(picture, InflatedPng)
    assert picture.doubted
    assert picture.tobytes() == Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("name", ["transparency", "icc_profile", "duration", "loop", "gamma"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_a_text_never_stands_in_the_place_of_a_value(mode: str, name: str, behind: bool) -> None:
    """Pillow keeps a text in `info` by its name, and a value there may have the same name."""
    data = saved(Image.new(mode, (64, 48)), "PNG")
    at = len(data) - len(END) if behind else 33
    text = chunk(b"tEXt", name.encode() + b"\0abc")
    with_text, without = (thumbs(each).thumbnails for each in (data[:at] + text + data[at:], data))
    assert with_text == without


def test_only_the_function_reads_png_so() -> None:
    """The emulator, the benchmarks and these tests open pictures by Pillow's own reader."""
    data = saved(quadrants(), "PNG")
    assert type(open_picture(data)) is InflatedPng
    assert type(Image.open(io.BytesIO(data))) is PngImageFile
    assert type(Image.open(io.BytesIO(data), formats=["PNG"])) is PngImageFile
