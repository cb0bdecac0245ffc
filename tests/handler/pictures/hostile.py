"""Files that try to exhaust the program that opens them: how they are made, and the required
result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image

from tests.handler.pictures import HERE, sample, saved
from tests.handler.pictures.floods import FLOODS
from tests.handler.pictures.forged import (
    bmp_of_runs,
    crashing_heic,
    endless_ico,
    endless_tiff,
    fax_of_noise,
    huge_avif,
    huge_bmp,
    huge_gif,
    huge_jpeg,
    huge_tiff,
    huge_tile,
    huge_webp,
    large_frames,
    many_frames,
    many_scans,
    no_sampling,
    png,
    scans_apart,
    scans_in_a_comment,
    zeros,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
PDF = b"%PDF-1.7\n1 0 obj <</Type /XObject /Subtype /Image /Filter /DCTDecode>> stream\n"

# Name, maker, and every right outcome: "made", or the reason of a refusal.
HOSTILE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    **FLOODS,
    "1 GB of zeros in a PNG of 1 MB": (
        lambda: png(18_918, 18_918, body=zeros(1024)),
        {"too-large"},
    ),
    "1 GB of zeros behind a small PNG": (lambda: png(64, 48, body=zeros(1024)), {"made"}),
    "100 megapixels of PNG": (lambda: png(10_000, 10_000, body=zeros(300)), {"too-large"}),
    "100 megapixels of grey PNG": (
        lambda: png(10_000, 10_000, kind=0, body=zeros(96)),
        {"made", "too-large"},
    ),
    "60,000 by 60,000 PNG": (lambda: png(60_000, 60_000), {"too-large"}),
    "60,000 by 60,000 PNG of one bit": (
        lambda: png(60_000, 60_000, depth=1, kind=0),
        {"too-large"},
    ),
    "60,000 by 60,000 JPEG": (huge_jpeg, {"too-large"}),
    "60,000 by 60,000 GIF": (huge_gif, {"too-large"}),
    "60,000 by 60,000 TIFF": (huge_tiff, {"too-large"}),
    "16,384 by 16,384 WebP": (huge_webp, {"too-large", "damaged"}),
    "100 megapixels of JPEG": (
        lambda: saved(Image.new("L", (10_000, 10_000), 90), "JPEG"),
        {"made"},
    ),
    "100,000 frames of GIF": (lambda: many_frames(100_000), {"made"}),
    "50 large frames of GIF": (large_frames, {"made"}),
    "1,000 scans of JPEG": (many_scans, {"too-large"}),
    "100 megapixels of JPEG in three scans": (
        lambda: scans_apart(10_000, 10_000, 3),
        {"too-large"},
    ),
    "3,000 scans of JPEG, not progressive": (
        lambda: scans_apart(4000, 3000, 3000),
        {"too-large"},
    ),
    "JPEG that quotes 1,000 scans": (scans_in_a_comment, {"made"}),
    "components never sampled": (no_sampling, {"damaged"}),
    "endless TIFF": (endless_tiff, {"made"}),
    "endless ICO": (endless_ico, {"unsupported"}),
    "empty": (lambda: b"", {"empty"}),
    "one byte": (lambda: b"\xff", {"not-an-image"}),
    "text": (lambda: b"Dear Sir or Madam,\n" * 50, {"not-an-image"}),
    "SVG": (lambda: SVG, {"unsupported"}),
    "PDF with a JPEG inside": (lambda: PDF + sample("rocket.jpg"), {"unsupported"}),
    "PostScript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", {"unsupported"}),
    "HEIC that crashes its reader": (crashing_heic, {"damaged"}),
    "HEIC that calls itself a still": (
        lambda: (HERE / "quadrants.heic").read_bytes().replace(b"ftypheic", b"ftypmif1"),
        {"made"},
    ),
    "TIFF of a tile of 655 MB": (huge_tile, {"too-large"}),
    "fax of noise": (fax_of_noise, {"made", "damaged"}),
    "36 megapixels of AVIF": (huge_avif, {"too-large"}),
    "256 megapixels of AVIF that declare 64 by 48": (
        (HERE / "lying.avif").read_bytes,
        {"damaged", "too-large"},
    ),
    "60,000 by 60,000 BMP": (huge_bmp, {"too-large"}),
    "BMP of a million runs": (bmp_of_runs, {"made", "too-large", "truncated"}),
    "JPEG XL": (lambda: b"\xff\x0a" + bytes(40), {"unsupported"}),
    "video": (lambda: b"\0\0\0\x20ftypisom" + bytes(40), {"not-an-image"}),
    "JPEG and ZIP in one": (lambda: sample("rocket.jpg") + b"PK\x03\x04" + bytes(99), {"made"}),
    "GIF and script in one": (lambda: b"GIF89a/*" + b"*/=1;alert(1)" * 9, {"damaged", "too-large"}),
    "only a JPEG's first bytes": (lambda: b"\xff\xd8\xff\xe0", {"damaged"}),
    "only a PNG's signature": (lambda: b"\x89PNG\r\n\x1a\n", {"damaged", "truncated"}),
}
