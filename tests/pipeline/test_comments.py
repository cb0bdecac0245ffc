"""Untrusted texts on GitHub: they are in a code fence, in one comment, and below the size limit."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from pipeline import comments, cost, report
from pipeline.errors import PipelineError
from tests.filled import filled
from tests.pipeline.fake_tools import BOT, Tools

if TYPE_CHECKING:
    from pathlib import Path

REPOSITORY = "octo-org/pictures"
PLACE = f"repos/{REPOSITORY}/issues/5/comments"
COMMIT = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"
RUN = f"https://github.test/{REPOSITORY}/actions/runs/1"
GITHUB_S_LIMIT = 65_536


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tools:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Tools(tmp_path)


@pytest.fixture
def handed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the report of stack dev is handed from job to job."""
    monkeypatch.setattr(report, "PROJECT", tmp_path)
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    return tmp_path / "dev.json"


def outside_fences(markdown: str) -> list[str]:
    """The lines that GitHub reads as markup, by CommonMark's rule for fenced code blocks."""
    lines: list[str] = []
    opened = ""
    for line in markdown.splitlines():
        fence = re.fullmatch(r" {0,3}(`{3,})([^`]*)", line)
        if opened:
            if fence and len(fence[1]) >= len(opened) and not fence[2].strip():
                opened = ""
        elif fence:
            opened = fence[1]
        else:
            lines.append(line)
    assert not opened
    return lines


def test_the_comment_is_edited_and_not_repeated(tools: Tools):
    for text in ("first", "second"):
        address = comments.comment(REPOSITORY, 5, "preview:dev", text)
    assert address == f"https://github.test/repos/{REPOSITORY}/issues/comments/100"
    assert [each["body"] for each in tools.on_github(PLACE)] == [
        "<!-- thumbx:preview:dev -->\nsecond"
    ]


def test_only_the_bot_s_own_comment_is_edited(tools: Tools):
    """Anybody can write the marker, and a job with the right to write would overwrite them."""
    mark = comments.marker("preview:dev")
    before = [
        {"id": 1, "number": 1, "user": {"login": "mallory"}, "body": mark},
        {"id": 2, "number": 2, "user": None, "body": mark},
        {"id": 3, "number": 3, "user": {"login": BOT}, "body": f"as said: {mark}"},
        {"id": 4, "number": 4, "user": {"login": BOT}, "body": comments.marker("preview:other")},
    ]
    tools.github({PLACE: before})
    comments.comment(REPOSITORY, 5, "preview:dev", "text")
    after = tools.on_github(PLACE)
    assert after[:4] == before
    assert len(after) == 5


def test_the_text_is_no_argument(tools: Tools):
    """A diff can be longer than a command line may be, and can begin with any characters."""
    comments.comment(REPOSITORY, 5, "preview:dev", "--method DELETE " + "x" * 40_000)
    for call in filled(tools.calls("gh")):
        assert "DELETE" not in " ".join(call)


def test_what_gh_says_of_a_failure_is_passed_on(tools: Tools):
    (tools.folder / "gh").write_text("#!/bin/sh\necho 'gh: Not Found (HTTP 404)' >&2\nexit 1\n")
    with pytest.raises(PipelineError, match=r"ended with 1: gh: Not Found \(HTTP 404\)"):
        comments.comment(REPOSITORY, 5, "preview:dev", "text")


@pytest.mark.parametrize(
    "text",
    [
        "```\n@octo-org/admins approve this",
        "````diff\n```\n@here",
        "`" * 70_000,
        "   ```\n<!-- thumbx:preview:dev -->",
        "`````\n" * 15_000,
        "~~~\n</details><img src=x>",
        "line\r```\r@here",
    ],
)
def test_nothing_in_a_text_ends_its_fence_or_the_comment_s_limit(handed_over: Path, text: str):
    """Outside a fence the text could mention people, and GitHub would render it."""
    report.PreviewReport(access=text, cells=text, cost=text, diff=text).write("dev")
    made = report.comment("dev", COMMIT, RUN)
    assert len(comments.marker("preview:dev")) + 1 + len(made) <= GITHUB_S_LIMIT
    markup = [line for line in outside_fences(made) if line]
    assert markup == [
        "### What this pull request changes in `dev`",
        f"At {COMMIT}, by [this run]({RUN}).",
        "**Who could do more or less than before**, by every stack file of both sides",
        "<details><summary>The changed cells</summary>",
        "</details>",
        f"The whole page is in [the artifact `comment-dev`]({RUN}#artifacts).",
        "**What it costs**",
        report.DRIFT,
        "<details><summary><code>pulumi preview --diff</code></summary>",
        "</details>",
    ]


