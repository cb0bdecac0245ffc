"""A thumbnail's timeline, from an export and from the deployed accounts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from audit.accounts.clients import AccountClients
from audit.accounts.errors import AuditError
from audit.accounts.names import PicturePrefixes
from audit.evidence import sources
from audit.evidence.logs import CloudWatch, LogExport
from audit.evidence.window import Window
from audit.questions.trace import trace
from tests.audit import aws, events
from tests.documents import document

if TYPE_CHECKING:
    from pathlib import Path

    from audit.questions.timeline import Timeline
    from recording.recording import Recording
    from tests.audit.conftest import TrailExport

PREFIXES = PicturePrefixes(originals=events.ORIGINALS, thumbnails=events.THUMBNAILS)
URI = f"s3://{events.BUCKET}/{events.THUMBNAILS}cat 7.jpg/small.jpg"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def nobody(account: str, service: str, region: str | None) -> Any:
    raise AssertionError(f"an export is asked, and yet {account}'s {service}")


def tell(folder: Path, logs: Path | None = None, uri: str = URI, end: datetime = NOW) -> Timeline:
    window = Window(start=end - timedelta(days=2), end=end)
    source = sources.given(str(folder), AccountClients(nobody), window, lambda each: each)
    log = LogExport(logs) if logs else None
    return trace(uri, prefixes=PREFIXES, source=source, log=log, window=window)


@pytest.fixture
def timeline(export: TrailExport) -> Timeline:
    return tell(export.folder, export.logs, end=datetime.now(UTC))


def test_the_timeline_leads_from_the_upload_to_the_line_and_to_every_reader(
    timeline: Timeline,
) -> None:
    """In order of time, and within a second in the order in which the function works."""
    assert [step.what.partition(" (")[0] for step in timeline.steps] == [
        "uploaded the original",
        *[f"assumed {events.THUMBX_ROLE} as session {timeline.session}"] * 2,
        "read the original",
        "wrote the thumbnail",
        "looked again at the original",
        "the function wrote its line: done, message message-7, request request-7",
        "read the thumbnail",
        "was refused GetObject of the thumbnail",
        "was refused GetObject of the thumbnail",
        "was refused DeleteObject of the thumbnail",
    ]
    assert timeline.complete
    assert not timeline.gaps


def test_the_line_is_the_very_one_with_message_and_request(
    export: TrailExport, timeline: Timeline
) -> None:
    """The same container made nine other pictures; the line must not be one of theirs."""
    assert timeline.session == export.session
    assert timeline.line is not None
    assert timeline.line.fields["message_id"] == "message-7"
    assert timeline.line.fields["request_id"] == "request-7"
    assert timeline.line.stream.endswith(f"[{export.session[-32:]}]")


def test_both_accounts_records_of_one_call_are_joined(timeline: Timeline) -> None:
    """A's says which role called, B's proves that B saw it: one shared event id."""
    of_a, of_b = (step for step in timeline.steps if step.what.startswith("assumed"))
    assert of_a.who == events.EXECUTION_ROLE
    assert of_b.who == f"AROAPRODUCER00000000 of account {events.A}"
    assert of_a.evidence.partition("shared")[2] == of_b.evidence.partition("shared")[2] != ""


def test_the_access_key_says_which_of_a_containers_sign_ins_it_was(tmp_path: Path) -> None:
    """A container signs in each hour under one name: the last before the write may be another's."""
    trail = events.RecordedTrail()
    session = events.session_name(NOW, 1)
    first, second = events.access_key(1), events.access_key(2)
    start = NOW - timedelta(hours=1)
    trail.assume_role(start, session, first)
    trail.assume_role(start + timedelta(minutes=10), session, second)
    thumbx = events.role_session(events.THUMBX_ROLE, session, first)
    trail.object(
        start + timedelta(minutes=20), "PutObject", f"{events.THUMBNAILS}a.jpg/small.jpg", thumbx
    )
    trail.write(tmp_path)
    timeline = tell(tmp_path, uri=f"s3://{events.BUCKET}/{events.THUMBNAILS}a.jpg/small.jpg")
    assert {step.time for step in timeline.steps if step.what.startswith("assumed")} == {start}


