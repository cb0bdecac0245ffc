"""Several formats of each size: one decode, and the same bytes as from each format alone."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from PIL import Image

from handler.pictures import thumbs as module
from tests.handler.conftest import upload
from tests.handler.pictures import BLUE, GREEN, RED, animation, near, quadrants, saved, thumbs

if TYPE_CHECKING:
    from collections.abc import Callable

    from handler.pictures.thumbs import Result
    from tests.handler.conftest import Container
    from tests.handler.fake_aws import FakeAws

SIZES = {"l": 32, "s": 12}
ALL = ("jpeg", "webp", "png", "avif")


def opened(result: Result) -> dict[str, Image.Image]:
    """The images by file name."""
    return {
        f"{each.name}.{each.extension}": Image.open(io.BytesIO(each.body))
        for each in result.thumbnails
    }


@pytest.mark.parametrize("fit", ["inside", "exact"])
def test_formats_together_give_the_bytes_of_each_alone(fit: str) -> None:
    """Adding a format would otherwise change thumbnails that browsers already keep."""
    for data in (saved(quadrants(), "JPEG"), saved(quadrants(), "PNG"), animation("GIF")):
        alone = [thumbs(data, SIZES, formats=(each,), fit=fit, animated=True) for each in ALL]
        together = thumbs(data, SIZES, formats=ALL, fit=fit, animated=True).thumbnails
        assert list(together) == [one.thumbnails[at] for at in range(len(SIZES)) for one in alone]


def test_the_picture_is_decoded_and_resized_once_for_all_formats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Decoding is most of the time; a format more costs its encoding alone."""
    read, still = Mock(side_effect=module.read), Mock(side_effect=module.still)
    monkeypatch.setattr(module, "read", read)
    monkeypatch.setattr(module, "still", still)
    assert len(thumbs(saved(quadrants(), "PNG"), SIZES, formats=ALL).thumbnails) == 8
    assert (read.call_count, still.call_count) == (1, 1)


def test_a_format_without_transparency_alone_gets_the_background() -> None:
    """A logo stays see-through as WebP, and as JPEG it is on the page's colour, not on black."""
    data = saved(Image.new("RGBA", (64, 48), (0, 0, 0, 0)), "PNG")
    made = opened(thumbs(data, SIZES, formats=("jpeg", "webp"), background="#4080c0"))
    for size in SIZES:
        assert near(made[f"{size}.jpg"].getpixel((4, 4)), (0x40, 0x80, 0xC0))  # type: ignore[arg-type]
        assert made[f"{size}.webp"].convert("RGBA").getpixel((4, 4))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("formats", [("webp", "jpeg"), ("jpeg", "webp")])
def test_an_animation_moves_in_webp_and_stands_still_beside_it(formats: tuple[str, ...]) -> None:
    """A page offers WebP to browsers, and JPEG to mail programs, which show one frame."""
    made = opened(thumbs(animation("GIF"), SIZES, formats=formats, animated=True))
    assert sorted(made) == ["l.jpg", "l.webp", "s.jpg", "s.webp"]
    assert made["l.webp"].n_frames == 3  # type: ignore[attr-defined]
    assert near(made["l.jpg"].getpixel((9, 9)), RED, within=20)  # type: ignore[arg-type]


def test_the_still_of_an_apng_is_the_still_beside_its_animation() -> None:
    """It stands for the animation where none is shown."""
    images = [Image.new("RGB", (64, 48), colour) for colour in (BLUE, GREEN)]
    still = Image.new("RGB", (64, 48), RED)
    data = saved(still, "PNG", save_all=True, default_image=True, append_images=images)
    made = opened(thumbs(data, SIZES, formats=("webp", "png"), animated=True))
    assert near(made["l.png"].getpixel((9, 9)), RED)  # type: ignore[arg-type]
    assert near(made["l.webp"].convert("RGB").getpixel((9, 9)), BLUE, within=25)  # type: ignore[arg-type]


def test_a_damaged_later_frame_gives_stills_in_every_format() -> None:
    """The first frame is still good."""
    data = animation("GIF")
    made = opened(thumbs(data[: len(data) - 20], SIZES, formats=("webp", "jpeg"), animated=True))
    assert {getattr(each, "n_frames", 1) for each in made.values()} == {1}


def test_the_function_writes_each_size_in_each_format(
    aws: FakeAws, start: Callable[..., Container]
) -> None:
    """If the content type were wrong, a browser would download the thumbnail and show nothing."""
    container = start(FORMATS="jpeg,webp")
    assert container.invoke(upload(aws, "originals/a.png", saved(quadrants(), "PNG"))) == []
    assert {key: each["content-type"] for key, each in aws.headers.items()} == {
        f"thumbnails/a.png/{size}.{extension}": f"image/{kind}"
        for size in ("small", "medium", "large")
        for extension, kind in (("jpg", "jpeg"), ("webp", "webp"))
    }


@pytest.mark.parametrize(("formats", "made"), [("jpeg", 3), ("jpeg,webp", 0)])
def test_the_longest_extension_bounds_a_key(
    aws: FakeAws, start: Callable[..., Container], formats: str, made: int
) -> None:
    """A key that fits with `.jpg` is one byte too long with `.webp`, and no retry helps."""
    below = "a" * (1024 - len("thumbnails//medium.jpg"))
    message = upload(aws, f"originals/{below}", saved(quadrants(), "PNG"))
    assert start(FORMATS=formats).invoke(message) == []
    assert len(aws.headers) == made
    assert [each["reason"] for each in aws.refused] == ["key-too-long"] * (not made)
