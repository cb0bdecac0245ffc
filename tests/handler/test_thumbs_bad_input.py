"""Whatever is uploaded gives a thumbnail or a reason, soon and in little memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from handler.pictures.errors import RefusedError
from tests.handler.pictures import HERE, quadrants, sample, saved, thumb, thumbs
from tests.handler.pictures.forged import huge_avif, huge_heic, scans_apart, tiff
from tests.handler.pictures.hostile import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Pillow warns of what it forgives; the suite would raise that, the function does not.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

FAST: dict[str, Any] = {"lossless": True, "quality": 0, "method": 0}

REASONS = {"empty", "not-an-image", "unsupported", "too-large", "truncated", "damaged"}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str, float, int]]:
    """Every hostile file by name: the outcome, a message, seconds and MB."""
    folder = tmp_path_factory.mktemp("hostile")
    paths = [folder / str(number) for number in range(len(HOSTILE))]
    for path, (make, _) in zip(paths, HOSTILE.values(), strict=True):
        path.write_bytes(make())
    made = dict(zip(HOSTILE, _made(paths), strict=True))
    # A neighbour on the same core makes the processor slower; a second try tells it from the file.
    slow = [number for number, name in enumerate(HOSTILE) if made[name][2] >= 1]
    for number, second in zip(slow, _made([paths[each] for each in slow]), strict=True):
        name = list(HOSTILE)[number]
        made[name] = min(made[name], second, key=_seconds)
    for path in paths:
        path.unlink()
    return made


def _made(paths: list[Path]) -> list[tuple[str, str, float, int]]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.handler.one_picture", *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    return [json.loads(line) for line in run.stdout.splitlines()]


def _seconds(decision: tuple[str, str, float, int]) -> float:
    return decision[2]


@pytest.mark.xdist_group("hostile")  # one worker makes them all
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_decided_within_a_second_and_512_mb(
    name: str, decided: dict[str, tuple[str, str, float, int]]
) -> None:
    """One upload must not take the function down with the nine others of its batch."""
    outcome, message, seconds, megabytes = decided[name]
    assert outcome in HOSTILE[name][1], message
    assert seconds < 1
    assert megabytes < 512
    if outcome != "made":
        assert outcome in REASONS
        assert message[0].isupper()
        assert message.endswith(".")


# 4, 10, 10 and 16 bytes a pixel; 2 a coefficient, and the picture at 1/8. The first three run with
# an interpreter (32 MB) and a file of their own.
@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: tiff(9_000, 9_000, b"", {258: 32, 259: 1, 262: 1, 278: 9_000, 339: 3}),
            "TIFF of 81 _ 341",
        ),
        (huge_avif, "AVIF of 36 _ 375"),
        (huge_heic, "HEIF of 36 _ 375"),
        (lambda: saved(Image.new("RGB", (5000, 4400)), "WEBP", **FAST), "WEBP of 22 _ 336"),
        (lambda: scans_apart(10_000, 10_000, 3), "JPEG of 100 _ 578"),
    ],
)
def test_what_a_picture_would_take_is_told_before_it_is_taken(
    make: Callable[[], bytes], told: str
) -> None:
    """docs/handler.md has the formula, by which an uploader knows how much smaller the picture
    must be.
    """
    with pytest.raises(RefusedError) as caught:
        thumbs(make())
    sentence = f"The {told} MB to decode; the limit is 320 MB."
    assert caught.value.message.startswith(sentence.replace("_", "million pixels would take"))


def real(file_format: str) -> bytes:
    """A picture with detail in a format."""
    if file_format == "HEIC":
        return (HERE / "quadrants.heic").read_bytes()
    image = Image.open(io.BytesIO(sample("coffee.png"))).convert("RGB").resize((200, 133))
    if file_format == "GIF":
        image = image.quantize(64)
    if file_format == "progressive":
        return saved(image, "JPEG", progressive=True)
    if file_format == "deflated TIFF":
        return saved(image, "TIFF", compression="tiff_adobe_deflate")
    return saved(image, file_format)


@pytest.mark.parametrize("tenths", range(1, 10))
@pytest.mark.parametrize(
    "file_format",
    ["JPEG", "progressive", "PNG", "WEBP", "GIF", "TIFF", "deflated TIFF", "AVIF", "HEIC"],
)
def test_a_file_cut_short_is_refused(file_format: str, tenths: int) -> None:
    """Half an upload must not become a permanent half thumbnail."""
    data = real(file_format)
    with pytest.raises(RefusedError) as caught:
        thumbs(data[: len(data) * tenths // 10], formats=("jpeg",))
    assert caught.value.reason in {"truncated", "damaged"}


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_most_files_cut_in_half_are_called_truncated(file_format: str) -> None:
    """The uploader then knows to send it again; "damaged" would blame the camera."""
    data = real(file_format)
    with pytest.raises(RefusedError) as caught:
        thumbs(data[: len(data) // 2])
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(20),
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x04\0\0\0abcd\0\0\0\0",  # orientation "abcd"
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x05\0\x01\0\0\0\x1a\0\0\0\0\0\0\0"
        + bytes(8),  # 0/0
        b"\xff" * 200,
    ],
)
@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "PNG"])
def test_a_broken_exif_block_costs_only_the_orientation(file_format: str, exif: bytes) -> None:
    """Its pixels are good."""
    made = thumb(saved(quadrants(), file_format, exif=exif))
    assert made.size == (32, 24)


def test_content_decides_and_nothing_else_is_asked() -> None:
    """The function is given no name at all: a PNG called .jpg is a PNG."""
    assert thumbs(sample("coffee.png")).format == "PNG"
    assert thumbs(sample("rocket.jpg")).format == "JPEG"


def test_a_picture_with_other_views_is_a_jpeg() -> None:
    """Telephones write MPO: a JPEG with a depth map or a second lens behind it."""
    data = saved(quadrants(), "MPO", save_all=True, append_images=[quadrants(32, 24)])
    assert Image.open(io.BytesIO(data)).format == "MPO"
    result = thumbs(data)
    assert result.format == "JPEG"
    assert (result.width, result.height) == (64, 48)


@pytest.mark.parametrize("file_format", ["ICO", "PPM", "TGA", "PCX", "JPEG2000", "SGI", "DDS"])
def test_readers_off_the_list_are_never_asked(file_format: str) -> None:
    """Pillow has some forty readers, and most of them are seldom checked."""
    with pytest.raises(RefusedError) as caught:
        thumbs(saved(quadrants(64, 64), file_format))
    assert caught.value.reason in {"unsupported", "not-an-image"}


def test_running_out_of_memory_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits allow the picture, so the function is too small, which must raise an alarm."""

    def exhausted(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "load", exhausted)
    with pytest.raises(MemoryError):
        thumbs(sample("rocket.jpg"))
