"""Thumbnails: the formats, no private data of the uploader, and the same bytes every time."""

from __future__ import annotations

import gc
import io
import subprocess
import sys
import weakref
import zlib
from typing import Any

import pytest
from PIL import ExifTags, Image

from handler.pictures.formats import ENCODERS
from handler.pictures.geometry import inside
from handler.pictures.limits import DEFAULT
from handler.pictures.opening import open_picture
from handler.pictures.pixels import read, scaled
from tests.filled import filled
from tests.handler.pictures import (
    SAMPLES,
    adobe_rgb,
    corners,
    linear_grey,
    near,
    quadrants,
    saved,
    thumbs,
)

INPUTS = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"]
OUTPUTS = ["jpeg", "webp", "png", "avif"]


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_thumbnail_is_what_it_says(output: str) -> None:
    """The content type goes to S3, and from there to browsers."""
    made = thumbs(saved(quadrants(), "PNG"), {"s": 32}, formats=(output,)).thumbnails[0]
    image = Image.open(io.BytesIO(made.body))
    assert image.format == ENCODERS[output].name
    assert Image.MIME[str(image.format)] == made.content_type
    assert made.extension == {"jpeg": "jpg"}.get(output, output)
    assert image.size == (made.width, made.height) == (32, 24)
    assert all(near(a, b, 20) for a, b in zip(corners(image), corners(quadrants()), strict=True))


@pytest.mark.parametrize("output", ["jpeg", "webp", "avif"])
def test_quality_reaches_the_encoder(output: str) -> None:
    """A lower quality gives fewer bytes."""
    data = (SAMPLES / "coffee.png").read_bytes()
    low, high = (
        len(thumbs(data, {"s": 200}, formats=(output,), quality=quality).thumbnails[0].body)
        for quality in (30, 90)
    )
    assert low * 2 < high


def private(file_format: str, profile: bytes | None = None) -> bytes:
    """A picture that tells where it was taken, by whom and with what."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Secret Camera"
    exif[ExifTags.Base.ImageDescription] = "Secret Title"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    settings: dict[str, Any] = {"exif": exif, "icc_profile": profile or adobe_rgb()}
    if file_format != "TIFF":
        settings["xmp"] = b"<x:xmpmeta>Secret Place</x:xmpmeta>"
    if file_format == "JPEG":
        settings["comment"] = b"Secret Comment"
    return saved(quadrants(), file_format, **settings)


@pytest.mark.parametrize("file_format", INPUTS)
@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("profile", [adobe_rgb(), linear_grey(), b"broken"])
def test_nothing_private_survives(file_format: str, output: str, profile: bytes) -> None:
    """Thumbnails are public, and a GPS position can be a home address. A profile that is not used
    would only leak data.
    """
    data = private(file_format, profile)
    assert b"Secret" in data
    body = thumbs(data, {"s": 32}, formats=(output,)).thumbnails[0].body
    image = Image.open(io.BytesIO(body))
    image.load()
    assert b"Secret" not in body
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_same_input_gives_the_same_bytes(output: str) -> None:
    """S3 delivers an event twice, and the second run must change nothing."""
    data = private("JPEG")
    one, two = (thumbs(data, {"l": 40, "s": 20}, formats=(output,)) for _ in range(2))
    assert one == two


def test_another_process_gives_the_same_bytes() -> None:
    """A hash seed or the time of day in a profile would differ there."""
    script = "from tests.handler.test_thumbs_output import digest; print(digest())"
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {digest() + "\n"}


def digest() -> str:
    """The bytes of one picture's thumbnails in every format, in short."""
    made = (thumbs(private("JPEG"), {"s": 32}, formats=(output,)) for output in OUTPUTS)
    return "-".join(f"{hash_of(result.thumbnails[0].body):08x}" for result in made)


def hash_of(body: bytes) -> int:
    """A checksum that no seed changes."""
    return zlib.crc32(body)


@pytest.mark.parametrize("name", ["astronaut.png", "chelsea.png", "hubble_deep_field.jpg"])
def test_real_pictures_stay_near_a_full_decode(name: str) -> None:
    """Reduced scale and chained sizes are only worth it if nobody can see them."""
    data = (SAMPLES / name).read_bytes()
    result = thumbs(data, {"l": 256, "s": 100})
    full = Image.open(io.BytesIO(data)).convert("RGB")
    for made in filled(result.thumbnails):
        image = Image.open(io.BytesIO(made.body)).convert("RGB")
        best = full.resize(image.size, Image.Resampling.LANCZOS)
        pairs = zip(image.tobytes(), best.tobytes(), strict=True)
        error = sum((a - b) ** 2 for a, b in pairs) / (3 * image.width * image.height)
        assert error < 12  # 37 dB


@pytest.mark.parametrize("file_format", ["JPEG", "progressive", "PNG", "GIF", "WEBP"])
def test_pixels_are_freed_with_the_picture(file_format: str) -> None:
    """They must not wait for the garbage collector, because ten pictures of a batch would add up
    until then.
    """
    progressive = file_format == "progressive"
    data = saved(quadrants(), "JPEG" if progressive else file_format, progressive=progressive)
    gc.disable()
    try:
        original = read(open_picture(data), data, DEFAULT)
        scaled(original, inside(original.upright, 4)).load()
        file = weakref.ref(original.file)
        del original
        assert file() is None
    finally:
        gc.enable()
