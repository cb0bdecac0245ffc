"""What is written: the formats, nothing of the uploader's life, the same bytes every time."""

from __future__ import annotations

import io
import subprocess
import sys
import zlib
from typing import Any

import pytest
from PIL import ExifTags, Image

from handler.encoders import ENCODERS
from handler.limits import MAX_KEPT_PIXELS, MAX_MEMORY
from tests.handler.pictures import (
    BLUE,
    GREEN,
    RED,
    SAMPLES,
    adobe_rgb,
    corners,
    linear_grey,
    near,
    quadrants,
    saved,
    thumb,
    thumbs,
)

INPUTS = ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"]
OUTPUTS = ["jpeg", "webp", "png", "avif"]


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_thumbnail_is_what_it_says(output: str) -> None:
    """The content type goes to S3, and from there to browsers."""
    made = thumbs(saved(quadrants(), "PNG"), {"s": 32}, format=output).thumbnails[0]
    image = Image.open(io.BytesIO(made.body))
    assert image.format == ENCODERS[output].name
    assert Image.MIME[str(image.format)] == made.content_type
    assert made.extension == {"jpeg": "jpg"}.get(output, output)
    assert image.size == (made.width, made.height) == (32, 24)
    assert all(near(a, b, 20) for a, b in zip(corners(image), corners(quadrants()), strict=True))