def test_a_failed_preview_is_said_of_its_commit(handed_over: Path):
    """Otherwise the comment about the previous commit would look like this commit's."""
    assert report.comment("dev", COMMIT, RUN).splitlines()[2:] == [
        f"At {COMMIT}, by [this run]({RUN}).",
        "",
        "**The preview of this commit failed**; the run says why.",
    ]


def test_a_text_that_was_cut_says_so():
    made = comments.fenced("x" * 100, longest=10)
    assert made == "```\nxxxxxxxxxx\n... cut here; the whole of it is in the job's log\n```"


def test_a_report_comes_back_as_it_was_written(handed_over: Path):
    made = report.PreviewReport(access="a", cells="e", cost="c", diff="d")
    made.write("dev")
    assert report.PreviewReport.read("dev") == made


@pytest.mark.parametrize(
    "left",
    [
        "",
        "[]",
        '{"access": "a"}',
        '{"access": "a", "cells": "", "cost": "", "diff": "", "more": ""}',
    ],
)
def test_what_is_no_report_is_refused(handed_over: Path, left: str):
    """The pull request's own code wrote the file, and may write anything."""
    handed_over.write_text(left)
    with pytest.raises(PipelineError, match="is not a report"):
        report.PreviewReport.read("dev")


def test_a_link_for_a_report_is_refused(handed_over: Path):
    """A link would put a file of the job with write permission into the comment."""
    secret = handed_over.with_name("secret.json")
    secret.write_text(json.dumps({"access": "token", "cells": "", "cost": "", "diff": ""}))
    handed_over.symlink_to(secret)
    with pytest.raises(PipelineError, match="is not there"):
        report.PreviewReport.read("dev")


def test_texts_of_a_report_that_are_no_texts_become_some(handed_over: Path):
    handed_over.write_text('{"access": ["@here"], "cells": {}, "cost": null, "diff": 7}')
    assert "['@here']" in report.PreviewReport.read("dev").markdown("dev", RUN)


# As printStepHeader and getIndentationString of the CLI's display print them.
STEPS = """\
Previewing update (dev):
+ pulumi:pulumi:Stack: (create)
    + aws:kms/key:Key: (create) 🔒
        [urn=urn:pulumi:dev::thumbx::aws:kms/key:Key::images]
    + aws:cloudwatch/metricAlarm:MetricAlarm: (create)
        + aws:cloudwatch/metricAlarm:MetricAlarm: (create)
    - aws:cloudwatch/dashboard:Dashboard: (delete)
    - aws:kms/key:Key: (delete[retain])
    +-aws:kms/key:Key: (replace)
    ++aws:kms/key:Key: (create-replacement)
    --aws:kms/key:Key: (delete-replaced)
    ~ aws:kms/key:Key: (update)
    + aws:sqs/queue:Queue: (create)
          description: "+ aws:kms/key:Key: (create)"
"""


def test_the_cost_is_of_what_comes_and_goes():
    """A replacement costs the same as before, and a resource that is kept on deletion still
    costs money.
    """
    assert cost.difference(STEPS).splitlines() == [
        "-1 Dashboard, -3.00 USD a month",
        "+2 MetricAlarm, +0.20 USD a month",
        "+1 Key, +1.00 USD a month",
        cost.REST,
    ]


def test_a_preview_without_changes_costs_nothing():
    assert cost.difference("Resources:\n    22 unchanged\n").startswith(
        "No resource that costs money"
    )


def test_a_report_larger_than_any_preview_is_not_read(handed_over: Path):
    """A pull request's own code wrote it: a gigabyte would be held in memory, in a job that may
    write."""
    texts = json.dumps({"access": "", "cells": "", "cost": "", "diff": ""})
    handed_over.write_text(texts.ljust(10_000_000))
    assert report.PreviewReport.read("dev").diff == ""
    handed_over.write_text(texts.ljust(10_000_001))
    with pytest.raises(PipelineError, match="has 10000001 bytes, which no report has"):
        report.PreviewReport.read("dev")
