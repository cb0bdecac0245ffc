"""The demo's exit code: 1 if anything in the run went wrong."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from demo.demo import conclude
from demo.demo_run import DemoRun
from demo.refusals import REFUSALS
from demo.verdicts import Verdict
from sandbox.attempts import PERMITTED
from sandbox.uploads import TimedUpload

GOOD = Verdict(attempt=PERMITTED[0], call="s3:GetObject x", code="", message="")
REFUSED = Verdict(
    attempt=REFUSALS[0].attempt, call="sts:AssumeRole x", code="AccessDenied", message="no"
)
ALLOWED = Verdict(
    attempt=REFUSALS[0].attempt, call="sts:AssumeRole x", code="", message="", problem="is allowed"
)
MISSING = TimedUpload(key="originals/lost.jpg", body=b"", thumbnails={})


def ends(demo_run: DemoRun) -> tuple[int, str]:
    said = io.StringIO()
    return conclude(Console(file=said, width=200), demo_run, Path("page.html")), said.getvalue()


def test_a_good_run_ends_well() -> None:
    """A demo that always fails would be useless too."""
    done = TimedUpload(key="originals/a.jpg", body=b"", thumbnails={}, seconds=0.5)
    code, said = ends(DemoRun(uploads=[done], permitted=[GOOD], refused=[REFUSED]))
    assert code == 0
    assert "wrong:" not in said


@pytest.mark.parametrize(
    ("demo_run", "says"),
    [
        (DemoRun(refused=[ALLOWED]), "is allowed"),
        (DemoRun(uploads=[MISSING]), "originals/lost.jpg did not get all of its thumbnails"),
        (DemoRun(untraced="nobody knows who made it"), "nobody knows who made it"),
    ],
    ids=["an expected refusal is allowed", "a thumbnail is missing", "the audit tells nothing"],
)
def test_whatever_is_wrong_fails_the_demo_and_is_said(demo_run: DemoRun, says: str) -> None:
    """CI reads only the exit code."""
    code, said = ends(demo_run)
    assert code == 1
    assert says in said