def test_the_story_is_of_the_bytes_that_are_there_now(tmp_path: Path) -> None:
    """The picture was replaced: the earlier write is shown as earlier, and its session is not
    the answer.
    """
    trail = events.RecordedTrail()
    trail.picture(NOW - timedelta(hours=3), "a.jpg", 1, events.access_key(1))
    newest = trail.picture(NOW - timedelta(hours=1), "a.jpg", 2, events.access_key(2))
    trail.write(tmp_path)
    timeline = tell(tmp_path, uri=f"s3://{events.BUCKET}/{events.THUMBNAILS}a.jpg/small.jpg")
    assert timeline.session == newest
    wrote = [step.what for step in timeline.steps if step.what.startswith("wrote")]
    assert wrote == ["wrote an earlier version of the thumbnail", "wrote the thumbnail"]


def test_the_log_is_filtered_by_the_picture_where_there_is_no_session(dev: Recording) -> None:
    """A filter by the prefix would return every upload of the window."""
    found, asked = aws.deployed(dev), list[Any]()
    found.answers["producer", "logs", "FilterLogEvents"] = lambda params: (
        asked.append(params),
        {"events": []},
    )[1]
    log = CloudWatch(found.access(), "ThumbX-logs-1b2c3d4", events.ORIGINALS)
    log.lines("originals/a.jpg", "", Window(start=NOW, end=NOW))
    assert asked[0]["filterPattern"] == '"a.jpg"'


def test_the_line_may_come_fourteen_minutes_after_the_write(tmp_path: Path) -> None:
    """A container may work that long: Lambda's limit for one call is fifteen minutes."""
    trail = events.RecordedTrail()
    written = NOW - timedelta(hours=1)
    session = trail.picture(written, "a.jpg", 1, events.access_key(1))
    trail.write(tmp_path)
    for minutes, found in ((14, True), (16, False)):
        line = events.log_line(
            written + timedelta(minutes=minutes), f"{events.ORIGINALS}a.jpg", session, "m", "r"
        )
        (tmp_path / "log").write_text(json.dumps({"events": [line]}))
        uri = f"s3://{events.BUCKET}/{events.THUMBNAILS}a.jpg/small.jpg"
        assert tell(tmp_path, tmp_path / "log", uri).complete is found


def test_a_refused_write_left_no_bytes(tmp_path: Path) -> None:
    """The last caller that tried to write is not necessarily the last that wrote."""
    trail = events.RecordedTrail()
    session = trail.picture(NOW - timedelta(hours=1), "a.jpg", 1, events.access_key(1))
    key = f"{events.THUMBNAILS}a.jpg/small.jpg"
    insider = events.role_session(events.INSIDER, "mallory", "ASIA9")
    trail.object(NOW, "PutObject", key, insider, "AccessDenied")
    trail.write(tmp_path)
    timeline = tell(tmp_path, uri=f"s3://{events.BUCKET}/{key}")
    assert timeline.session == session
    assert "was refused PutObject of the thumbnail (AccessDenied)" in {
        step.what for step in timeline.steps
    }


def test_a_write_by_somebody_else_is_said(tmp_path: Path) -> None:
    """An administrator may write thumbnails, and no function's log will have a line of it."""
    trail = events.RecordedTrail()
    key = f"{events.THUMBNAILS}a.jpg/small.jpg"
    trail.object(NOW, "PutObject", key, events.role_session(events.INSIDER, "mallory", "ASIA9"))
    trail.write(tmp_path)
    timeline = tell(tmp_path, uri=f"s3://{events.BUCKET}/{key}")
    assert (
        "mallory is not a session name of the function, so somebody else wrote the thumbnail."
        in timeline.gaps
    )
    assert not timeline.complete


def test_a_thousand_reads_by_one_reader_are_one_step(tmp_path: Path) -> None:
    """A popular picture is read a million times, each time in a new session. Nobody reads a table
    of that length, and it must not fill the memory."""
    trail = events.RecordedTrail()
    trail.picture(NOW - timedelta(hours=2), "a.jpg", 1, events.access_key(1))
    key = f"{events.THUMBNAILS}a.jpg/small.jpg"
    for number in range(1000):
        reader = events.role_session(events.READER, f"site-{number}", "ASIA1")
        trail.object(NOW - timedelta(seconds=number), "GetObject", key, reader)
    trail.write(tmp_path)
    timeline = tell(tmp_path, uri=f"s3://{events.BUCKET}/{key}")
    reads = [step.what for step in timeline.steps if step.what.startswith("read the thumbnail")]
    assert reads == ["read the thumbnail, 1,001 times until 2026-11-24 12:00:00"]


