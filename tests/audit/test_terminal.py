"""The terminal's output: untrusted text cannot control the terminal, and ARNs are not cut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, TokenRetrievalError

from audit import command
from tests.audit import aws, events

if TYPE_CHECKING:
    from recording.recording import Recording

PROJECT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPAN = ["--since", "2026-11-23", "--until", "2026-11-25"]
# Clears the screen, writes a title, turns the text round, joins letters, breaks the line, is no
# valid text, and is markup of rich.
HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202egnp.\u2066\u200b\u2028\r\n\x9b31m\ud800[red]x[/red]:smile:"
IN_A_NAME = HOSTILE.replace("\ud800", "").replace("/", "")
KEY = f"{events.ORIGINALS}a{HOSTILE}.jpg"
THUMBNAIL = f"{events.THUMBNAILS}a{HOSTILE}.jpg/small.jpg"


def hostile(value: Any) -> Any:
    """Put hostile text at any depth, except into the names that the audit asks for."""
    match value:
        case dict():
            return {
                key: each
                if key in ("eventTime", "bucketName", "key", "roleArn", "type", "eventCategory")
                else hostile(each)
                for key, each in value.items()
            }
        case list():
            return [hostile(each) for each in value]
        case str() if value != "AssumeRole":
            return value + HOSTILE
        case _:
            return value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    trail = events.RecordedTrail()
    session = events.session_name(NOW, 1)
    thumbx = events.role_session(events.THUMBX_ROLE, session, "ASIA1")
    reader = events.role_session(events.READER, "site", "ASIA2")
    for key, name, who in (
        (KEY, "PutObject", reader),
        (THUMBNAIL, "PutObject", thumbx),
        (KEY, "GetObject", reader),
        (THUMBNAIL, "GetObject", reader),
    ):
        trail.object(NOW, name, key, who)
    trail.object(NOW, "PutObject", KEY, reader, "AccessDenied")
    trail.on_bucket(NOW, "PutBucketPolicy", events.DEPLOYER)
    trail.denied_assume_role(NOW)
    trail.assume_role(NOW, session, "ASIA1")
    for account, some in trail.records.items():
        trail.records[account] = [*some, *map(hostile, some)]
    trail.write(tmp_path / "export")
    broken = tmp_path / "export" / f"{IN_A_NAME}.json.gz"
    broken.write_bytes(b"")
    line = events.log_line(NOW, KEY, session, f"m{HOSTILE}", f"r{HOSTILE}")
    (tmp_path / "log").write_text(json.dumps({"events": [line]}))
    policy = {"Sid": "DenyOtherReadsOfThumbnails", "Effect": "Deny", "Principal": "*",
              "Condition": {"ArnNotLike": {"aws:PrincipalArn": [f"arn:{HOSTILE}"]}}}  # fmt: skip
    (tmp_path / "policy").write_text(json.dumps({"Statement": [policy]}))
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ["who", "--policy", "policy"],
        ["who", "--role"],
        ["who", "--changes"],
        ["reads", f"s3://{events.BUCKET}/{KEY}", "--thumbnails-too"],
        ["reads", "--by", f"{events.READER}{HOSTILE}"],
        ["trace", f"s3://{events.BUCKET}/{THUMBNAIL}", "--logs", "log", "--policy", "policy"],
        ["trace", f"s3://{events.BUCKET}/{THUMBNAIL}x"],
        ["trace", f"s3://b/{HOSTILE}"],
        ["who", "--since", HOSTILE],
        ["who", HOSTILE],
        ["who", "--policy", f"none{IN_A_NAME}"],
    ],
)
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_hostile_text_never_reaches_a_terminal(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    more: list[str],
) -> None:
    """Names, agents, keys, messages: of tables, timelines, errors and JSON alike."""
    monkeypatch.chdir(folder)
    span = [] if "--since" in words else SPAN
    try:
        code = command.main([*words, *span, "--from", "export", *more])
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert code in (2, 3)
    shown = said.out + said.err
    assert {each for each in shown if not each.isprintable()} <= {"\n"}
    assert "owned" in shown
    if code == 3 and not more and "trace" not in words:
        # Markup is shown as text and has no effect.
        assert "[red]x[/red]:smile:" in said.out
    if more and said.out:
        json.loads(said.out)


def test_a_forged_line_is_seen_as_part_of_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key with a line break in it must not make a row of its own."""
    trail = events.RecordedTrail()
    reader = events.role_session(events.READER, "x", "ASIA1")
    trail.object(NOW, "GetObject", "originals/a\nnot shown: nothing", reader)
    trail.write(tmp_path)
    assert command.main(["reads", "--by", events.READER, *SPAN, "--from", str(tmp_path)]) == 0
    assert "originals/a\\nnot shown: nothing" in capsys.readouterr().out.splitlines()


