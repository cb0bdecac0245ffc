"""Facts that the audit takes from the rest of the code: names, sessions, fields of the log."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import Metrics

from audit.accounts import names
from audit.evidence import logs
from audit.evidence.files import in_folder
from audit.evidence.window import Window
from handler.report import Journal, Report
from handler.session import name_session
from tests.audit import events
from tests.filled import filled

if TYPE_CHECKING:
    from pathlib import Path

    from recording.recording import Recording

HEX = "0b5092ec3dc747fa85607e9292389b2d"
PREFIXES = names.PicturePrefixes(originals="originals/", thumbnails="thumbnails/")


@pytest.mark.parametrize(
    "stream",
    [f"2026/11/24/[$LATEST]{HEX}", f"2026/11/24/ThumbX-function-0a1b2c3[$LATEST][{HEX}]"],
)
def test_a_session_name_leads_back_to_its_log_stream(stream: str) -> None:
    """Both forms that Lambda has; the handler makes the name, the audit takes it apart."""
    session = names.read_session(name_session(stream))
    assert session is not None
    assert stream.startswith(f"{session.day}/")
    assert session.container in stream


@pytest.mark.parametrize("name", ["mallory", "thumbx-20261124-short", f"thumbx-20261124-{HEX}0"])
def test_a_name_that_is_not_the_functions_is_known_by_its_form(name: str) -> None:
    """A person who has the role's credentials can choose any session name."""
    assert names.read_session(name) is None


def test_the_audit_finds_the_fields_that_the_handler_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a field were renamed in one place, no timeline would have its log line."""
    assert set(logs.FIELDS) <= {field.name for field in fields(Report)}
    written = io.StringIO()
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "ThumbX")
    journal = Journal(Logger(service="audit-test", stream=written), Metrics(service="audit-test"))
    journal.write(
        Report(
            outcome="done", key="originals/a.jpg", message_id="m-1", request_id="r-1", session="s-1"
        )
    )
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    event = {"timestamp": int(now.timestamp() * 1000), "message": written.getvalue()}
    (tmp_path / "log.json").write_text(json.dumps({"events": [event]}))
    window = Window(start=now, end=now)
    (line,) = logs.LogExport(tmp_path / "log.json").lines("originals/a.jpg", "s-1", window)
    assert [line.get(field) for field in logs.FIELDS] == [
        "originals/a.jpg",
        "s-1",
        "done",
        "m-1",
        "r-1",
    ]


def test_the_names_are_the_programs(dev: Recording) -> None:
    """The audit's policy and the marks of `who` use these names."""
    registered = {each.name for each in dev.resources}
    assert {
        names.IMAGES,
        names.THUMBX_ROLE,
        names.EXECUTION_ROLE,
        names.FUNCTION,
    } <= registered


def test_a_physical_name_is_the_logical_one_and_seven_digits() -> None:
    """ThumbX-producer is not ThumbX-producer-of-somebody-else."""
    role = "arn:aws:iam::111111111111:role/ThumbX-producer"
    assert names.is_named(f"{role}-0a1b2c3", names.EXECUTION_ROLE)
    assert names.is_named(role, names.EXECUTION_ROLE)
    assert not names.is_named(f"{role}-evil", names.EXECUTION_ROLE)
    assert not names.is_named(f"{role}-0a1b2c3-evil", names.EXECUTION_ROLE)


def test_a_thumbnail_says_what_it_was_made_of() -> None:
    """The handler puts the thumbnails of an original below its own key."""
    assert PREFIXES.picture_of("thumbnails/a/b c.jpg/small.jpg") == "a/b c.jpg"
    for key in ("originals/a.jpg", "thumbnails/small.jpg", "thumbnails/a.jpg/"):
        assert PREFIXES.picture_of(key) is None


def test_the_factory_makes_files_by_cloudtrails_names(tmp_path: Path) -> None:
    """Otherwise the tests would read files that CloudTrail never writes."""
    trail = events.RecordedTrail()
    trail.picture(datetime(2026, 11, 24, 8, 1, tzinfo=UTC), "a.jpg", 1, events.access_key(1))
    trail.write(tmp_path)
    for file in filled(in_folder(tmp_path)):
        assert file.delivered == datetime(2026, 11, 24, 8, 7, tzinfo=UTC)


@pytest.mark.parametrize("key", ["originals/кот.jpg", 'originals/"a"\\b.jpg', "originals/ü/1.jpg"])
def test_a_needle_is_found_however_json_writes_the_rest(key: str) -> None:
    """A filter that misses because of an escaped letter finds no line."""
    for ascii_only in (True, False):
        assert logs.needle(key) in json.dumps({"key": key}, ensure_ascii=ascii_only)
