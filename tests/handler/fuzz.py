"""Mutated real files into the pixel core: python -m tests.handler.fuzz SECONDS [SEED].

Every file must give thumbnails or a refusal with a known reason, within a second of the
processor's time and 1 GB of address space beyond the start, and nothing on standard error (where
that is a file, as in `make fuzz`). Hypothesis shrinks what fails. The seed is printed; the same
seed mutates the same files. Only the last file is kept (build/fuzz/last), for a crash that ends the
process.

HEIC, and a twentieth of TIFF and AVIF, take the function's way through a process of their own. The
other TIFF and AVIF files are decoded in this process, which is ten times as fast; libtiff's
messages are ignored for them.
"""

from __future__ import annotations

import faulthandler
import io
import os
import random
import resource
import sys
import time
import zlib
from collections import Counter
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from handler.pictures import isolation, thumbs
from handler.pictures.errors import RefusedError
from handler.pictures.opening import HEIC_BRANDS, read_apart
from handler.pictures.thumbs import Plan
from tests.handler.one_picture import spent
from tests.handler.parts import changed_part, checked
from tests.handler.pictures import (
    HERE,
    SAMPLES,
    adobe_rgb,
    linear_grey,
    quadrants,
    saved,
    swapped_cmyk,
    tiffs,
)
from tests.handler.pictures.forged import scans_apart, tiff
from tests.handler.pictures.tiffs import Tiff

REASONS = {"empty", "not-an-image", "unsupported", "too-large", "truncated", "damaged"}
LAST = Path("build/fuzz/last")
SHARE = 20
TILED = {258: 8, 259: 8, 262: 1, 322: 96, 323: 64}  # a deflated tile of 96 by 64
EXAMPLES = 2000  # a round; each round has a seed of its own

OUTCOMES: Counter[str] = Counter()
CAUSES: Counter[str] = Counter()


@cache
def corpus() -> tuple[bytes, ...]:
    """Small real files that together reach every reader and every branch of the colour module."""
    photograph = Image.open(SAMPLES / "coffee.png").convert("RGB").resize((96, 64))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    frames: dict[str, Any] = {"save_all": True, "duration": 40, "loop": 0}
    frames["append_images"] = [quadrants(96, 64), photograph]
    clear = photograph.convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    files = [
        saved(photograph, "JPEG", exif=exif, icc_profile=adobe_rgb()),
        saved(photograph, "JPEG", progressive=True, subsampling=0),
        saved(photograph.resize((256, 256)), "JPEG", progressive=True),  # decoded at an eighth
        saved(photograph.convert("CMYK"), "JPEG", icc_profile=swapped_cmyk()),
        saved(photograph.convert("L"), "JPEG", icc_profile=linear_grey()),
        saved(photograph, "MPO", save_all=True, append_images=[quadrants()]),
        saved(photograph, "PNG", exif=exif, icc_profile=adobe_rgb()),
        saved(clear, "PNG"),
        saved(photograph.quantize(32), "PNG", transparency=3),
        saved(photograph.convert("I;16"), "PNG"),
        saved(photograph.convert("1"), "PNG"),
        saved(photograph, "PNG", **frames),
        saved(photograph, "WEBP", exif=exif, icc_profile=adobe_rgb()),
        saved(clear, "WEBP", lossless=True),
        saved(photograph, "WEBP", **frames),
        saved(photograph.quantize(32), "GIF", transparency=3),
        saved(photograph, "GIF", **frames),
        saved(photograph, "TIFF", exif=exif, icc_profile=adobe_rgb()),
        saved(photograph, "TIFF", save_all=True, append_images=[quadrants()]),
        saved(Image.new("LAB", (96, 64), (128, 90, 160)), "TIFF"),
        saved(photograph.convert("F"), "TIFF"),
        saved(clear, "AVIF", exif=exif),
        saved(photograph, "AVIF", icc_profile=adobe_rgb()),
        (HERE / "sideways.heic").read_bytes(),
        (HERE / "quadrants.heic").read_bytes(),
        scans_apart(96, 64, 3),
        tiff(96, 64, zlib.compress(photograph.convert("L").tobytes()), TILED),
    ]
    packings = ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits")
    files += [saved(photograph, "TIFF", compression=packing) for packing in packings]
    files.append(saved(photograph.convert("1"), "TIFF", compression="group4"))
    files += [saved(photograph.quantize(32), "BMP"), saved(photograph, "BMP"), saved(clear, "BMP")]
    layouts = (
        Tiff(photometric=2, bits=16, samples=3, planar=True, compression=8, predictor=2),
        Tiff(photometric=2, bits=32, samples=3, kind=3, compression=8, predictor=3, tile=16),
        Tiff(photometric=1, bits=8, samples=2, planar=True, extra=(2,), big_endian=True),
        Tiff(photometric=5, bits=8, samples=5, extra=(2,)),
        Tiff(photometric=8, bits=16, samples=3),
        Tiff(photometric=1, bits=12, samples=1),
        Tiff(photometric=0, bits=32, samples=1, kind=2),
    )
    ramp = [[[(x * 7 + y) % 2] * 5 for x in range(24)] for y in range(16)]
    files += [tiffs.tiff(layout, ramp) for layout in layouts]
    return tuple(files)


