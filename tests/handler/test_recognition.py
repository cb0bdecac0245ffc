"""A refusal says what a file is, in a sentence that is true."""

from __future__ import annotations

import io
from struct import pack

import pytest
from PIL import Image

from handler.pictures import recognition
from handler.pictures.errors import RefusedError
from handler.pictures.formats import READERS
from handler.pictures.recognition import NO_PICTURES
from tests.handler.pictures import HERE, adobe_rgb, corners, near, quadrants, saved, thumb, thumbs

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
COMMENT = "<!-- " + "long " * 900 + "-->"
DOCTYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd" [<!ENTITY a "b">]>'

KNOWN: dict[str, tuple[bytes, str]] = {
    "CR2": (b"II*\0\x10\0\0\0CR\2\0" + bytes(40), "CR2, a RAW photograph"),
    "CR3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(40), "CR3, a RAW photograph"),
    "ORF": (b"IIRO\x08\0\0\0" + bytes(40), "ORF, a RAW photograph"),
    "RW2": (b"IIU\0\x18\0\0\0" + bytes(40), "RW2, a RAW photograph"),
    "RAF": (b"FUJIFILMCCD-RAW 0201" + bytes(40), "RAF, a RAW photograph"),
    "TGA": (saved(quadrants(), "TGA"), "TGA"),
    "TGA of runs": (saved(quadrants(), "TGA", compression="tga_rle"), "TGA"),
    "grey TGA": (saved(quadrants().convert("L"), "TGA"), "TGA"),
    "old TGA": (saved(quadrants(), "TGA")[:-26], "TGA"),
    "PPM": (saved(quadrants(), "PPM"), "PNM"),
    "PGM": (b"P2\n2 2\n255\n0 1 2 3\n", "PNM"),
    "PAM": (b"P7\nWIDTH 2\n", "PAM"),
    "PFM": (b"PF\n2 2\n-1.0\n" + bytes(48), "PFM"),
    "EXR": (b"v/1\1\2\0\0\0" + bytes(40), "OpenEXR"),
    "DDS": (saved(quadrants(), "DDS"), "DDS"),
    "SVG": (SVG.encode(), "SVG"),
    "SVG with a mark": (b"\xef\xbb\xbf" + SVG.encode(), "SVG"),
    "SVG behind a comment": ((COMMENT + SVG).encode(), "SVG"),
    "SVG behind all": ((f"<?xml version='1.0'?>\n{DOCTYPE}\n" + SVG).encode(), "SVG"),
    "SVG with a prefix": (b'<?xml version="1.0"?><s:svg xmlns:s="a"/>', "SVG"),
    "HTML": (f"<!doctype html><p>{SVG}</p>".encode(), "HTML"),
    "HTML without a type": (f"<html><body>{SVG}</body></html>".encode(), "HTML"),
    "a part of HTML": (f"<div>{SVG}</div>".encode(), "HTML"),
    "XML": (b'<?xml version="1.0"?><feed><svg/></feed>', "XML"),
    "M4A": (b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom" + bytes(40), "sound"),
    "MP4": (b"\0\0\0\x20ftypmp42\0\0\0\0mp42isom" + bytes(40), "video"),
    "fragmented MP4": (b"\0\0\0\x18stypmsdh\0\0\0\0msdhmsix" + bytes(40), "video"),
    "MP4 of iso6": (b"\0\0\0\x18ftypiso6\0\0\0\0iso6dash" + bytes(40), "video"),
    "QuickTime": (b"\0\0\0\x08wide\0\0\0\0mdat" + bytes(40), "video"),
    "old QuickTime": (b"\0\0\1\0moov\0\0\0\x6cmvhd" + bytes(40), "video"),
    "big-endian BigTIFF": (b"MM\0+\0\x08\0\0" + bytes(40), "BigTIFF"),
    "JPEG XR": (b"II\xbc\1" + bytes(40), "JPEG XR"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
}
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_is_named(name: str) -> None:
    """The uploader then knows what to save instead."""
    data, expected = KNOWN[name]
    with pytest.raises(RefusedError) as caught:
        thumbs(data)
    assert caught.value.reason == ("not-an-image" if expected in NO_PICTURES else "unsupported")
    assert caught.value.message.startswith(f"The file is {expected}")
    for reader in READERS:
        assert reader.name in caught.value.message


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_drawing_is_known_in_any_encoding(encoding: str) -> None:
    """XML allows them all, with a byte order mark and without."""
    data = f'<?xml version="1.0" encoding="{encoding}"?>{SVG}'.encode(encoding)
    assert recognition.recognised(data) == "SVG"


@pytest.mark.parametrize(
    "data", [b"Dear Sir or Madam,\n" * 9, bytes(99), b"\1\2\3" * 40, b"P1ano", b"<", b"<<<svg"]
)
def test_what_is_unknown_is_called_no_picture(data: bytes) -> None:
    """The refusal claims nothing else."""
    with pytest.raises(RefusedError) as caught:
        thumbs(data)
    assert caught.value.reason == "not-an-image"


@pytest.mark.parametrize("file_format", ["AVIF", "HEIC"])
@pytest.mark.parametrize("major", [b"isom", b"mif1", b"msf1", b"MA1B", b"miaf", b"1pic", b"xyzw"])
def test_the_compatible_brands_decide(file_format: str, major: bytes) -> None:
    """Encoders write different values as the major brand."""
    name = {"AVIF": b"avif", "HEIC": b"heic"}[file_format]
    data = (
        saved(quadrants(), "AVIF")
        if file_format == "AVIF"
        else (HERE / "quadrants.heic").read_bytes()
    )
    size = int.from_bytes(data[:4], "big")
    brands = b"ftyp" + major + bytes(4) + name + b"mif1"
    padded = pack(">I", size) + brands + b"miaf" * ((size - 4 - len(brands)) // 4)
    assert len(padded) == size
    made = thumb(padded + data[size:])
    assert all(near(a, b, 25) for a, b in zip(corners(made), corners(quadrants()), strict=True))


@pytest.mark.parametrize("depth", ["L", "P", "RGB", "RGBA"])
def test_bmp_is_read(depth: str) -> None:
    """Scanners and Windows write it."""
    image = quadrants().quantize(8) if depth == "P" else quadrants().convert(depth)
    made = thumb(saved(image, "BMP"))
    expected = image.convert("RGB").resize((32, 24))
    assert all(
        near(a, b, 3) for a, b in zip(corners(made.convert("RGB")), corners(expected), strict=True)
    )


@pytest.mark.parametrize("words", ["decoder error", "cannot identify", "buffer", "PIL", "chunk"])
def test_no_words_of_pillow_reach_the_uploader(words: str) -> None:
    """They name parts of a program that the uploader does not have."""
    png = saved(quadrants(), "PNG", icc_profile=adobe_rgb())
    files = [png[:at] + b"\xff" * 9 + png[at + 9 :] for at in range(12, len(png) - 20, 7)]
    told: list[str] = []
    for data in files:
        try:
            thumbs(data)
        except RefusedError as error:
            told.append(error.message)
    assert told
    assert not [message for message in told if words.lower() in message.lower()]


def test_only_exif_turns_a_picture() -> None:
    """Pillow looks at XMP where EXIF says nothing; browsers and libvips do not."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6"/></x:xmpmeta>'
    for file_format in ("JPEG", "WEBP", "AVIF"):
        data = saved(quadrants(), file_format, xmp=xmp)
        assert Image.open(io.BytesIO(data)).getexif().get(0x0112) == 6, file_format
        assert thumb(data).size == (32, 24), file_format
    tagged = saved(quadrants(), "TIFF", tiffinfo={700: xmp})
    assert thumb(tagged).size == (32, 24)
