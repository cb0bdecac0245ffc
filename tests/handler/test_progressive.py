"""A progressive JPEG at an eighth: what is not decoded changes no pixel and no refusal."""

from __future__ import annotations

import io
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from handler.pictures import pixels, progressive
from handler.pictures.errors import RefusedError
from handler.pictures.progressive import without_detail
from handler.pictures.thumbs import Plan, Result, make_thumbnails
from tests.handler.pictures import sample, saved
from tests.handler.pictures.forged import segment
from tests.handler.pictures.progressive import (
    CB,
    CR,
    PHOTOGRAPHS,
    Y,
    header,
    parts,
    photograph,
    without_scans,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Pillow warns of what it forgives; the suite would raise that, the function does not.
pytestmark = pytest.mark.filterwarnings("ignore:::PIL")


def an_eighth(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    """What libjpeg decodes at an eighth: mode, size and pixels."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft(None, (image.width // 8, image.height // 8))
        assert image.decoderconfig == (8, 0)
        image.load()
        return image.mode, image.size, image.tobytes()


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_the_pixels_are_exactly_those_of_the_whole_file(name: str) -> None:
    """A thumbnail must not depend on the way in which it was made."""
    data = PHOTOGRAPHS[name]()
    cut = without_detail(data)
    assert len(cut) < len(data)
    assert an_eighth(cut) == an_eighth(data)


@pytest.mark.parametrize(
    ("name", "from_means"),
    [
        ("4:4:4", {Y, CB, CR}),
        ("4:2:2", {Y, CB, CR}),
        ("4:4:0", {Y, CB, CR}),
        ("4:1:1", {Y, CB, CR}),
        ("4:2:0", {Y}),
        ("grey", {Y}),
        ("CMYK", set(b"CMYK")),
        ("RGB", set(b"RGB")),
        ("restarts", {Y}),
        ("bytes behind the end", {Y}),
    ],
)
def test_just_the_data_that_an_eighth_does_not_use_is_left_out(
    name: str, from_means: set[int]
) -> None:
    """Headers and tables stay, so that libjpeg checks what it would have checked."""
    data = PHOTOGRAPHS[name]()
    picture = data[: data.rindex(b"\xff\xd8")] if name == "bytes behind the end" else data
    first, *scans, end = parts(picture)
    left = [scan[: scan.index(header(scan)) + len(header(scan))] for scan in scans]
    needed = [not header(scan)[-3] or header(scan)[1] not in from_means for scan in scans]
    kept = [scan if need else head for scan, head, need in zip(scans, left, needed, strict=True)]
    assert without_detail(data) == b"".join([first, *kept, end])


def changed(at: bytes, offset: int, value: int, data: bytes | None = None) -> bytes:
    """With one byte changed, so far behind the first such marker."""
    whole = bytearray(data or photograph())
    whole[whole.index(at) + offset] = value
    return bytes(whole)


ODD: dict[str, Callable[[], bytes]] = {
    "a file without progression": lambda: saved(Image.new("RGB", (64, 64)), "JPEG"),
    "arithmetic coding": lambda: changed(b"\xff\xc2", 1, 0xCA),
    "no end": lambda: photograph()[:-2],
    "half an upload": lambda: photograph()[: len(photograph()) // 2],
    "luminance without its last bits": lambda: without_scans(Y, precision=0x10),
    "luminance without detail": lambda: without_scans(Y),
    "a colour without its last bits": lambda: without_scans(CR, precision=0x10),
    "a colour without detail": lambda: without_scans(CR),
    "a component without any scan": lambda: changed(b"\xff\xc2", 16, 9),
    "two components of one name": lambda: changed(b"\xff\xc2", 13, Y),
    "a frame without components": lambda: photograph().replace(b"\xff\xc2", b"\xff\xc2\0\x02" * 2),
    "a scan without parameters": lambda: changed(b"\xff\xda", 3, 7),
    "a length of one": lambda: photograph()[:2] + b"\xff\xe1\0\x01" + photograph()[2:],
    "a length beyond the file": lambda: changed(b"\xff\xdb", 2, 0xFF),
    "a marker without parameters": lambda: photograph()[:-2] + b"\xff\x01\0\x02\xff\xd9",
    "1,000 comments": lambda: photograph()[:-2] + segment(0xFE, b"") * 1000 + b"\xff\xd9",
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("name", ODD)
def test_whatever_is_odd_stays_as_it_is(name: str) -> None:
    """libjpeg handles each of these in a special way: it refuses, resynchronises, or smooths."""
    data = ODD[name]()
    assert without_detail(data) is data


def test_no_second_copy_is_made_of_a_large_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function's memory holds an original of 80 MB, and decoding, but not two originals."""
    data = photograph()
    cut = without_detail(data)
    monkeypatch.setattr(progressive, "MOST_KEPT", len(cut))
    assert without_detail(data) == cut
    monkeypatch.setattr(progressive, "MOST_KEPT", len(cut) - 1)
    assert without_detail(data) is data


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bytes that libjpeg is given, in order."""
    given: list[bytes] = []
    load_read = JpegImageFile.load_read

    def recorded(self: JpegImageFile, read_bytes: int) -> bytes:
        given.append(load_read(self, read_bytes))
        return given[-1]

    monkeypatch.setattr(JpegImageFile, "load_read", recorded)
    return given


PLAN = Plan(sizes={"s": 24}, formats=("png",), quality=80)


@pytest.mark.parametrize("file_format", ["JPEG", "MPO"])
def test_thumbnails_at_an_eighth_are_made_without_the_detail(
    file_format: str, handed: list[bytes]
) -> None:
    """libjpeg reads 0.6 MB of a progressive JPEG of 16 MB: 120 ms instead of 820."""
    image = Image.open(io.BytesIO(sample("coffee.png"))).convert("RGB").resize((264, 184))
    views: dict[str, Any] = {"save_all": True, "append_images": [image]}
    data = saved(image, file_format, progressive=True, **(views if file_format == "MPO" else {}))
    make_thumbnails(data, PLAN)
    assert handed == [without_detail(data)]
    assert len(handed[0]) < len(data) / 2


@pytest.mark.parametrize(
    ("side", "settings"), [(27, {}), (52, {}), (104, {}), (208, {}), (26, {"progressive": False})]
)
def test_everything_else_is_made_of_the_whole_file(
    side: int, settings: dict[str, bool], handed: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 1/4 or a larger scale, every coefficient counts; a baseline file has nothing to leave out.

    Looking for something would cost 10 ms of 120.
    """
    monkeypatch.setattr(pixels, "without_detail", None)
    image = Image.open(io.BytesIO(sample("coffee.png"))).convert("RGB").resize((208, 144))
    data = saved(image, "JPEG", **{"progressive": True, **settings})
    make_thumbnails(data, Plan(sizes={"s": side}, formats=("png",), quality=80))
    assert handed == [data]


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Any]:
    """What comes of a file as it is, and of the whole file: thumbnails, or reason and sentence."""

    def outcome(data: bytes) -> Result | tuple[str, str]:
        try:
            return make_thumbnails(data, PLAN)
        except RefusedError as error:
            return error.reason, error.message

    def both(data: bytes) -> tuple[Any, Any]:
        as_it_is = outcome(data)
        with monkeypatch.context() as patch:
            patch.setattr(pixels, "without_detail", bytes)
            return as_it_is, outcome(data)

    return both


@pytest.mark.parametrize("name", [*PHOTOGRAPHS, *ODD])
def test_the_outcome_is_that_of_the_whole_file(name: str, outcomes: Callable[[bytes], Any]) -> None:
    """Whether thumbnails or a reason, and which."""
    made, expected = outcomes({**PHOTOGRAPHS, **ODD}[name]())
    assert made == expected


@pytest.mark.parametrize("tenths", range(1, 10))
def test_a_cut_file_is_still_called_truncated(
    tenths: int, outcomes: Callable[[bytes], Any]
) -> None:
    """Even where only detail is missing, which the thumbnails would not show."""
    data = photograph()
    head = data.index(b"\xff\xda") + 9
    made, expected = outcomes(data[: head + (len(data) - head) * tenths // 10])
    assert made == expected
    assert made[0] == "truncated"


def test_a_scan_without_its_huffman_table_is_still_refused(
    outcomes: Callable[[bytes], Any],
) -> None:
    """Also where its data is not read."""
    first, *scans, end = parts(photograph())
    detail = next(n for n, scan in enumerate(scans) if header(scan)[:2] == bytes((1, Y)))
    at = scans[detail].index(b"\xff\xda")
    assert header(scans[detail])[2] == 0
    scans[detail] = scans[detail][: at + 6] + b"\x03" + scans[detail][at + 7 :]
    data = b"".join([first, *scans, end])
    assert without_detail(data) != data
    made, expected = outcomes(data)
    assert made == expected
    assert made[0] == "damaged"


def test_a_header_without_any_scan_is_refused(outcomes: Callable[[bytes], Any]) -> None:
    """Pillow then has nothing to load, and drafts nothing."""
    data = photograph()
    made, expected = outcomes(data[: data.index(b"\xff\xc4")])
    assert made == expected
    assert made[0] in {"damaged", "truncated"}


@pytest.mark.parametrize("name", ["4:4:4", "4:2:0", "CMYK", "restarts"])
def test_no_damage_makes_a_difference(name: str, outcomes: Callable[[bytes], Any]) -> None:
    """A hundred files with bytes changed, lost or put in, most of them at markers."""
    chance = random.Random(name)  # noqa: S311
    data = PHOTOGRAPHS[name]()
    markers = [found.start() for found in re.finditer(rb"\xff[^\0\xff]", data)]
    for _ in range(100):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            at = chance.choice(markers) + chance.randint(0, 14)
            put_in = bytes((0xFF, chance.randint(0xC0, 0xDF)))[: chance.randint(0, 2)]
            broken[at : at + chance.randint(0, 3)] = put_in
        made, expected = outcomes(bytes(broken))
        assert made == expected
