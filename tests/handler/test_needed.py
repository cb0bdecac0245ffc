"""A fault in a part that no pixel needs affects only that part."""

from __future__ import annotations

import io
import zlib
from struct import pack

import pytest
import pyvips
from PIL import Image

from handler.pictures.errors import RefusedError
from handler.pictures.limits import SplicedFile
from tests.handler.pictures import adobe_rgb, filled, near, quadrants, saved, thumb, thumbs
from tests.handler.pictures.floods import jpeg, webp
from tests.handler.pictures.forged import chunk, segment

# Pillow warns of what it forgives; the suite would raise that, the function does not.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

PNG = saved(quadrants(), "PNG")
PALETTE = saved(quadrants().quantize(8), "PNG")
BEHIND_HEADER = 33
ANCILLARY = (
    *(b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"eXIf", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"sBIT"),
    *(b"bKGD", b"hIST", b"tIME", b"sPLT", b"acTL", b"cICP", b"mDCV", b"cLLI", b"prVt", b"tRNS"),
)
BODIES = (b"", b"\0", b"a\0b", b"a\0\0x", b"a\0\7x", bytes(4), bytes(8), bytes(300), b"\xff" * 40)


def inserted(data: bytes, chunks: bytes) -> bytes:
    """A PNG with chunks in front of its pixels."""
    return data[:BEHIND_HEADER] + chunks + data[BEHIND_HEADER:]


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("name", ANCILLARY)
def test_no_ancillary_chunk_refuses_a_png(name: bytes, wrong: bool) -> None:
    """Empty, short, long, or with a wrong checksum: libvips shows every one of them."""
    for data in (PNG, PALETTE):
        if data is PALETTE and name == b"tRNS" and not wrong:
            continue  # which makes colours transparent, and is needed
        expected = thumb(data).convert("RGB").tobytes()
        for body in BODIES:
            made = thumb(inserted(data, chunk(name, body, wrong=wrong)))
            assert made.convert("RGB").tobytes() == expected, (name, body)


@pytest.mark.parametrize("name", ANCILLARY)
def test_no_chunk_behind_the_pixels_refuses_a_png(name: bytes) -> None:
    """Some programs write their texts there."""
    at = PNG.index(b"IEND") - 4
    odd = b"".join(chunk(name, body, wrong=True) for body in BODIES)
    assert thumb(PNG[:at] + odd + PNG[at:]).tobytes() == thumb(PNG).tobytes()


def test_texts_of_megabytes_are_skipped() -> None:
    """Pillow's own limit, one megabyte, was reported to users in Pillow's words."""
    texts = chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 3_000_000))
    texts += chunk(b"iTXt", b"k\0\1\0\0\0" + zlib.compress(b"a" * 3_000_000))
    data = inserted(PNG, texts)
    assert thumb(data).tobytes() == thumb(PNG).tobytes()
    assert pyvips.Image.new_from_buffer(data, "").width == 64


def test_a_profile_above_a_megabyte_is_applied() -> None:
    """A table of a printer has some; a profile that is skipped would change the colours."""
    profile = adobe_rgb() + bytes(2_000_000)
    profile = pack(">I", len(profile)) + profile[4:]
    body = b"p\0\0" + zlib.compress(profile)
    data = saved(filled("RGB", (100, 200, 100)), "PNG")
    made = thumb(inserted(data, chunk(b"iCCP", body)))
    small = thumb(saved(filled("RGB", (100, 200, 100)), "PNG", icc_profile=adobe_rgb()))
    assert near(made.getpixel((9, 9)), small.getpixel((9, 9)), within=1)  # type: ignore[arg-type]
    assert not near(made.getpixel((9, 9)), (100, 200, 100), within=5)  # type: ignore[arg-type]


def test_exif_of_a_png_turns_it_unless_its_checksum_is_wrong() -> None:
    """What is wrong is skipped, and what is right is not."""
    exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    assert thumb(inserted(PNG, chunk(b"eXIf", exif))).size == (24, 32)
    assert thumb(inserted(PNG, chunk(b"eXIf", exif, wrong=True))).size == (32, 24)


@pytest.mark.parametrize("length", range(20))
@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0xE0, b"JFIF\0"),
        (0xE0, b"JFXX\0"),
        (0xE1, b"Exif\0\0"),
        (0xE2, b"ICC_PROFILE\0"),
        (0xE2, b"MPF\0"),
        (0xED, b"Photoshop 3.0\0"),
        (0xEE, b"Adobe"),
        (0xFE, b""),
    ],
)
def test_no_short_segment_refuses_a_jpeg(code: int, name: bytes, length: int) -> None:
    """Cut anywhere within its name or behind it."""
    body = (name + bytes(20))[:length]
    made = thumb(jpeg(segment(code, body)))
    assert made.convert("RGB").tobytes() == thumb(saved(quadrants(), "JPEG")).tobytes()


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_pieces_are_read_as_one_file(size: int) -> None:
    """Whatever is read at once, and wherever it begins."""
    data = bytes(range(256)) * 40
    pieces = [(3, 10), (10, 11), (700, 5000), (9000, len(data))]
    whole = b"".join(data[start:end] for start, end in pieces)
    file = SplicedFile(data, pieces)
    for at in (0, 5, 8, 4000, len(whole) - 1, len(whole)):
        assert file.seek(at) == at
        found = b"".join(iter(lambda: file.read(size), b""))
        assert found == whole[at:]
        assert file.tell() == len(whole)
    assert file.seek(-4, io.SEEK_END) == len(whole) - 4
    assert file.read() == whole[-4:]


@pytest.mark.parametrize("what", ["no palette", "short palette of noise"])
def test_a_palette_picture_without_its_palette_is_refused(what: str) -> None:
    """It used to cost five tries and an alarm."""
    at = PALETTE.index(b"PLTE") - 4
    length = int.from_bytes(PALETTE[at : at + 4], "big")
    without = PALETTE[:at] + PALETTE[at + 12 + length :]
    if what == "no palette":
        with pytest.raises(RefusedError) as caught:
            thumbs(without)
        assert caught.value.reason == "damaged"
    else:
        short = PALETTE[:at] + chunk(b"PLTE", b"\1\2\3") + PALETTE[at + 12 + length :]
        assert thumb(short).size == (32, 24)


def test_a_webp_with_odd_chunks_is_made() -> None:
    """The same kind of fault in the third format of chunks."""
    for name in (b"EXIF", b"XMP ", b"ICCP", b"abcd"):
        assert thumb(webp(name + pack("<I", 3) + b"abc\0")).size == (32, 24)
        assert Image.open(io.BytesIO(webp(name + pack("<I", 0)))).size == (64, 48)
