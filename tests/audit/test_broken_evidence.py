"""Broken evidence is a named gap with its own exit code, and never the answer "nobody"."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import command
from audit.accounts.names import THUMBX_ROLE
from audit.evidence import files
from audit.evidence.trail_files import Files
from audit.evidence.window import Window
from audit.questions import who
from tests.audit import events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAME = f"{events.B}_CloudTrail_{events.REGION}_20261124T1205Z_Mu0KsOhtH1ar15ZZ.json.gz"
URI = f"s3://{events.BUCKET}/{events.THUMBNAILS}a.jpg/small.jpg"
ORIGINAL = f"s3://{events.BUCKET}/{events.ORIGINALS}a.jpg"
SPAN = ["--since", "2026-11-24T00:00", "--until", "2026-11-25T00:00"]
QUESTIONS = {
    "who": ["who"],
    "role": ["who", "--role"],
    "changes": ["who", "--changes"],
    "trace": ["trace", URI],
    "reads": ["reads", ORIGINAL],
    "reads by": ["reads", "--by", events.READER],
}
WINDOW = Window(start=NOW - timedelta(days=1), end=NOW + timedelta(days=1))


def records() -> list[events.Record]:
    """The records that one picture leaves in B's trail, and the record of a change."""
    trail = events.RecordedTrail()
    trail.picture(NOW, "a.jpg", 1, events.access_key(1))
    trail.on_bucket(NOW, "PutBucketPolicy", events.DEPLOYER)
    return trail.records[events.B]


WHOLE = json.dumps({"Records": records()}).encode()
PACKED = gzip.compress(WHOLE)
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "an empty archive": gzip.compress(b""),
    "cut": PACKED[:-20],
    "cut inside of the archive": gzip.compress(WHOLE[:-20]),
    "cut and unpacked": WHOLE[:-1],
    "garbage": bytes(range(1, 256)) * 8,
    "garbage in the archive": gzip.compress(bytes(range(1, 256)) * 8),
    "garbage between records": WHOLE.replace(
        b'}, {"eventVersion"', b'}, nonsense {"eventVersion"', 1
    ),
    "an HTML page": b"<!DOCTYPE html><html><body>Sign in to continue</body></html>",
    "an HTML page in an archive": gzip.compress(b"<html><body>403 Forbidden</body></html>"),
    "an error of S3": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "another list": b'{"events": []}',
    "no list": b'{"Records": null}',
    "something after the list": WHOLE[:-1] + b', "more": [',
    "two archives, of which one is cut": PACKED + PACKED[:-9],
    "not UTF-8": gzip.compress(WHOLE.replace(b"a.jpg", b"\xff.jpg")),
}
DEEP = "[" * 100_000 + "]" * 100_000
MALFORMED: dict[str, Callable[[events.Record], str]] = {
    "nested deeply": lambda record: json.dumps(record)[:-1] + f', "deep": {DEEP}}}',
    "a time of null": lambda record: json.dumps(record | {"eventTime": None}),
    "a time that is a number": lambda record: json.dumps(record | {"eventTime": 1795521600}),
    "a time with milliseconds": lambda record: json.dumps(
        record | {"eventTime": "2026-11-24T12:00:00.123Z"}
    ),
    "a thirteenth month": lambda record: json.dumps(record | {"eventTime": "2026-13-24T12:00:00Z"}),
    "no time": lambda record: json.dumps({k: v for k, v in record.items() if k != "eventTime"}),
    "no object": lambda _: '"text"',
    "a null": lambda _: "null",
    "a list": lambda record: json.dumps([record]),
    "no caller": lambda record: json.dumps(record | {"userIdentity": None}),
    "no name": lambda record: json.dumps(record | {"eventName": 7}),
    "parameters in a list": lambda record: json.dumps(record | {"requestParameters": []}),
    "a bucket that is a list": lambda record: json.dumps(
        record | {"requestParameters": {"bucketName": [events.BUCKET]}}
    ),
}


def write(folder: Path, content: bytes, name: str = NAME) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return folder


def ask(
    capsys: pytest.CaptureFixture[str], question: str, folder: Path, *words: str
) -> tuple[int, str, str]:
    code = command.main([*QUESTIONS[question], *SPAN, "--from", str(folder), *words])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_a_named_gap_with_an_exit_code_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str, question: str
) -> None:
    """The gap has the file's name, in the table and in the JSON, for any question."""
    write(tmp_path, BROKEN[fault])
    for words in ([], ["--json"]):
        code, out, err = ask(capsys, question, tmp_path, *words)
        assert code == 3, (out, err)
        assert f"The file {NAME} is not shown completely" in out + err


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("fault", MALFORMED)
def test_a_malformed_record_is_a_gap_and_hides_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str, question: str
) -> None:
    """The malformed record is the last one, because nothing can be read after a record that is
    nested deeply.
    """
    *first, last = map(json.dumps, records())
    broken = MALFORMED[fault](json.loads(last))
    text = f'{{"Records": [{", ".join([*first, last, broken])}]}}'
    write(tmp_path, gzip.compress(text.encode()))
    code, out, err = ask(capsys, question, tmp_path)
    assert code == 3, (out, err)
    assert f"The file {NAME} is not shown completely: record {len(first) + 2} " in out
    whole = write(tmp_path / "whole", PACKED)
    _, expected, _ = ask(capsys, question, whole)
    shown = [line for line in out.splitlines() if "not shown: The file" not in line]
    assert [line for line in shown if "by /" not in line] == [
        line for line in expected.splitlines() if "by /" not in line
    ]


