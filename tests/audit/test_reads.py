"""Who read an object, what somebody read, from where and with what."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from audit import command
from tests.audit import events

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPAN = ["--since", "2026-11-23", "--until", "2026-11-25", "--json"]
ORIGINAL, THUMBNAIL = f"{events.ORIGINALS}a.jpg", f"{events.THUMBNAILS}a.jpg/small.jpg"
FOREIGN = f"AROASTRANGER00000000 of account {events.A}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two originals, of which one's key begins with the other's; four callers."""
    trail = events.RecordedTrail()
    reader = events.role_session(events.READER, "site", "ASIA1")
    insider = events.role_session(events.INSIDER, "mallory", "ASIA2")
    for minutes in (0, 5):
        record = trail.object(NOW + timedelta(minutes=minutes), "GetObject", THUMBNAIL, reader)
        record["sourceIPAddress"] = f"192.0.2.{minutes}"
    trail.object(NOW, "GetObject", ORIGINAL, insider, "AccessDenied")
    trail.object(NOW, "HeadObject", ORIGINAL, events.other_account(events.STRANGER, "x"))
    trail.object(NOW, "PutObject", ORIGINAL, insider)
    trail.object(NOW, "GetObject", f"{THUMBNAIL}/small.jpg", reader)
    trail.object(NOW, "GetObject", ORIGINAL, reader, bucket="another-bucket")
    copy = trail.object(NOW, "CopyObject", "stolen.jpg", insider, bucket="another-bucket")
    copy["requestParameters"]["x-amz-copy-source"] = f"/{events.BUCKET}/{ORIGINAL}?versionId=1"
    trail.write(tmp_path)
    return tmp_path


def ask(
    capsys: pytest.CaptureFixture[str], folder: Path, *words: str
) -> dict[tuple[str, str], dict[str, Any]]:
    assert command.main(["reads", *words, *SPAN, "--from", str(folder)]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    return {(row["key"], row["principal"]): row for row in rows}


def actions(row: dict[str, Any]) -> list[tuple[str, str, int]]:
    return [(each["action"], each["outcome"], each["count"]) for each in row["counts"]]


def test_who_read_an_original(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Refused attempts, a look, and a copy into another bucket, which is a read as well."""
    found = ask(capsys, folder, f"s3://{events.BUCKET}/{ORIGINAL}")
    assert {key: actions(row) for key, row in found.items()} == {
        (ORIGINAL, events.INSIDER): [("CopyObject", "ok", 1), ("GetObject", "AccessDenied", 1)],
        (ORIGINAL, FOREIGN): [("HeadObject", "ok", 1)],
    }


def test_who_read_an_original_or_a_thumbnail_of_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It finds thumbnails of any size and format, but no thumbnail of another original."""
    found = ask(capsys, folder, f"s3://{events.BUCKET}/{ORIGINAL}", "--thumbnails-too")
    assert set(found) == {
        (ORIGINAL, events.INSIDER),
        (ORIGINAL, FOREIGN),
        (THUMBNAIL, events.READER),
    }


def test_what_a_principal_read_and_from_where(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A session's ARN counts as its role."""
    session = f"arn:aws:sts::{events.B}:assumed-role/reader/site"
    for by in (events.READER, session, events.UNIQUE_IDS[events.READER]):
        found = ask(capsys, folder, "--by", by)
        assert set(found) == {
            (THUMBNAIL, events.READER),
            (f"{THUMBNAIL}/small.jpg", events.READER),
        }
    row = found[THUMBNAIL, events.READER]
    (count,) = row["counts"]
    assert (count["first"], count["last"]) == (
        "2026-11-24T12:00:00+00:00",
        "2026-11-24T12:05:00+00:00",
    )
    assert {each["address"]: each["count"] for each in row["origins"]} == {
        "192.0.2.0": 1,
        "192.0.2.5": 1,
    }
    assert all("Boto3" in each["agent"] for each in row["origins"])


@pytest.mark.parametrize("by", [events.STRANGER, events.A, "AROASTRANGER00000000"])
def test_a_caller_of_another_account_is_found_by_what_the_trail_has(
    folder: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    """The bucket owner's trail has no ARN of it; a note says that the account may have others."""
    assert set(ask(capsys, folder, "--by", by)) == {(ORIGINAL, FOREIGN)}
    command.main(["reads", "--by", by, *SPAN, "--from", str(folder)])
    gaps = json.loads(capsys.readouterr().out)["gaps"]
    assert any("unique ids" in gap for gap in gaps) is by.startswith("arn:")


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "--by"), ([f"s3://{events.BUCKET}/{THUMBNAIL}", "--thumbnails-too"], "original")],
)
def test_what_is_no_question_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """Without an object and a principal, the answer would be every read."""
    assert command.main(["reads", *words, *SPAN, "--from", str(folder)]) == 2
    assert said in capsys.readouterr().err
