"""The billed time of Lambda, from its log lines in both forms."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pipeline import billing
from pipeline.billing import Bill

GROUP, KEY = "ThumbX-logs-1a2b3c4", "originals/smoke/rocket.jpg"

# As CloudWatch Logs shows them (Lambda developer guide, "Log formats" and "Telemetry API schema").
TEXT = (
    "REPORT RequestId: r1\tDuration: 98.72 ms\tBilled Duration: 1099 ms\tMemory Size: 1769 MB\t"
    "Max Memory Used: 153 MB\tInit Duration: 1000.10 ms\t\n"
)
JSON = json.dumps(
    {
        "time": "2026-11-28T12:00:00.000Z",
        "type": "platform.report",
        "record": {
            "requestId": "r1",
            "metrics": {
                "durationMs": 98.72,
                "billedDurationMs": 1099,
                "memorySizeMB": 1769,
                "maxMemoryUsedMB": 153,
                "initDurationMs": 1000.1,
            },
            "status": "success",
        },
    }
)
OURS = json.dumps({"message": "upload", "key": KEY, "outcome": "done", "request_id": "r1"})
OTHERS = json.dumps(
    {"message": "upload", "key": "originals/x", "outcome": "done", "request_id": "r2"}
)


def client() -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.Session(region_name="eu-central-1", **keys).client("logs")


def events(*messages: str) -> dict[str, Any]:
    return {"events": [{"message": message} for message in messages]}


@pytest.mark.parametrize("report", [TEXT, JSON], ids=["text", "json"])
def test_the_bill_is_that_of_the_pictures_own_invocation(report: str) -> None:
    """Another picture in the same minute belongs to somebody else."""
    logs = client()
    another = report.replace("r1", "r2").replace("1099", "5")
    with Stubber(logs) as stub:
        stub.add_response("filter_log_events", events(another, OTHERS, "START", OURS, report))
        bill = billing.billed(logs, GROUP, KEY, 0, 0)
    assert bill == Bill(request="r1", milliseconds=1099, size=1769, used=153, cold=True)


def test_the_price_is_that_of_the_architecture() -> None:
    """1,769 MB for 1,099 ms: by Lambda's price list, to be compared between the two."""
    bill = Bill(request="r1", milliseconds=1099, size=1769, used=153, cold=True)
    gigabyte_seconds = 1769 / 1024 * 1.099
    assert bill.dollars("x86_64") == pytest.approx(gigabyte_seconds * 0.0000166667 + 0.0000002)
    assert bill.dollars("arm64") == pytest.approx(gigabyte_seconds * 0.0000133334 + 0.0000002)


def test_a_log_that_may_not_be_read_is_said_and_no_failure() -> None:
    """The thumbnails are there: the deployment is good."""
    logs = client()
    with Stubber(logs) as stub:
        stub.add_client_error("filter_log_events", "AccessDeniedException")
        said = billing.sentence(logs, GROUP, KEY, 0, "arm64")
    assert said.startswith(f"what it cost is not known, because the log {GROUP} cannot be read: ")
