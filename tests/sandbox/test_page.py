"""The demo's page: complete in one file, honest about failures, for any picture."""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from demo.demo_run import DemoRun
from demo.page import write_page
from demo.refusals import REFUSALS
from demo.verdicts import permit, refuse
from sandbox import limits, uploads
from sandbox.attempts import PERMITTED

if TYPE_CHECKING:
    from pathlib import Path

    from demo.refusals import Refusal
    from sandbox.deployment import Deployment
    from sandbox.uploads import TimedUpload


class Page(HTMLParser):
    """What a page loads and what it says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [value or "" for name, value in attrs if name in {"src", "href", "srcset"}]

    def handle_data(self, data: str) -> None:
        self.said += data


def shown(
    deployment: Deployment, folder: Path, *pictures: TimedUpload, refusals: tuple[Refusal, ...] = ()
) -> tuple[DemoRun, Page]:
    demo_run = DemoRun(uploads=list(pictures))
    with demo_run.step("everything"):
        demo_run.permitted = [permit(deployment, attempt) for attempt in PERMITTED[:1]]
        demo_run.refused = [refuse(deployment, refusal) for refusal in refusals]
        for picture in pictures:
            if picture.seconds:
                demo_run.thumbnails |= uploads.fetch(deployment, picture)
    return demo_run, Page(write_page(demo_run, deployment, folder).read_text("utf-8"))


@pytest.mark.slow
def test_it_shows_all_and_loads_nothing(
    deployment: Deployment, rocket: TimedUpload, tmp_path: Path
) -> None:
    """It is mailed and archived; a picture or font from elsewhere would be missing there."""
    demo_run, page = shown(deployment, tmp_path, rocket, refusals=REFUSALS)
    assert demo_run.problems == []
    assert all(load.startswith(("data:image/", "#")) for load in page.loads)
    assert page.tags.isdisjoint({"script", "link", "iframe"})
    pictures = [base64.b64decode(load.partition(",")[2]) for load in page.loads if "," in load]
    assert pictures == [rocket.body, *demo_run.thumbnails.values()]
    for verdict in demo_run.refused:
        assert verdict.attempt.says in page.said
        assert verdict.message in page.said
        for reason in verdict.reasons:
            assert reason.says in page.said
    assert limits.NOTICE in page.said
    assert all(explained in page.said for explained in limits.LIMITS.values())


@pytest.mark.slow
def test_what_went_wrong_stands_at_its_top(
    deployment: Deployment, rocket: TimedUpload, tmp_path: Path
) -> None:
    """A reader of the page must not take a failed run for a good one."""
    lost = uploads.prepare(deployment, "lost.jpg", b"")
    demo_run, page = shown(deployment, tmp_path, rocket, lost)
    assert demo_run.problems == ["originals/lost.jpg did not get all of its thumbnails"]
    assert demo_run.problems[0] in page.said
    assert "nobody else got in" not in page.said


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "kind"), [("CMYK", "TIFF"), ("I;16", "TIFF"), ("LA", "PNG")])
def test_a_picture_that_no_browser_shows_is_shown_all_the_same(
    deployment: Deployment, rocket: TimedUpload, tmp_path: Path, mode: str, kind: str
) -> None:
    """A broken image beside three thumbnails would look like an error of the thumbnails."""
    body = io.BytesIO()
    Image.new(mode, (40, 30)).save(body, kind)
    odd = uploads.prepare(deployment, f"{mode}.{kind.lower()}", body.getvalue())
    uploads.send(deployment, odd)
    uploads.wait(deployment, [odd])
    _, page = shown(deployment, tmp_path, odd)
    kinds = {load.partition(";")[0] for load in page.loads if load.startswith("data:")}
    assert kinds <= {"data:image/webp", "data:image/png", "data:image/jpeg"}
    assert len([load for load in page.loads if load.startswith("data:")]) == 4