def test_times_stand_by_action_with_the_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The denial was in the night; the caller's last call, in the morning, was another."""
    trail = events.RecordedTrail()
    reader = events.role_session(events.READER, "x", "ASIA1")
    night, morning = datetime(2026, 11, 24, 4, 14, tzinfo=UTC), datetime(
        2026, 11, 24, 8, 20, tzinfo=UTC
    )  # fmt: skip
    trail.object(night, "GetObject", "originals/a", reader, "AccessDenied")
    trail.object(night - timedelta(hours=1), "GetObject", "thumbnails/a/s", reader)
    trail.object(morning, "GetObject", "thumbnails/a/s", reader)
    trail.write(tmp_path)
    words = ["who", *SPAN, "--from", str(tmp_path)]
    assert command.main(words) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    denied = ["GetObject", "AccessDenied", "1", *["2026-11-24", "04:14:00"] * 2]
    assert denied in lines
    assert ["GetObject", "ok", "2", "2026-11-24", "03:14:00", "2026-11-24", "08:20:00"] in lines
    assert command.main([*words, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert {
        "action": "GetObject",
        "outcome": "AccessDenied",
        "count": 1,
        "first": "2026-11-24T04:14:00+00:00",
        "last": "2026-11-24T04:14:00+00:00",
    } in row["counts"]


@pytest.mark.parametrize(
    "words",
    [
        ["who"],
        ["who", "--changes"],
        ["reads", "--by", events.READER],
        ["trace", f"s3://{events.BUCKET}/thumbnails/a.jpg/small.jpg"],
    ],
)
def test_an_arn_stays_whole_at_eighty_columns(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
) -> None:
    """It is copied from the terminal into the next command."""
    trail = events.RecordedTrail()
    trail.picture(NOW, "a.jpg", 1, events.access_key(1))
    trail.on_bucket(NOW, "PutBucketPolicy", events.DEPLOYER)
    long = f"arn:aws:iam::{events.B}:role/{'a' * 64}/reader-of-thumbnails"
    text = json.dumps(trail.records).replace(events.READER, long).replace(events.DEPLOYER, long)
    trail.records.clear()
    trail.records.update(json.loads(text))
    trail.write(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    words = [each.replace(events.READER, long) for each in words]
    assert command.main([*words, *SPAN, "--from", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(long in line for line in lines)
    # With short names, every line fits 80 columns: counts and times have fixed widths.
    assert all(len(line) <= 80 for line in lines if line.startswith("  ") and ":" in line[-6:])


def test_another_python_says_what_to_run(tmp_path: Path) -> None:
    """Outside of .venv there is no boto3, and a traceback does not say what to do."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "audit", "who", "--since", "24h"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'make audit ARGS="who --since 24h"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "ListBuckets"),
        ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "x"}}, "ListBuckets"),
        TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed"),
    ],
)
def test_an_expired_login_gets_its_remedy(
    dev: Recording,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    """With the very profile, so that the line can be copied."""
    found = aws.deployed(dev)
    found.answers["storage", "s3", "ListBuckets"] = error
    monkeypatch.setattr(command, "connect", lambda *_: found.access())
    assert command.main(["who", "--storage-profile", "audit-b"]) == 2
    assert "aws sso login --profile audit-b" in capsys.readouterr().err
