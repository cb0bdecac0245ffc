"""Containers of the function, as Lambda would start them, on an AWS in memory."""

from __future__ import annotations

import importlib.util
import io
import itertools
import json
import logging
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock
from urllib.parse import quote_plus

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics
from PIL import Image

import handler
from handler.pictures import resampling
from tests.handler.fake_aws import BUCKET, OWNER, REFUSED_QUEUE_URL, ROLE_ARN, START, FakeAws, etag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

DAYS = itertools.count()

HEX = "0123456789abcdef" * 2

ENVIRONMENT = {
    "TARGET_ROLE_ARN": ROLE_ARN,
    "BUCKET": BUCKET,
    "BUCKET_OWNER": OWNER,
    "REFUSED_QUEUE_URL": REFUSED_QUEUE_URL,
    "ORIGINALS_PREFIX": "originals/",
    "THUMBNAILS_PREFIX": "thumbnails/",
    "SIZES": json.dumps({"large": 48, "medium": 24, "small": 12}),
    "FORMATS": "png",
    "QUALITY": "80",
    "FIT": "inside",
    "BACKGROUND": "#ffffff",
    "ANIMATED": "false",
    "REMOVALS": "keep",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "thumbx",
    "POWERTOOLS_METRICS_NAMESPACE": "Thumbx",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "AWS_LAMBDA_LOG_STREAM_NAME": f"2030/01/02/[$LATEST]{HEX}",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "ASIAFUNCTION",
    "AWS_SECRET_ACCESS_KEY": "of-the-function",
    "AWS_SESSION_TOKEN": "of-the-function",
}


@pytest.fixture(scope="module", params=["simd", "pillow"])
def each_resampler(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a module's tests twice: as on x86_64, and as on arm64, which uses Pillow's resampler."""
    if request.param == "simd" and resampling.simd() is None:
        pytest.skip("the resizer with SIMD has no wheel for this machine")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "pillow":
            patch.setattr(resampling, "simd", lambda: None)
        yield


@dataclass
class Context:
    """What Lambda passes in addition to the event."""

    aws_request_id: str = "11111111-2222-3333-4444-555555555555"
    milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass
class Container:
    """One running copy of the function."""

    entry: ModuleType
    service: str
    context: Context = field(default_factory=Context)

    def invoke(self, *messages: dict[str, Any]) -> list[str]:
        """Pass a batch to a container; return the ids of the messages that the queue should
        deliver again.
        """
        for stream in logging.getLogger(self.service).handlers:
            # The logger lives longer than the test, but the stream with which it was made does not.
            assert isinstance(stream, logging.StreamHandler)
            stream.stream = sys.stdout
        response = self.entry.handler({"Records": list(messages)}, self.context)
        return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of the containers that the test starts."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return dict(ENVIRONMENT)


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    """An empty bucket, and a clock that only moves when a test moves it.

    The clock is a day later for each test, so that the role's credentials of an earlier test have
    expired.
    """
    fake = FakeAws(START + timedelta(days=next(DAYS)))
    yield fake
    fake.detach()


@pytest.fixture
def start(
    environment: dict[str, str], aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Container]:
    """Start a container, with changes to its environment."""
    # botocore waits seconds between attempts; the tests only check that it makes them.
    monkeypatch.setattr("time.sleep", Mock())
    monkeypatch.setattr("handler.session.datetime", Mock(now=Mock(side_effect=lambda _: aws.now)))

    def start_container(name: str = "", **changes: str) -> Container:
        for variable, value in changes.items():
            monkeypatch.setenv(variable, value)
        # A logger of its own for each: Powertools tells them apart by the service.
        service = "-".join(("thumbx", name, *changes.values()))
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
        entry = _load_entry(service)
        aws.attach(entry.clients, name)
        return Container(entry, service)

    return start_container


@cache
def _load_entry(service: str) -> ModuleType:
    """Import the entry point as a container does, once for each kind, because making clients is
    slow.

    Each with metrics of its own. Powertools keeps metrics by class, and so by process. On Lambda
    that means by container, but here two containers that run at once would count into each other's
    metrics and flush them.
    """
    spec = importlib.util.spec_from_file_location(service, f"{handler.__path__[0]}/entry.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aws_lambda_powertools.metrics.Metrics", EphemeralMetrics)
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def container(start: Callable[..., Container]) -> Container:
    """A running container with the plain environment."""
    return start()


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """Read the log since the last time: one dict an upload's line, metrics left out."""

    def read() -> list[dict[str, Any]]:
        captured = capsys.readouterr()
        assert captured.err == ""
        parsed = [json.loads(line) for line in captured.out.splitlines()]
        return [line for line in parsed if "_aws" not in line]

    return read


def picture(colour: str = "red", size: tuple[int, int] = (60, 40), format_: str = "PNG") -> bytes:
    """A real picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, format_)
    return buffer.getvalue()


def colour_of(body: bytes) -> tuple[int, ...]:
    """The colour in the middle of a picture."""
    with Image.open(io.BytesIO(body)) as image:
        pixel = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel


def record(key: str, body: bytes = b"", bucket: str = BUCKET) -> dict[str, Any]:
    """One record of an S3 notification, with the fields that S3 sends."""
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "eu-central-1",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {
                "key": quote_plus(key, safe="/"),
                "size": len(body),
                "eTag": etag(body).strip('"'),
                "versionId": "v1",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }


def message(
    *records: dict[str, Any], message_id: str = "m1", body: object = None
) -> dict[str, Any]:
    """One SQS message as Lambda hands it over."""
    text = body if isinstance(body, str) else json.dumps(body or {"Records": list(records)})
    return {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": text,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:111111111111:uploads",
        "awsRegion": "eu-central-1",
    }


def upload(aws: FakeAws, key: str, body: bytes, message_id: str = "m1") -> dict[str, Any]:
    """Put an original and return the message that tells of it."""
    aws.put(key, body)
    return message(record(key, body), message_id=message_id)


def batch_of(aws: FakeAws, number: int) -> list[dict[str, Any]]:
    """Put `number` originals and return their messages, m0 and so on."""
    return [upload(aws, f"originals/{n}.png", picture(), f"m{n}") for n in range(number)]
