"""An export of two accounts' trails, as an auditor gets one, and the log that goes with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.audit import events
from tests.documents import document

if TYPE_CHECKING:
    from pathlib import Path

    from recording.recording import Recording

PICTURES = 40


@dataclass(frozen=True)
class TrailExport:
    folder: Path
    logs: Path
    policy: Path
    start: datetime
    session: str
    issued: str
    count: int


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory, dev: Recording) -> TrailExport:
    """A day with forty pictures, and everything that should not be there."""
    where = tmp_path_factory.mktemp("export")
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)
    trail = events.RecordedTrail()
    lines: list[events.Record] = []
    for number in range(PICTURES):
        time = start + timedelta(minutes=20 * number)
        name, issued = f"cat {number}.jpg", events.access_key(100 + number)
        session = trail.picture(time, name, number % 4, issued)
        lines.append(
            events.log_line(
                time + timedelta(seconds=1, milliseconds=640),
                f"{events.ORIGINALS}{name}",
                session,
                f"message-{number}",
                f"request-{number}",
            )
        )
    later = start + timedelta(hours=15)
    insider = events.role_session(events.INSIDER, "mallory", events.access_key(6))
    thumbnail = f"{events.THUMBNAILS}cat 7.jpg/small.jpg"
    trail.object(later, "GetObject", thumbnail, insider, "AccessDenied")
    trail.object(later, "GetObject", thumbnail, events.ANONYMOUS, "AccessDenied")
    trail.object(later, "DeleteObject", thumbnail, insider, "AccessDenied")
    trail.object(later, "PutObject", "x", insider, bucket="another-bucket")
    trail.denied_assume_role(later)
    trail.service_assume_role(start)
    trail.log_delivery(start)
    trail.on_bucket(later, "PutBucketPolicy", events.DEPLOYER)
    trail.on_bucket(later, "DeleteBucketPolicy", events.INSIDER, "AccessDenied")
    trail.on_role(later, "UpdateAssumeRolePolicy", events.DEPLOYER)
    trail.denied_on_role(later, "PutRolePolicy", events.INSIDER)
    trail.denied_on_trail(later, "StopLogging", events.INSIDER)
    count = trail.write(where / "export")
    (where / "log.json").write_text(json.dumps({"events": lines}))
    (where / "bucket-policy.json").write_text(json.dumps(document(dev, "thumbx-images-policy")))
    return TrailExport(
        folder=where / "export",
        logs=where / "log.json",
        policy=where / "bucket-policy.json",
        start=start,
        session=events.session_name(start + timedelta(minutes=140), 7 % 4),
        issued=events.access_key(107),
        count=count,
    )
