"""Reads what Lambda billed for the smoke test's picture, from the REPORT line of its invocation."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from recording import prices

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 30  # seconds until an invocation's lines can be read
PAUSE = 2.0
MEGABYTES = 1024  # of Lambda's gigabyte

# The line as text; with JSON logs it is an event of the type platform.report.
REPORT = re.compile(
    r"REPORT RequestId: (?P<request>\S+)\s.*?Billed Duration: (?P<billed>[\d.]+) ms\s+"
    r"Memory Size: (?P<size>\d+) MB\s+Max Memory Used: (?P<used>\d+) MB"
    r"(?:\s+Init Duration: (?P<init>[\d.]+) ms)?"
)


@dataclass(frozen=True, kw_only=True)
class Bill:
    """One invocation: the billed milliseconds, including initialization, and memory in MB."""

    request: str
    milliseconds: float
    size: int
    used: int
    cold: bool

    def dollars(self, architecture: str) -> float:
        """The invocation's price by AWS's price list."""
        gigabytes = self.size / MEGABYTES
        rate = prices.LAMBDA_GIGABYTE_SECOND[architecture]
        return gigabytes * self.milliseconds / 1000 * rate + prices.LAMBDA_REQUEST


def billed(logs: Any, group: str, key: str, since: float, seconds: float = SECONDS) -> Bill | None:
    """Find the invocation that made an original's thumbnails after `since`, in seconds since 1970.

    `logs` is a CloudWatch Logs client with a profile of the producer's account. None if its lines
    do not appear in time. Raises ClientError and BotoCoreError as boto3 does.
    """
    ends = time.monotonic() + seconds
    while True:
        messages = list(_messages(logs, group, since))
        requests = {str(line.get("request_id")) for line in _lines(messages, key)}
        for bill in _bills(messages):
            if bill.request in requests:
                return bill
        if time.monotonic() > ends:
            return None
        time.sleep(PAUSE)


def sentence(logs: Any, group: str, key: str, since: float, architecture: str) -> str:
    """The cost of the picture, or the reason why it is not known."""
    try:
        bill = billed(logs, group, key, since)
    except (BotoCoreError, ClientError) as error:
        return f"what it cost is not known, because the log {group} cannot be read: {error}"
    if not bill:
        return f"what it cost is not known: the log {group} had no REPORT of it in {SECONDS} s"
    start = "a cold start included" if bill.cold else "no cold start"
    return (
        f"billed {bill.milliseconds:.0f} ms of {bill.size} MB on {architecture} ({start}), "
        f"{bill.used} MB used: ${bill.dollars(architecture):.9f} by the list price of "
        f"{prices.REGION}, {prices.DATE}"
    )


def _messages(logs: Any, group: str, since: float) -> Iterator[str]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=int(since * 1000)
    )
    for page in pages:
        for event in page["events"]:
            yield event["message"]


def _lines(messages: list[str], key: str) -> Iterator[dict[str, Any]]:
    for line in filter(None, map(_parsed, messages)):
        if line.get("key") == key and line.get("outcome") == "done":
            yield line


def _bills(messages: list[str]) -> Iterator[Bill]:
    for message in messages:
        if found := REPORT.search(message):
            yield Bill(
                request=found["request"],
                milliseconds=float(found["billed"]),
                size=int(found["size"]),
                used=int(found["used"]),
                cold=found["init"] is not None,
            )
        elif (line := _parsed(message)) and line.get("type") == "platform.report":
            metrics = line["record"]["metrics"]
            yield Bill(
                request=line["record"]["requestId"],
                milliseconds=float(metrics["billedDurationMs"]),
                size=int(metrics["memorySizeMB"]),
                used=int(metrics["maxMemoryUsedMB"]),
                cold="initDurationMs" in metrics,
            )


def _parsed(message: str) -> dict[str, Any] | None:
    try:
        value: object = json.loads(message)
    except ValueError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
