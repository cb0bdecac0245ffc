"""A picture may end its process, and the function goes on."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from handler.pictures import isolation, thumbs
from handler.pictures.errors import FailedError, RefusedError
from handler.pictures.isolation import make_thumbnails
from handler.pictures.limits import DEFAULT, INTERPRETER, Limits
from handler.pictures.thumbs import Plan
from tests.handler.conftest import upload
from tests.handler.pictures import HERE, quadrants, saved
from tests.handler.pictures.forged import crashing_heic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handler.conftest import Container
    from tests.handler.fake_aws import FakeAws

PLAN = Plan(
    sizes={"l": 32, "s": 12},
    formats=("webp", "jpeg"),
    quality=80,
    fit="exact",
    background="#4080c0",
)
HEIC = (HERE / "quadrants.heic").read_bytes()
TIFF = saved(quadrants(), "TIFF")

# Beginnings that Pillow's readers of these formats take for theirs.
APART = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+", b"\0\0\0\x20ftypavif")

BOUNDED = (
    "import json, os, resource, signal, sys; "
    "from handler.pictures.isolation import READY, Bounds, _bound; "
    "_bound(Bounds(*json.loads(sys.argv[1])['bounds'])); "
)
STARTED = BOUNDED + "os.write(1, READY); "


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put other lines in the place of the process's program."""
    return lambda lines: monkeypatch.setattr(isolation, "PROGRAM", (sys.executable, "-c", lines))


@pytest.mark.parametrize("file_format", ["TIFF", "AVIF", "HEIC"])
def test_a_process_of_its_own_makes_the_same_thumbnails(file_format: str) -> None:
    """Bytes, sizes, names and format are the same."""
    data = HEIC if file_format == "HEIC" else saved(quadrants(), file_format)
    assert make_thumbnails(data, PLAN) == thumbs.make_thumbnails(data, PLAN)


@pytest.mark.parametrize("begins", APART)
def test_tiff_avif_and_heic_are_never_opened_here(
    begins: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that begin like any of these formats."""
    monkeypatch.setattr(thumbs, "make_thumbnails", None)
    with pytest.raises(RefusedError):
        make_thumbnails(begins + bytes(40), PLAN)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_other_formats_cost_no_process(file_format: str, program: Callable[[str], None]) -> None:
    """A tenth of a second each."""
    program("raise SystemExit(1)")
    assert make_thumbnails(saved(quadrants(), file_format), PLAN).format == file_format


def test_a_crash_refuses_its_picture_and_no_other() -> None:
    """Ten uploads share a process of the function, and a crash there would fail them all."""

    def outcome(data: bytes) -> str:
        try:
            return make_thumbnails(data, PLAN).format
        except RefusedError as error:
            return error.message

    crash = "The picture crashes the reader of its format; save it again as JPEG or PNG."
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(outcome, [HEIC, crashing_heic(), TIFF])) == ["HEIF", crash, "TIFF"]
    assert outcome(HEIC) == "HEIF"


def test_a_batch_outlives_a_crash(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Its message is done and the picture is in the refused queue, so the message does not come
    back four times.
    """
    bad = upload(aws, "originals/bad.heic", crashing_heic(), "m1")
    good = upload(aws, "originals/good.heic", HEIC, "m2")
    assert container.invoke(bad, good) == []
    outcomes = {line["key"]: (line["outcome"], line.get("reason")) for line in lines()}
    assert outcomes == {
        "originals/bad.heic": ("refused", "damaged"),
        "originals/good.heic": ("done", None),
    }


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
        ("os.abort()", "damaged"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "too-large"),
    ],
)
def test_the_end_of_a_process_is_a_refusal(
    lines: str, reason: str, program: Callable[[str], None]
) -> None:
    """The same file would end the next one too: no retry can help."""
    program(STARTED + lines)
    with pytest.raises(RefusedError) as caught:
        make_thumbnails(TIFF, PLAN)
    assert caught.value.reason == reason
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "lines",
    [
        STARTED + "os.kill(os.getpid(), signal.SIGKILL)",  # as the kernel does for want of memory
        "import os; os.abort()",  # before it has begun with the picture
        "import nothing_of_that_name",
    ],
)
def test_what_is_not_the_pictures_doing_is_tried_again(
    lines: str, program: Callable[[str], None]
) -> None:
    """A refusal would lose a good picture."""
    program(lines)
    with pytest.raises(FailedError):
        make_thumbnails(TIFF, PLAN)


