"""Names the type of a file that no reader takes, so its uploader knows what to save instead."""

from __future__ import annotations

import re

from handler.pictures.formats import READERS

# The names below that are not pictures of any kind.
NO_PICTURES = frozenset(
    (
        *("gzip", "ZIP", "RAR", "7-Zip", "an Office document", "HTML", "XML"),
        *("video", "sound", "sound or video"),
    )
)

# First bytes of file types that people upload as pictures, at a byte offset.
SIGNATURES = (
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"\xc5\xd0\xd3\xc6", "PostScript"),
    (0, b"8BPS", "Photoshop"),
    (0, b"gimp xcf", "GIMP"),
    (0, b"icns", "ICNS"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"II\xbc\1", "JPEG XR"),
    (0, b"v/1\1", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"#?RGBE", "Radiance HDR"),
    (0, b"DDS ", "DDS"),
    (0, b"qoif", "QOI"),
    (0, b"FLIF", "FLIF"),
    (0, b"\x8aMNG", "MNG"),
    (0, b"\x8bJNG", "JNG"),
    (0, b"SIMPLE  =", "FITS"),
    (128, b"DICM", "DICOM"),
    (0, b"\xd7\xcd\xc6\x9a", "WMF"),
    (40, b" EMF", "EMF"),
    (0, b"AT&TFORM", "DjVu"),
    (0, b"\x59\xa6\x6a\x95", "Sun raster"),
    (0, b"\x01\xda", "SGI"),
    (0, b"/* XPM */", "XPM"),
    # RAW photographs; those that are TIFF inside are known by their tags (tiff_layout).
    (6, b"HEAPCCDR", "CRW, a RAW photograph"),
    (0, b"IIRO", "ORF, a RAW photograph"),
    (0, b"IIRS", "ORF, a RAW photograph"),
    (0, b"MMOR", "ORF, a RAW photograph"),
    (0, b"IIU\0", "RW2, a RAW photograph"),
    (0, b"FUJIFILMCCD-RAW", "RAF, a RAW photograph"),
    (0, b"FOVb", "X3F, a RAW photograph"),
    (0, b"\0MRM", "MRW, a RAW photograph"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"PK\3\4", "ZIP"),
    (0, b"Rar!", "RAR"),
    (0, b"7z\xbc\xaf", "7-Zip"),
    (0, b"\xd0\xcf\x11\xe0", "an Office document"),
    (8, b"AVI ", "video"),
    (0, b"\x1a\x45\xdf\xa3", "video"),
    (0, b"\0\0\1\xba", "video"),
    (0, b"FLV\1", "video"),
    (0, b"ID3", "sound"),
    (8, b"WAVE", "sound"),
    (0, b"fLaC", "sound"),
    (0, b"OggS", "sound or video"),
)

# First bytes of TIFF variants that Pillow does not read, or reads as their previews.
TIFFS = (
    (0, b"MM\0+", "BigTIFF with the highest byte first"),
    (8, b"CR\2\0", "CR2, a RAW photograph"),
)

# Icons, if the count after these bytes is at least one.
ICONS = {b"\0\0\1\0": "ICO", b"\0\0\2\0": "CUR"}

# The boxes that QuickTime and fragmented MP4 files may begin with, at byte 4 (ISO/IEC 14496-12).
FILM_BOXES = (b"styp", b"moov", b"moof", b"mdat", b"sidx", b"wide", b"pnot")

# Brands of ISO media files that are not pictures.
BRANDS = {b"crx ": "CR3, a RAW photograph", b"M4A ": "sound", b"M4B ": "sound", b"aax ": "sound"}

# Netpbm: P1 to P7, and the floating-point types; white space follows.
PORTABLE = re.compile(rb"P[1-7Ff][ \t\r\n#]")
PORTABLE_NAMES = {b"F": "PFM", b"f": "PFM", b"7": "PAM"}

TGA_FOOTER = b"TRUEVISION-XFILE.\0"
TGA_KINDS, TGA_DEPTHS = {1, 2, 3, 9, 10, 11}, {8, 15, 16, 24, 32}
TGA_MAPPED = {1, 9}

# The first bytes of a text in wide characters (its byte order mark, or its first "<").
WIDE = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}

# What may stand before the first tag of a document: white space, declarations, comments.
PROLOGUE = re.compile(
    r"(\ufeff|\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+(?!html)[^>\[]*(\[.*?\]\s*)?>)*",
    re.DOTALL | re.IGNORECASE,
)
TAG = re.compile(r"<(!doctype\s+html|(?:[\w.-]+:)?[\w.-]+)", re.IGNORECASE)
HEAD = 64 * 1024
HTML_TAGS = {"html", "head", "body", "div", "p", "span", "table", "script", "style", "title", "a"}


def recognised(data: bytes) -> str | None:
    """The name of a known file type that is not read; None if the type is unknown."""
    if data[4:8] in FILM_BOXES:
        return "video"
    if data[:4] in ICONS and data[4:6] != bytes(2):
        return ICONS[data[:4]]
    for offset, beginning, name in (*TIFFS, *SIGNATURES):
        if data.startswith(beginning, offset):
            return name
    if data[4:8] == b"ftyp":
        major = data[8:12]
        return BRANDS.get(major) or ("video" if major[:1].isalnum() else None)
    if PORTABLE.match(data):
        return PORTABLE_NAMES.get(data[1:2], "PNM")
    return _document(data) or ("TGA" if _is_tga(data) else None)


def begins_as(data: bytes) -> str | None:
    """The format that is read and has these first bytes; None for any other file."""
    for reader in READERS:
        if any(data.startswith(beginning, offset) for offset, beginning in reader.begins):
            return "AVIF or HEIC" if reader.begins == ((4, b"ftyp"),) else reader.name
    return None


def _document(data: bytes) -> str | None:
    """SVG, HTML or XML by its first tag, in any encoding that XML allows."""
    encoding = next((name for begins, name in WIDE.items() if data.startswith(begins)), "latin-1")
    text = data[:HEAD].decode(encoding, "replace").removeprefix("\xef\xbb\xbf")
    prologue = PROLOGUE.match(text)
    found = TAG.match(text, prologue.end() if prologue else 0)
    if found is None:
        return None
    tag = found[1].lower().rpartition(":")[2]
    if tag == "svg":
        return "SVG"
    if tag in HTML_TAGS or tag.startswith("!doctype"):
        return "HTML"
    return "XML" if text.lstrip("\ufeff \t\r\n").startswith("<?xml") else None


def _is_tga(data: bytes) -> bool:
    """Whether a file ends as TGA does, or has a header that only TGA has; TGA has no signature
    at the beginning.
    """
    if data.endswith(TGA_FOOTER):
        return True
    if len(data) < 18:  # noqa: PLR2004 - of a header
        return False
    mapped, kind, depth = data[1], data[2], data[16]
    size = int.from_bytes(data[12:14], "little") * int.from_bytes(data[14:16], "little")
    palette = data[3:8] != bytes(5)
    return (
        kind in TGA_KINDS
        and depth in TGA_DEPTHS
        and size > 0
        and mapped == (kind in TGA_MAPPED)
        and palette == bool(mapped)
        and not data[17] & 0xC0
    )
