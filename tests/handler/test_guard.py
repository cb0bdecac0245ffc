"""Any error that a picture causes in a library, at any step, becomes that picture's refusal."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from PIL import Image

from handler.pictures import frames, thumbs
from handler.pictures.errors import FailedError, RefusedError
from handler.pictures.isolation import make_thumbnails
from handler.pictures.thumbs import Plan
from tests.handler.parts import changed_part
from tests.handler.pictures import quadrants, saved
from tests.handler.pictures.tiffs import Tiff, tiff

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

PLAN = Plan(sizes={"s": 16}, formats=("webp",), quality=80, animated=True)
FAULTS = (
    AttributeError("x"),
    IndexError("x"),
    KeyError("x"),
    OSError("x"),
    OverflowError("x"),
    RecursionError("x"),
    RuntimeError("x"),
    SyntaxError("x"),
    TypeError("x"),
    ValueError("x"),
    ZeroDivisionError("x"),
    struct.error("x"),
)
STEPS = ((thumbs, "read"), (frames, "scaled"), (frames, "to_srgb"), (thumbs, "encoded"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize(("module", "step"), STEPS, ids=[step for _, step in STEPS])
def test_a_fault_at_any_step_is_a_refusal(
    module: Any, step: str, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the guard it would cost five tries, a dead letter and an alarm."""

    def raises(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(module, step, raises)
    with pytest.raises(RefusedError) as caught:
        thumbs.make_thumbnails(saved(quadrants(), "PNG"), PLAN)
    assert caught.value.reason == "damaged"
    assert "x" not in caught.value.message.split()


@pytest.mark.parametrize("fault", [MemoryError(), ImportError("x"), FailedError("x")], ids=repr)
def test_what_is_not_the_pictures_doing_is_no_refusal(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that is too small, or an incomplete layer, must raise an alarm."""

    def raises(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(frames, "scaled", raises)
    with pytest.raises(type(fault)):
        thumbs.make_thumbnails(saved(quadrants(), "PNG"), PLAN)


FILES = {
    "JPEG": saved(quadrants(), "JPEG"),
    "PNG": saved(quadrants(), "PNG"),
    "PNG with a palette": saved(quadrants().quantize(8), "PNG", transparency=1),
    "APNG": saved(quadrants(), "PNG", save_all=True, append_images=[quadrants().rotate(90)]),
    "WebP": saved(quadrants(), "WEBP", exif=b"Exif\0\0" + bytes(30)),
    "animated WebP": saved(
        quadrants(), "WEBP", save_all=True, append_images=[Image.new("RGB", (64, 48))]
    ),
    "TIFF": saved(quadrants(), "TIFF"),
    "TIFF in planes": tiff(
        Tiff(photometric=2, bits=16, samples=3, planar=True, compression=8, predictor=2),
        [[[x * 999 % 65_536] * 3 for x in range(24)] for _ in range(16)],
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_changed_part_gives_a_thumbnail_or_a_refusal(name: str) -> None:
    """Chunks, segments and tags emptied, cut, doubled, renamed; their checksums are right."""
    draw = random.Random(name)  # noqa: S311
    outcomes: set[str] = set()
    for _ in range(150):
        data = changed_part(FILES[name], draw)
        try:
            thumbs.make_thumbnails(data, PLAN)
            outcomes.add("made")
        except RefusedError as error:
            outcomes.add(error.reason)
    assert len(outcomes) > 1


def test_a_fault_in_the_process_of_its_own_is_a_refusal_too() -> None:
    """A number where the profile should be, and a palette that is too short."""
    layout = Tiff(photometric=3, bits=8, samples=1, tags=((320, 3, (1, 2, 3)),))
    with pytest.raises(RefusedError):
        make_thumbnails(tiff(layout, [[[200]] * 8] * 8), PLAN)