def test_a_process_that_cannot_start_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer without its Python, or no memory to fork."""
    monkeypatch.setattr(isolation, "PROGRAM", ("/nothing/there",))
    with pytest.raises(FailedError, match="No such file"):
        make_thumbnails(TIFF, PLAN)


def test_a_process_that_waits_for_ever_is_killed(
    program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the place of another picture meanwhile."""
    monkeypatch.setattr(isolation, "PATIENCE", 0.2)
    program("import time; time.sleep(60)")
    with pytest.raises(FailedError, match=r"was ended after 0\.2 s"):
        make_thumbnails(TIFF, PLAN)


def test_a_fault_of_our_own_is_no_refusal() -> None:
    """Such an error must raise an alarm, and keep its cause."""
    with pytest.raises(FailedError, match=r"KeyError\('bmp'\)"):
        make_thumbnails(TIFF, Plan(sizes={"s": 8}, formats=("bmp",), quality=80))


def told(program: Callable[[str], None], question: str) -> str:
    """What a process says of itself."""
    program(
        f"{STARTED}answer = str({question}); import json;"
        " print(json.dumps({'refused': ['damaged', answer]}))"
    )
    with pytest.raises(RefusedError) as caught:
        make_thumbnails(TIFF, PLAN)
    return caught.value.message


def test_no_credentials_reach_the_process(
    program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an attacker who took over a reader would find ThumbXRole's credentials in the
    environment.
    """
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-function")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/var/lang/lib")
    names = told(program, "sorted(os.environ)")
    assert names.replace("'LC_CTYPE', ", "") == (  # Python's own, PEP 538
        "['LD_LIBRARY_PATH', 'MALLOC_ARENA_MAX', 'PYTHONPATH']"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="macOS bounds no address space")
def test_the_kernel_bounds_what_a_reader_takes(program: Callable[[str], None]) -> None:
    """Some sizes are not in the header, so only the kernel can limit them."""
    names = ("AS", "CORE", "FSIZE", "CPU")
    limits = ", ".join(f"resource.getrlimit(resource.RLIMIT_{name})[0]" for name in names)
    space, core, files, seconds = json.loads(told(program, f"[{limits}]"))
    assert DEFAULT.memory - INTERPRETER < space < DEFAULT.memory + 200 * 2**20
    assert (core, files) == (0, 0)
    assert DEFAULT.seconds < seconds <= DEFAULT.seconds + 2


def test_the_current_folder_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file there with the name of a module does not matter either."""
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    monkeypatch.setattr(sys, "path", [str(Path(each).absolute()) for each in sys.path])
    monkeypatch.chdir(tmp_path)
    assert make_thumbnails(TIFF, PLAN).format == "TIFF"


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_comes_again_is_decoded_in_a_process_of_its_own(
    file_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time, it may have ended the function's process together with nine other
    pictures.
    """
    data = saved(quadrants(), file_format)
    here = make_thumbnails(data, PLAN)
    assert make_thumbnails(data, PLAN, apart=True) == here
    monkeypatch.setattr(thumbs, "make_thumbnails", None)
    assert make_thumbnails(data, PLAN, apart=True) == here


def test_a_crash_at_the_second_receive_is_that_pictures_refusal(
    container: Container,
    aws: FakeAws,
    lines: Callable[[], list[dict[str, Any]]],
    program: Callable[[str], None],
) -> None:
    """Otherwise, after five crashes, it would put itself and nine others into the dead-letter
    queue.
    """
    program(STARTED + "os.kill(os.getpid(), signal.SIGSEGV)")
    event = upload(aws, "originals/crash.png", saved(quadrants(), "PNG"))
    event["attributes"]["ApproximateReceiveCount"] = "2"
    assert container.invoke(event) == []
    (line,) = lines()
    assert (line["outcome"], line["reason"]) == ("refused", "damaged")


def test_what_the_limits_let_pass_here_passes_there_too() -> None:
    """A second receive for another reason, such as throttling, must not turn into a refusal."""
    limits = Limits(megabytes=256)
    plan = Plan(sizes={"l": 256}, formats=("webp",), quality=80)
    side = 4200  # 17.6 megapixels of four bytes: 67 of 64 + MB
    while True:
        data = saved(Image.new("RGBA", (side, side), "red"), "PNG")
        try:
            expected = thumbs.make_thumbnails(data, plan, limits)
            break
        except RefusedError:
            side -= 50
    assert make_thumbnails(data, plan, limits, apart=True) == expected


def test_a_process_ends_when_no_time_is_left(
    container: Container, aws: FakeAws, program: Callable[[str], None]
) -> None:
    """Frozen with the container, it would take the next invocation's time and vCPU."""
    program("import time; time.sleep(60)")
    container.context.milliseconds = 1500
    assert container.invoke(upload(aws, "originals/a.tif", TIFF)) == ["m1"]
    assert container.entry.budget.idle(5), "the place is free at once"
    container.context.milliseconds = 60_000
    assert container.invoke(upload(aws, "originals/a.png", saved(quadrants(), "PNG"))) == []
