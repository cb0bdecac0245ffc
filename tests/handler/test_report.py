"""The traces of an upload for people and alarms: one line, and metrics."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from handler.report import Report
from tests.handler.conftest import HEX, message, picture, record, upload
from tests.handler.fake_aws import BUCKET, AwsError, Call, FakeAws, etag

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.handler.conftest import Container

KEY = "originals/a.png"
POWERTOOLS = {"level", "location", "message", "timestamp", "service"}


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    """The values that CloudWatch would take out of the log, by dimensions and name."""
    found: dict[str, list[float]] = {}
    for line in capsys.readouterr().out.splitlines():
        document = json.loads(line)
        for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == "Thumbx"
            for dimensions in directive["Dimensions"]:
                labels = [document[name] for name in dimensions if name != "service"]
                assert "service" in dimensions
                for metric in directive["Metrics"]:
                    name = "/".join([metric["Name"], *labels])
                    found.setdefault(name, []).extend(document[metric["Name"]])
    return found


def deny(call: Call) -> None:
    if call.operation == "GetObject":
        raise AwsError(403, "AccessDenied", "not for you")


def test_a_done_upload_has_one_line_with_all_there_is_to_know(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """People have only this line, and an audit compares it with the trail."""
    body = picture(size=(60, 40))
    container.invoke(upload(aws, KEY, body))
    (line,) = lines()
    times = {name: line.pop(name) for name in list(line) if name.endswith("_ms")}
    assert {name: line[name] for name in line if name not in POWERTOOLS} == {
        "outcome": "done",
        "bucket": BUCKET,
        "key": KEY,
        "etag": etag(body).strip('"'),
        "bytes": len(body),
        "pixels": 2400,
        "format": "PNG",
        "rounds": 1,
        "message_id": "m1",
        "receives": 1,
        "request_id": container.context.aws_request_id,
        "session": f"thumbx-20300102-{HEX}",
    }
    assert (line["level"], line["message"]) == ("INFO", "upload")
    assert sorted(times) == sorted(
        f"{stage}_ms" for stage in ("wait", "read", "pixels", "write", "check", "total")
    )
    assert sum(times.values()) <= 2 * times["total_ms"] + 1


def test_the_fields_of_a_line_are_those_of_a_report_in_its_order(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """A person who writes a query finds the fields in one place."""
    container.invoke(upload(aws, KEY, b"no picture"))
    (line,) = lines()
    documented = [field.name for field in fields(Report)]
    assert [name for name in documented if name in line] == [
        name for name in line if name not in POWERTOOLS
    ]


def test_a_refusal_is_one_line_without_a_traceback(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """It is the user's picture that is wrong, and not the function."""
    container.invoke(upload(aws, KEY, b"no picture"))
    (line,) = lines()
    assert (line["level"], line["outcome"]) == ("WARNING", "refused")
    assert line["reason"] == aws.refused[0]["reason"]
    assert line["error"] == aws.refused[0]["message"]
    assert "Traceback" not in json.dumps(line)


