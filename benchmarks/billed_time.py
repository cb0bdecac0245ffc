"""Billed milliseconds an image, with 40 ms added to each call to S3.

Three shapes, on one CPU, each in a process of its own that has run once before:

- thumbx: the deployed handler, a batch of ten;
- tutorial: what tutorials show, an invocation an image: an STS and an S3 client, AssumeRole, get,
  then open, resize and put for each of three sizes, one after the other;
- improved tutorial: the clients and AssumeRole once for ten images, and each decoded once.

Billed are the milliseconds of the invocations, without a cold start.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from PIL import Image

from benchmarks.slow_aws import slow_aws

if TYPE_CHECKING:
    from collections.abc import Mapping

BATCH = 10
ROUNDS = 3
SIZES = {"large": 512, "medium": 256, "small": 128}
QUALITY = 80

ENVIRONMENT = {
    "TARGET_ROLE_ARN": "arn:aws:iam::222222222222:role/ThumbXRole",
    "BUCKET": "pictures",
    "BUCKET_OWNER": "222222222222",
    "REFUSED_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/111111111111/refused",
    "ORIGINALS_PREFIX": "originals/",
    "THUMBNAILS_PREFIX": "thumbnails/",
    "SIZES": json.dumps(SIZES),
    "FORMAT": "jpeg",
    "QUALITY": str(QUALITY),
    "FIT": "inside",
    "BACKGROUND": "#ffffff",
    "ANIMATED": "false",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "thumbx",
    "POWERTOOLS_METRICS_NAMESPACE": "Thumbx",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "ASIA",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One shape on one picture: billed milliseconds an image (median), and that over ours."""

    picture: str
    shape: str
    milliseconds: float
    ratio: float


def measure(pictures: Mapping[str, Path], python: str = sys.executable) -> list[Row]:
    """Measure all shapes on each picture, with an interpreter that has the function's packages."""
    rows: list[Row] = []
    for name, path in pictures.items():
        with slow_aws(path) as endpoint:
            billed = {shape: _run(shape, path, endpoint, python) for shape in SHAPES}
        rows += [
            Row(picture=name, shape=shape, milliseconds=each, ratio=each / billed["thumbx"])
            for shape, each in billed.items()
        ]
    return rows


def _run(shape: str, picture: Path, endpoint: str, python: str) -> float:
    run = subprocess.run(
        [python, "-m", "benchmarks.billed_time", shape, str(picture)],
        env={**os.environ, **ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint},
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(run.stdout.splitlines()[-1])


def thumbx(size: int) -> None:
    """One invocation of the deployed handler with ten messages."""
    from handler.entry import handler  # noqa: PLC0415 - needs the environment

    context: Any = SimpleNamespace(
        aws_request_id="benchmark", get_remaining_time_in_millis=lambda: 60_000
    )
    records = [
        {
            "messageId": str(number),
            "body": json.dumps({"Records": [{"s3": _notification(number, size)}]}),
            "attributes": {},
        }
        for number in range(BATCH)
    ]
    response = handler({"Records": records}, context)
    if response["batchItemFailures"]:
        raise RuntimeError("the handler failed: see its log above")


def _notification(number: int, size: int) -> dict[str, object]:
    return {"bucket": {"name": "pictures"}, "object": {"key": _key(number), "size": size}}


def _key(number: int) -> str:
    return f"originals/{number}"


def tutorial(size: int) -> None:  # noqa: ARG001 - all shapes are called alike
    """Ten invocations with one image each."""
    for number in range(BATCH):
        s3 = _tutorial_client()
        data = s3.get_object(Bucket="pictures", Key=_key(number))["Body"].read()
        for name, side in SIZES.items():
            _tutorial_put(s3, number, name, _tutorial_thumbnail(_opened(data), side))


def improved_tutorial(size: int) -> None:  # noqa: ARG001
    """One invocation with ten images, each decoded once."""
    s3 = _tutorial_client()
    for number in range(BATCH):
        image = _opened(s3.get_object(Bucket="pictures", Key=_key(number))["Body"].read())
        for name, side in SIZES.items():
            _tutorial_put(s3, number, name, _tutorial_thumbnail(image, side))


def _tutorial_client() -> Any:
    import boto3  # noqa: PLC0415 - not what the other shape imports

    credentials = boto3.client("sts").assume_role(
        RoleArn=ENVIRONMENT["TARGET_ROLE_ARN"], RoleSessionName="tutorial"
    )["Credentials"]
    return boto3.client(
        "s3",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def _tutorial_thumbnail(image: Image.Image, side: int) -> bytes:
    scale = side / max(image.size)
    size = round(image.width * scale), round(image.height * scale)
    buffer = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


def _tutorial_put(s3: Any, number: int, name: str, body: bytes) -> None:
    s3.put_object(
        Bucket="pictures",
        Key=f"thumbnails/{number}/{name}.jpg",
        Body=body,
        ContentType="image/jpeg",
    )


SHAPES = {"thumbx": thumbx, "tutorial": tutorial, "improved tutorial": improved_tutorial}


def _main(shape: str, picture: Path) -> None:
    """In a process of its own: print the milliseconds an image."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one vCPU: 1,769 MB
    run, size, spent = SHAPES[shape], picture.stat().st_size, []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        run(size)
        spent.append((time.perf_counter() - begun) * 1000 / BATCH)
    print(statistics.median(spent[1:]))


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