def test_a_write_that_is_not_recorded_yet_is_said(export: TrailExport) -> None:
    """The trail is minutes late: without this sentence the timeline would show the previous
    bytes.
    """
    end = datetime.now(UTC)
    window = Window(start=end - timedelta(days=2), end=end)
    source = sources.given(str(export.folder), AccountClients(nobody), window, lambda each: each)
    for written, gaps in ((end, 1), (export.start + timedelta(minutes=140, seconds=2), 0)):
        timeline = trace(
            URI,
            prefixes=PREFIXES,
            source=source,
            log=LogExport(export.logs),
            window=window,
            written=written,
        )
        assert len([gap for gap in timeline.gaps if "not arrived yet" in gap]) == gaps


def test_what_is_not_known_is_said_and_not_guessed(export: TrailExport) -> None:
    """Without the log there is no line, and no sentence that looks like one."""
    timeline = tell(export.folder, end=datetime.now(UTC))
    assert timeline.gaps == [
        "No log line was found: name the log with --logs, or its retention has ended."
    ]
    assert not timeline.complete


def test_an_unknown_thumbnail_is_an_error_and_no_empty_story(export: TrailExport) -> None:
    """An empty table would read as if nobody had touched the thumbnail."""
    with pytest.raises(AuditError, match="nothing is known of"):
        tell(export.folder, uri=f"s3://{events.BUCKET}/{events.THUMBNAILS}dog.jpg/small.jpg")


def test_who_could_have_read_it_is_whom_the_policy_spares(
    timeline: Timeline, dev: Recording
) -> None:
    """Everybody else is refused, whatever else they were granted."""
    policy = document(dev, "thumbx-images-policy")
    timeline.note_readers(policy)
    administrator, reader = (
        "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*",
        events.READER,
    )
    assert timeline.may_read == {
        "thumbnail": [reader, administrator],
        "original": [administrator, "AROATHUMBXROLE000000:*"],
    }
    policy["Statement"] = []
    timeline.note_readers(policy)
    assert timeline.may_read == {"thumbnail": None, "original": None}


def test_the_log_stream_is_found_by_the_containers_digits(dev: Recording) -> None:
    """The log group is asked for that one stream, however many there are."""
    found = aws.deployed(dev)
    session = events.session_name(NOW, 3)
    line = events.log_line(NOW, "originals/a.jpg", session, "m", "r")
    others = [{"logStreamName": f"2026/11/24/f[$LATEST][{number:032x}]"} for number in range(3)]
    asked: list[Any] = []
    found.answers["producer", "logs", "DescribeLogStreams"] = {
        "logStreams": [*others, {"logStreamName": line["logStreamName"]}]
    }
    found.answers["producer", "logs", "FilterLogEvents"] = lambda params: (
        asked.append(params),
        {"events": [line]},
    )[1]
    log = CloudWatch(found.access(), "ThumbX-logs-1b2c3d4", events.ORIGINALS)
    window = Window(start=NOW - timedelta(minutes=1), end=NOW + timedelta(minutes=1))
    (read,) = log.lines("originals/a.jpg", session, window)
    assert read.stream == line["logStreamName"]
    assert asked[0]["logStreamNames"] == [line["logStreamName"]]
    assert asked[0]["filterPattern"] == f'"{session}"'


def test_lambdas_own_lines_are_passed_over(tmp_path: Path) -> None:
    """START, END and REPORT are no JSON in every format."""
    event = {"timestamp": 0, "message": "START RequestId: 1"}
    (tmp_path / "log.json").write_text(json.dumps({"events": [event]}))
    window = Window(start=datetime.fromtimestamp(0, UTC), end=NOW)
    assert LogExport(tmp_path / "log.json").lines("originals/a.jpg", "", window) == []