@pytest.mark.parametrize("output", ["jpeg", "webp", "avif"])
def test_quality_reaches_the_encoder(output: str) -> None:
    """And a lower one gives fewer bytes."""
    data = (SAMPLES / "coffee.png").read_bytes()
    low, high = (
        len(thumbs(data, {"s": 200}, format=output, quality=quality).thumbnails[0].body)
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
    """Thumbnails are public, and a position is an address. A profile that is not used is no use."""
    data = private(file_format, profile)
    assert b"Secret" in data
    body = thumbs(data, {"s": 32}, format=output).thumbnails[0].body
    image = Image.open(io.BytesIO(body))
    image.load()
    assert b"Secret" not in body
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_same_input_gives_the_same_bytes(output: str) -> None:
    """S3 delivers an event twice, and the second run must change nothing."""
    data = private("JPEG")
    one, two = (thumbs(data, {"l": 40, "s": 20}, format=output) for _ in range(2))
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
    made = (thumbs(private("JPEG"), {"s": 32}, format=output) for output in OUTPUTS)
    return "-".join(f"{hash_of(result.thumbnails[0].body):08x}" for result in made)


def hash_of(body: bytes) -> int:
    """A checksum that no seed changes."""
    return zlib.crc32(body)


def animation(file_format: str, frames: int = 3, size: tuple[int, int] = (64, 48)) -> bytes:
    """Red, blue, green, and again: neighbours differ, else encoders make them one."""
    images = [Image.new("RGB", size, (RED, BLUE, GREEN)[number % 3]) for number in range(frames)]
    if file_format == "GIF":
        images = [image.quantize(8) for image in images]
    return saved(
        images[0], file_format, save_all=True, append_images=images[1:], duration=70, loop=0
    )


ANIMATED = ["GIF", "WEBP", "PNG", "AVIF"]


@pytest.mark.parametrize("file_format", ANIMATED)
@pytest.mark.parametrize("output", OUTPUTS)
def test_an_animation_gives_its_first_frame(file_format: str, output: str) -> None:
    """A still is what a gallery shows."""
    made = thumb(animation(file_format), format=output)
    assert getattr(made, "n_frames", 1) == 1
    assert near(made.convert("RGB").getpixel((20, 20)), RED, within=20)  # type: ignore[arg-type]


@pytest.mark.parametrize("file_format", ANIMATED)
@pytest.mark.parametrize("fit", ["inside", "cover", "exact"])
def test_an_animation_stays_one_where_asked(file_format: str, fit: str) -> None:
    """All frames, their times, and for ever."""
    result = thumbs(
        animation(file_format), {"l": 32, "s": 16}, format="webp", animated=True, fit=fit
    )
    for made in result.thumbnails:
        image = Image.open(io.BytesIO(made.body))
        assert image.n_frames == 3  # type: ignore[attr-defined]
        assert image.size == (made.width, made.height)
        assert image.info["loop"] == 0
        seen = []
        for number in range(3):
            image.seek(number)
            image.load()
            seen.append(image.convert("RGB").getpixel((made.width // 2, made.height // 2)))
            assert image.info["duration"] == 70
        assert near(seen[0], RED, within=25)
        assert near(seen[1], BLUE, within=25)
        assert near(seen[2], GREEN, within=25)


@pytest.mark.parametrize(
    ("file_format", "settings"),
    [
        ("PNG", {"loop": 2**24}),  # found by fuzzing
        ("PNG", {"duration": 0}),
        ("AVIF", {"duration": 2**24}),
    ],
)
def test_absurd_times_and_counts_are_bounded(file_format: str, settings: dict[str, int]) -> None:
    """WebP has 24 bits for a time and 16 for a count, and its encoder fails at the very end."""
    second = Image.new("RGB", (64, 48), RED)
    data = saved(quadrants(), file_format, save_all=True, append_images=[second], **settings)
    made = thumb(data, format="webp", animated=True)
    assert made.n_frames == 2  # type: ignore[attr-defined]
    made.load()
    assert made.info["duration"] > 0  # browsers show a frame without a time for 100 ms


def test_animated_needs_webp() -> None:
    """Other outputs hold one frame, or are not worth it; the option does nothing there."""
    made = thumb(animation("GIF"), format="jpeg", animated=True)
    assert made.format == "JPEG"


def test_pages_of_a_tiff_are_no_animation() -> None:
    """A scanned letter would flicker."""
    data = saved(quadrants(), "TIFF", save_all=True, append_images=[quadrants(), quadrants()])
    made = thumb(data, format="webp", animated=True)
    assert made.n_frames == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(("frames", "kept"), [(10, 10), (11, 1)])
@pytest.mark.parametrize(
    ("limit", "bound"),
    [
        ("MAX_KEPT_PIXELS", 10 * 32 * 24),
        ("MAX_DECODED_PIXELS", 10 * 64 * 48),
        ("MAX_FRAMES", 10),
        ("MAX_MEMORY", 12 * 64 * 48 + 8 * 10 * 32 * 24),
    ],
)
def test_an_animation_too_long_becomes_a_still(
    limit: str, bound: int, frames: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames are decoded whole and kept until they are encoded; the limits refuse nobody."""
    monkeypatch.setattr(f"handler.limits.{limit}", bound)
    made = thumb(animation("GIF", frames), 32, format="webp", animated=True)
    assert made.n_frames == kept  # type: ignore[attr-defined]
    assert near(made.convert("RGB").getpixel((9, 9)), RED, within=20)  # type: ignore[arg-type]


def test_an_animation_that_outgrows_its_header_becomes_a_still() -> None:
    """The limits go by the header: 16 by 16 there, and frames of 98 megapixels took 1.2 GB."""
    first = Image.linear_gradient("L").resize((16, 16))
    large = saved(Image.new("P", (999, 999)), "GIF")
    frame = large[large.index(b"\x2c", 13) : -1]
    data = saved(first, "GIF")[:-1] + frame * 3 + b"\x3b"
    result = thumbs(data, format="webp", animated=True)
    made = Image.open(io.BytesIO(result.thumbnails[0].body))
    assert made.n_frames == 1  # type: ignore[attr-defined]
    assert (result.width, result.height) == (16, 16)


@pytest.mark.parametrize(("told", "plays"), [(None, 1), (0, 0), (1, 2), (3, 4), (65_535, 65_535)])
def test_a_gif_is_shown_as_often_as_before(told: int | None, plays: int) -> None:
    """GIF counts the repeats behind the first time, WebP all times."""
    settings = {} if told is None else {"loop": told}
    second = Image.new("RGB", (64, 48), RED)
    data = saved(quadrants(), "GIF", save_all=True, append_images=[second], **settings)
    assert thumb(data, format="webp", animated=True).info["loop"] == plays


def test_the_still_of_an_apng_is_no_part_of_its_animation() -> None:
    """It stands for the animation where none is shown: often a title, or a play button."""
    images = [Image.new("RGB", (64, 48), colour) for colour in (RED, GREEN)]
    data = saved(
        quadrants(), "PNG", save_all=True, default_image=True, append_images=images, duration=70
    )
    made = thumb(data, format="webp", animated=True)
    assert made.n_frames == 2  # type: ignore[attr-defined]
    assert near(made.convert("RGB").getpixel((4, 4)), RED, within=25)  # type: ignore[arg-type]
    assert near(thumb(data).convert("RGB").getpixel((28, 4)), GREEN)  # type: ignore[arg-type]


def test_the_frames_kept_fit_beside_a_picture() -> None:
    """Four bytes a pixel, within the memory that one picture may take."""
    assert 4 * MAX_KEPT_PIXELS < MAX_MEMORY / 2


@pytest.mark.parametrize("name", ["astronaut.png", "chelsea.png", "hubble_deep_field.jpg"])
def test_real_pictures_stay_near_a_full_decode(name: str) -> None:
    """Reduced scale and chained sizes are only worth it if nobody can see them."""
    data = (SAMPLES / name).read_bytes()
    result = thumbs(data, {"l": 256, "s": 100})
    full = Image.open(io.BytesIO(data)).convert("RGB")
    for made in result.thumbnails:
        image = Image.open(io.BytesIO(made.body)).convert("RGB")
        best = full.resize(image.size, Image.Resampling.LANCZOS)
        pairs = zip(image.tobytes(), best.tobytes(), strict=True)
        error = sum((a - b) ** 2 for a, b in pairs) / (3 * image.width * image.height)
        assert error < 12  # 37 dB