@pytest.mark.parametrize("name", [f"CloudTrail-export/{NAME}", f"CloudTrail-Digest/{NAME}"])
def test_a_prefix_named_as_cloudtrails_own_hides_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """A person who gives an export's folder CloudTrail's name wants its files to be read."""
    code, out, _ = ask(capsys, "who", write(tmp_path, PACKED, name))
    assert code == 0
    assert events.READER in out


def test_a_trail_file_under_the_name_of_a_digest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name is no proof of what a file holds."""
    name = NAME.replace("_CloudTrail_", "_CloudTrail-Digest_")
    assert events.READER in ask(capsys, "who", write(tmp_path, PACKED, name))[1]


def test_nothing_is_passed_over_before_it_was_validated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that does not contain the wanted name may be broken just before that name."""
    write(tmp_path, PACKED)
    write(tmp_path, gzip.compress(b'{"Records": [{"eventName"'), NAME.replace("Mu0", "Mu1"))
    for question in QUESTIONS:
        assert ask(capsys, question, tmp_path)[0] == 3, question


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_same_event_twice_counts_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    """In a file, in a copy under its name elsewhere, or in another trail's file."""
    once = ask(capsys, question, write(tmp_path / "once", PACKED))
    twice = tmp_path / "twice"
    write(twice, gzip.compress(json.dumps({"Records": records() * 2}).encode()))
    write(twice, PACKED, f"copy/{NAME}")
    write(twice, PACKED, NAME.replace("Mu0", "Mu1").replace("T1205", "T1215"))
    code, out, _ = ask(capsys, question, twice)
    assert code == once[0] == 0
    assert out.splitlines()[2:] == once[1].splitlines()[2:]


def test_two_events_of_one_id_are_both_shown(tmp_path: Path) -> None:
    """One event too many is better than one too few."""
    one, two, *_ = records()
    two["eventID"] = one["eventID"]
    write(tmp_path, gzip.compress(json.dumps({"Records": [one, two]}).encode()))
    source = Files(files.in_folder(tmp_path), "", lambda each: each)
    assert (
        len(list(source.about_bucket(events.BUCKET, WINDOW)))
        + len(list(source.assumptions(THUMBX_ROLE, "", WINDOW)))
        == 2
    )


def _count(content: bytes, folder: Path) -> tuple[Any, list[str]]:
    """Every caller with its counts, and the gaps."""
    source = Files(files.in_folder(write(folder, content)), "", lambda each: each)
    rows = who.count(source.about_bucket(events.BUCKET, WINDOW), lambda _: None)
    return {row.name: [each.as_json() for each in row.tallies] for row in rows}, source.broken


LOOSE = settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)


@LOOSE
@given(data=st.data())
def test_whatever_happens_to_an_archive_no_event_is_missing_without_a_word(
    tmp_path: Path, data: st.DataObject
) -> None:
    """Cut anywhere, a byte changed, a piece taken out or put in: the same answer, or a gap."""
    content = bytearray(PACKED)
    at = data.draw(st.integers(0, len(content) - 1), "at")
    match data.draw(st.sampled_from(["cut", "change", "take", "put"]), "what"):
        case "cut":
            del content[at:]
        case "change":
            content[at] ^= data.draw(st.integers(1, 255), "bits")
        case "take":
            del content[at : at + data.draw(st.integers(1, 40), "length")]
        case _:
            content[at:at] = data.draw(st.binary(min_size=1, max_size=40), "bytes")
    found, gaps = _count(bytes(content), tmp_path)
    assert gaps or found == _count(PACKED, tmp_path)[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["bucketName", "key", "roleArn", "type", "arn", "sessionContext"])
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
FIELDS = sorted({field for record in records() for field in record})


@pytest.mark.slow
@LOOSE
@given(data=st.data())
def test_whatever_a_record_is_it_is_counted_or_a_gap(tmp_path: Path, data: st.DataObject) -> None:
    """Any JSON instead of a record or of one of its fields: no traceback, and every record of the
    bucket that has all the fields an answer needs is counted."""
    *others, last = records()
    broken: Any = data.draw(JSON, "record")
    if data.draw(st.booleans(), "a field alone"):
        broken = last | {data.draw(st.sampled_from(FIELDS), "field"): broken}
    content = gzip.compress(json.dumps({"Records": [*others, broken]}).encode())
    found, gaps = _count(content, tmp_path)
    without, _ = _count(gzip.compress(json.dumps({"Records": others}).encode()), tmp_path)
    source = Files(files.in_folder(tmp_path), "", lambda each: each)
    list(source.changes(WINDOW))
    list(source.assumptions(THUMBX_ROLE, "", WINDOW))
    is_ours = isinstance(broken, dict) and isinstance(broken.get("requestParameters"), dict)
    if is_ours and broken["requestParameters"].get("bucketName") == events.BUCKET:
        assert gaps or found != without or not _in_window(broken)


def _in_window(record: events.Record) -> bool:
    return "2026-11-23T12:00:00Z" <= str(record.get("eventTime")) <= "2026-11-25T12:00:00Z"
