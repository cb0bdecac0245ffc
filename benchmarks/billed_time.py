"""Measures billed milliseconds for each image, with 40 ms added to each call to S3.

Two programs are measured on one CPU, each in a separate process that has run once before:

- thumbx: the deployed handler, a batch of ten;
- tutorial: what tutorials show, one invocation for each image: STS and S3 clients, AssumeRole, get,
  then open, resize and put for each of three sizes, one after the other.

Only the invocations are billed, without a cold start.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from PIL import Image

from benchmarks.pairs import ratio
from benchmarks.slow_aws import slow_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

BATCH = 10
ALONE = 2  # the number of the tutorial's invocations in a round; each has one image
ROUNDS = 5
JPEGS, ALL = "all JPEGs", "all inputs"
SPENT = "milliseconds an image: "
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
    "FORMATS": "jpeg",
    "QUALITY": str(QUALITY),
    "FIT": "inside",
    "BACKGROUND": "#ffffff",
    "ANIMATED": "false",
    "REMOVALS": "keep",
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
    """One program on one picture (or on several): the median of billed milliseconds for each image,
    and the ratio to ours.
    """

    picture: str
    shape: str
    milliseconds: float
    ratio: float


def measure(pictures: Mapping[str, Path], python: str = sys.executable) -> list[Row]:
    """Measure both programs on each picture, with an interpreter that has the function's
    packages.
    """
    rounds: dict[str, dict[str, list[float]]] = {}
    for name, path in pictures.items():
        with slow_aws(path) as endpoint, ExitStack() as stack:
            shapes = {
                shape: stack.enter_context(_process(shape, path, endpoint, python))
                for shape in SHAPES
            }
            spent: dict[str, list[float]] = {shape: [] for shape in SHAPES}
            for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine slows both
                for shape, run in shapes.items():
                    spent[shape].append(run())
        rounds[name] = spent
    jpegs = [name for name, path in pictures.items() if path.read_bytes()[:2] == b"\xff\xd8"]
    for group, names in ((JPEGS, jpegs), (ALL, list(pictures))):
        rounds[group] = {
            shape: [
                statistics.mean(each)
                for each in zip(*(rounds[name][shape] for name in names), strict=True)
            ]
            for shape in SHAPES
        }
    return [row for name, spent in rounds.items() for row in _rows(name, spent)]


def _rows(picture: str, spent: Mapping[str, Sequence[float]]) -> list[Row]:
    return [
        Row(
            picture=picture,
            shape=shape,
            milliseconds=statistics.median(each),
            ratio=ratio(each, spent["thumbx"]),
        )
        for shape, each in spent.items()
    ]


@contextmanager
def _process(
    shape: str, picture: Path, endpoint: str, python: str
) -> Generator[Callable[[], float]]:
    """A process that runs one round for each line of input; the yielded function runs one round."""
    process = subprocess.Popen(
        [python, "-m", "benchmarks.billed_time", shape, str(picture)],
        env={**os.environ, **ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint},
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the process has no pipes")
    to, answers = process.stdin, process.stdout

    def run() -> float:
        to.write("run\n")
        to.flush()
        for line in answers:  # among the lines of the function's log
            if line.startswith(SPENT):
                return float(line.removeprefix(SPENT))
        raise RuntimeError(f"{shape} ended before its answer: see its error above")

    try:
        run()
        yield run
    finally:
        to.close()
        process.wait(timeout=60)
        answers.close()


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


def tutorial(size: int) -> None:  # noqa: ARG001 - both programs are called in the same way
    """One invocation for each image."""
    for number in range(ALONE):
        s3 = _tutorial_client()
        data = s3.get_object(Bucket="pictures", Key=_key(number))["Body"].read()
        for name, side in SIZES.items():
            _tutorial_put(s3, number, name, _tutorial_thumbnail(data, side))


def _tutorial_client() -> Any:
    import boto3  # noqa: PLC0415 - the other program must not import it

    credentials = boto3.client("sts").assume_role(
        RoleArn=ENVIRONMENT["TARGET_ROLE_ARN"], RoleSessionName="tutorial"
    )["Credentials"]
    return boto3.client(
        "s3",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def _tutorial_thumbnail(data: bytes, side: int) -> bytes:
    image = Image.open(io.BytesIO(data))
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


# The programs, and the number of images in a round of each.
SHAPES = {"thumbx": (thumbx, BATCH), "tutorial": (tutorial, ALONE)}


def _main(shape: str, picture: Path) -> None:
    """Run one round for each line of stdin, and print its milliseconds for each image."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one vCPU: 1,769 MB
    (run, images), size = SHAPES[shape], picture.stat().st_size
    for _ in sys.stdin:
        begun = time.perf_counter()
        run(size)
        print(f"{SPENT}{(time.perf_counter() - begun) * 1000 / images}", flush=True)


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]))
