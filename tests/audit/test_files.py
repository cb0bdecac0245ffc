"""Trail files: read in pieces, whole or not at all."""

from __future__ import annotations

import gzip
import json
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from audit.accounts.errors import AuditError
from audit.evidence import files
from audit.evidence.events import read_event
from audit.evidence.trail_files import Files
from audit.evidence.window import Window, between
from tests.audit import events

if TYPE_CHECKING:
    from pathlib import Path

    from tests.audit.conftest import TrailExport

ALWAYS = Window(start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC))
NAME = f"{events.B}_CloudTrail_{events.REGION}_20261124T0805Z_Mu0KsOhtH1ar15ZZ.json.gz"


def trail_file(folder: Path, content: bytes, name: str = NAME) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_folder_gives_every_record_once(export: TrailExport, tmp_path: Path) -> None:
    """Digests beside the files are no records, and an export may hold a file twice."""
    found = files.in_folder(export.folder)
    assert len(list(files.read_files(found, ALWAYS, {}))) == export.count
    for copy in ("one", "two"):
        shutil.copytree(export.folder, tmp_path / copy)

    def count(folder: Path) -> int:
        source = Files(files.in_folder(folder), "", lambda each: each)
        return len(list(source.about_bucket(events.BUCKET, ALWAYS)))

    assert count(tmp_path) == count(export.folder) > 0


@pytest.mark.parametrize("chunk", [1, 7, 64, 1000])
def test_a_record_may_lie_across_any_two_pieces(
    export: TrailExport, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    """The memory is bounded by the piece, so a piece must not have to be a whole file."""
    (file, *_) = files.in_folder(export.folder)
    with file.open() as raw:
        whole = json.loads(gzip.decompress(raw.read()))["Records"]
    monkeypatch.setattr(files, "CHUNK", chunk)
    with file.open() as raw:
        assert list(files.read_records(raw)) == whole


def test_a_folder_without_files_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """Nobody touched the bucket, says an answer from a folder that was misspelt."""
    with pytest.raises(AuditError, match="aws s3 sync"):
        files.in_folder(tmp_path / "exprot")


def test_files_delivered_before_or_long_after_the_window_are_not_opened(
    export: TrailExport,
) -> None:
    """A day of ninety is a ninetieth of the time."""
    opened: list[str] = []
    wrapped = [
        files.TrailFile(
            name=file.name,
            size=file.size,
            open=lambda file=file: (opened.append(file.name), file.open())[1],
        )
        for file in files.in_folder(export.folder)
    ]
    window = Window(start=export.start, end=export.start + timedelta(minutes=30))
    found = list(files.read_files(wrapped, window, {}))
    assert found
    assert all(window.holds(read_event(record).time) for record in found)
    assert len(opened) < len(wrapped) / 3


def test_a_late_file_is_read(tmp_path: Path) -> None:
    """CloudTrail's files hold events of any time before they were delivered."""
    record = events.RecordedTrail().object(
        datetime(2026, 11, 24, 7, 20, tzinfo=UTC), "GetObject", "a", events.ANONYMOUS
    )
    trail_file(tmp_path, gzip.compress(json.dumps({"Records": [record]}).encode()))
    end = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    window = Window(start=end - timedelta(hours=1), end=end)
    assert list(files.read_files(files.in_folder(tmp_path), window, {})) == [record]


@pytest.mark.parametrize(
    ("since", "until", "hours"), [("24h", None, 24), ("2w", "1d", 312), ("2026-11-24", None, 8)]
)
def test_a_window_is_said_as_people_say_it(since: str, until: str | None, hours: int) -> None:
    """A wrong window answers another question."""
    now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    window = between(since, until, now)
    assert window.end - window.start == timedelta(hours=hours)


@pytest.mark.parametrize(("since", "until"), [("yesterday", None), ("1h", "2h")])
def test_a_window_that_makes_no_sense_is_refused(since: str, until: str | None) -> None:
    """It would answer that nobody did anything."""
    with pytest.raises(AuditError):
        between(since, until, datetime(2026, 11, 24, 8, tzinfo=UTC))