INTERESTING = (
    b"\0",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x80\0",
    b"\1",
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A file of the corpus with up to four changes; PNG's checksums are made right again.

    Half of the changes are to a part as a whole: a chunk, a segment, a tag.
    """
    data = bytearray(draw(st.sampled_from(corpus())))
    for _ in range(draw(st.integers(0, 4))):
        # A quarter of the changes are in the header, where a byte matters most. Few of them change
        # the signature, because most files would be rejected there.
        begins = 0 if draw(st.integers(0, 20)) == 20 else 12
        ends = min(len(data), 300) if draw(st.integers(0, 3)) == 3 else len(data)
        at = draw(st.integers(begins, max(begins, ends - 1)))
        if draw(st.booleans()):
            data = bytearray(changed_part(bytes(data), draw(st.randoms(use_true_random=False))))
            continue
        kind = draw(st.sampled_from(("flip", "set", "cut", "drop", "double", "splice", "number")))
        length = draw(st.integers(1, 64))
        if kind == "flip" and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "set":
            data[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == "cut":
            del data[at:]
        elif kind == "drop":
            del data[at : at + length]
        elif kind == "double":
            data[at:at] = data[at : at + length]
        elif kind == "splice":
            other = draw(st.sampled_from(corpus()))
            source = draw(st.integers(0, len(other) - 1))
            data[at : at + length] = other[source : source + length]
        else:
            value = draw(st.sampled_from(INTERESTING))
            data[at : at + len(value)] = value
    return Upload(checked(bytes(data)))


class Upload(bytes):
    """Bytes that a report does not print: a failure leaves the smallest such file in LAST."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes, see {LAST}>"


PLANS = tuple(
    Plan(sizes={"m": 32, "s": 9}, formats=(name,), quality=80, fit=fit, animated=animated)
    for name, fit, animated in (
        ("jpeg", "inside", False),
        ("png", "cover", False),
        ("webp", "exact", True),
        ("webp", "inside", True),
    )
)


def decide(data: bytes, plan: Plan, drawn: int) -> None:
    """Thumbnails of the right format, or a refusal that a person can read; anything else fails."""
    LAST.write_bytes(data)
    as_deployed = not drawn or data[8:12] in HEIC_BRANDS or not read_apart(data)
    make = isolation.make_thumbnails if as_deployed else thumbs.make_thumbnails
    begun, said = spent(), os.fstat(2).st_size
    try:
        try:
            result = make(data, plan)
        except MemoryError:  # a tile that is larger than the bound of this process
            if as_deployed:
                raise
            result = isolation.make_thumbnails(data, plan)
    except RefusedError as error:
        OUTCOMES[error.reason] += 1
        CAUSES[type(error.__cause__).__name__] += 1
        if error.reason not in REASONS or not error.message.endswith("."):
            raise
    else:
        OUTCOMES["made"] += 1
        for made in result.thumbnails:
            size = Image.open(io.BytesIO(made.body)).size
            if size != (made.width, made.height):
                raise ValueError(f"a thumbnail is {size}, not {made.width} x {made.height}")
    if as_deployed and os.fstat(2).st_size > said:
        raise ValueError(f"{len(data)} bytes were reported to standard error")
    check_seconds(spent() - begun, data, plan, as_deployed=as_deployed)


def check_seconds(seconds: float, data: bytes, plan: Plan, *, as_deployed: bool) -> None:
    """Fail if the file takes longer than a second of processor time as deployed."""
    if seconds > 1 and not as_deployed:  # in this process a large tile takes its time to fill
        begun = spent()
        with suppress(RefusedError):
            isolation.make_thumbnails(data, plan)
        seconds = spent() - begun
    if seconds > 1:
        raise TimeoutError(f"{seconds:.2f} s for {len(data)} bytes")


def main(seconds: float, first: int) -> None:
    """Run rounds until the time is up."""
    faulthandler.enable()
    LAST.parent.mkdir(parents=True, exist_ok=True)
    corpus()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**30, resource.RLIM_INFINITY))
    print(f"seed {first}, {len(corpus())} files, {seconds:.0f} s", flush=True)
    ends, number = time.monotonic() + seconds, first
    while time.monotonic() < ends:
        case = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )(seed(number)(given(mutated(), st.sampled_from(PLANS), st.integers(0, SHARE - 1))(decide)))
        case()
        number += 1
    total = sum(OUTCOMES.values())
    print(f"{total} files in {number - first} rounds, nothing unexpected")
    print(f"outcomes: {dict(OUTCOMES.most_common())}")
    print(f"what the readers raised: {dict(CAUSES.most_common())}")


if __name__ == "__main__":
    main(
        float(sys.argv[1]) if len(sys.argv) > 1 else 60,
        int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**32),
    )