def test_a_failure_is_one_line_that_says_what_was_refused(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Powertools swallows what a record raises, so the line has to be written before."""
    aws.before = deny
    container.invoke(upload(aws, KEY, picture()))
    (line,) = lines()
    assert (line["level"], line["outcome"]) == ("ERROR", "failed")
    assert line["error"] == (
        f"getting {KEY} failed: An error occurred (AccessDenied) when calling the GetObject "
        "operation: not for you"
    )
    assert "exception" not in line


def test_a_failure_to_assume_the_role_is_one_line_an_upload(
    container: Container,
    aws: FakeAws,
    lines: Callable[[], list[dict[str, Any]]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without our setting, botocore would add a warning with a traceback for each upload."""

    def throttle(call: Call) -> None:
        raise AwsError(400, "Throttling", "later")

    aws.before = throttle
    container.invoke(upload(aws, KEY, picture()), upload(aws, "originals/b", picture(), "m2"))
    found = lines()
    assert [line["key"] for line in found] == [KEY, "originals/b"]
    assert all(line["error"].startswith("assuming ThumbXRole failed") for line in found)
    assert [each.name for each in caplog.records if each.name.startswith("botocore")] == []


def test_what_nobody_foresaw_is_one_line_with_its_traceback(
    container: Container,
    aws: FakeAws,
    lines: Callable[[], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bug is found by its traceback; the queue brings the upload again meanwhile."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("handler.pipeline.make_thumbnails", broken)
    assert container.invoke(upload(aws, KEY, picture())) == ["m1"]
    (line,) = lines()
    assert (line["outcome"], line["error"]) == ("failed", "a bug")
    assert "ZeroDivisionError: a bug" in line["exception"]


def test_a_message_that_is_no_notification_is_one_line(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """There is no key to name, but the line names the message in the refused queue."""
    assert container.invoke(message(body="what?")) == []
    (line,) = lines()
    assert (line["message_id"], line["outcome"]) == ("m1", "refused")
    assert "is neither a notification of S3" in line["error"]
    (refused,) = aws.refused
    assert (refused["message_id"], refused["key"]) == ("m1", None)
    assert refused["message"].endswith("It begins: what?")


@pytest.mark.parametrize(
    ("level", "outcomes"), [("INFO", 3), ("WARNING", 2), ("ERROR", 1), ("CRITICAL", 0)]
)
def test_the_level_says_how_much_is_logged(
    start: Callable[..., Container],
    aws: FakeAws,
    lines: Callable[[], list[dict[str, Any]]],
    level: str,
    outcomes: int,
) -> None:
    """For a million pictures a day, the lines of good ones cost more than the pictures."""
    # As Lambda sets it from the level that the program gives it.
    container = start(POWERTOOLS_LOG_LEVEL=level, AWS_LAMBDA_LOG_LEVEL="INFO")
    aws.put(KEY, picture())
    container.invoke(
        message(record(KEY), message_id="good"),
        upload(aws, "originals/b.png", b"no picture", "refused"),
        message(record("originals/gone.png"), message_id="failed"),
    )
    assert len(lines()) == outcomes


def test_neither_pictures_nor_credentials_reach_the_log(
    start: Callable[..., Container], aws: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logs are kept for long and read by many."""
    container = start(POWERTOOLS_LOG_LEVEL="DEBUG")
    secret_picture = b"GIF89a: a secret in a broken picture"
    container.invoke(upload(aws, KEY, secret_picture))
    aws.before = deny
    container.invoke(upload(aws, KEY, secret_picture))
    log = capsys.readouterr()
    for secret in ("secret in a", "hush", "ASIATHUMBX", "of-the-function", "ASIAFUNCTION"):
        assert secret not in log.out + log.err


def test_metrics_count_every_outcome(
    container: Container, aws: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alarms and dashboards see nothing else."""

    def fault(call: Call) -> None:
        if call.operation == "GetObject" and call.key == "originals/denied":
            raise AwsError(403, "AccessDenied")
        if call.operation == "HeadObject" and call.key == "originals/deleted":
            aws.delete(call.key)

    aws.before = fault
    container.invoke(
        upload(aws, "originals/1.png", picture(), "m1"),
        upload(aws, "originals/2.png", picture(), "m2"),
        upload(aws, "originals/text", b"text", "m3"),
        upload(aws, "originals/denied", picture(), "m4"),
        upload(aws, "originals/deleted", picture(), "m5"),
        message(record("elsewhere/x"), message_id="m6"),
        message(
            body={"source": "thumbx.reconcile", "bucket": BUCKET, "key": "originals/gone"},
            message_id="m7",
        ),
    )
    found = metrics(capsys)
    assert len(found.pop("Milliseconds")) == 7
    assert {name: sum(values) for name, values in found.items()} == {
        "Images": 2,
        "Refused": 2,
        "Refused/not-an-image": 1,
        "Refused/outside-prefix": 1,
        "Failed": 1,
        "Orphans": 1,
    }


def test_each_invocation_writes_its_own_metrics(
    container: Container, aws: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is kept for the next would be lost with the container, or counted twice."""
    for _ in range(2):
        container.invoke(upload(aws, KEY, picture()))
        assert metrics(capsys)["Images"] == [1]


def test_a_batch_without_uploads_writes_nothing(
    container: Container, aws: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """S3's test event is no upload."""
    container.invoke(message(body={"Event": "s3:TestEvent"}))
    assert capsys.readouterr().out == ""
