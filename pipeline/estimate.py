"""Estimates what a stack costs a month, and how much it can process, before it is deployed: `make
estimate`.

The model is reconcile's; its constants say where they were measured. A test compares the calls,
messages and log bytes of a picture with the sandbox.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.cost import monthly
from pipeline.errors import PipelineError
from reconcile.cost import CALLS, DAY, INVOCATION_LOG_BYTES, LOG_BYTES, FunctionCapacity
from recording import prices
from recording.recording import record

if TYPE_CHECKING:
    from components.configuration.settings import Settings

MONTH = 30  # days
CENT = 0.01
ASPECT = 0.75  # of a photograph: 4 to 3
# Of thumbnails at quality 80, measured on samples/; PNG's are larger by far.
BYTES_A_PIXEL = {"jpeg": 0.2, "webp": 0.15, "avif": 0.1, "png": 1.5}
BATCH = 10  # messages that a busy function gets with one call of the queue
BUSY = 0.5  # share of the lowest limit below which an upload mostly finds an empty queue
METRICS = 6  # custom metrics that the function writes: five outcomes and the time
# Lambda's reads of an idle queue are billed too: five pollers, a read every twenty seconds.
IDLE_POLLS = MONTH * DAY * 5 / 20
EVENTS_OF_UPLOAD = 1  # the put that brings the original, which a trail logs as well
# Quotas, per second: S3's by prefix, STS's by account, of AWS's documentation.
S3_PUTS, S3_GETS, STS_SESSIONS = 3_500, 5_500, 600
KMS_REQUESTS = 5_500  # in the regions with the lowest quota
EVENTS_A_SECOND = 2_400  # EventBridge's quota, in the regions with the lowest
SESSION = 3600  # seconds; the longest session of a role that another role assumes
LARGEST_MONTH = 1e9  # pictures; the model was compared up to this number

_PICTURES = re.compile(
    r"([0-9]+(?:\.[0-9]+)?(?:e[0-9]{1,2})?)(?:/(day|month|hour|second))?", re.IGNORECASE
)
_A_MONTH = {"second": MONTH * DAY, "hour": MONTH * 24, "day": MONTH, "month": 1}


@dataclass(frozen=True, kw_only=True)
class Load:
    """The load: pictures a month, megabytes each, and reads of each thumbnail."""

    pictures: float
    megabytes: float = 3.0
    reads: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The options of a stack that decide its price."""

    region: str
    function: FunctionCapacity
    thumbnail_bytes: float
    """The bytes of all thumbnails of one picture."""
    data_events: str
    """all, reads, writes, or off where the stack has no trail of its own."""
    own_key: bool
    event_bridge: bool
    fixed: float
    """Dollars a month for resources that cost money while they exist: alarms, dashboards, key."""


def pictures_of(text: str) -> float:
    """Read `1e6/day`; PipelineError if it is not valid, or too many for the model."""
    match = _PICTURES.fullmatch(text)
    remedy = "write PICTURES=1e6/day, or a number by /second, /hour or /month"
    if match is None:
        raise PipelineError(f"PICTURES is '{text}', which is not a number of pictures; {remedy}")
    found = float(match[1]) * _A_MONTH[(match[2] or "month").lower()]
    if not 1 <= found <= LARGEST_MONTH:
        raise PipelineError(
            f"PICTURES is '{text}', {found:,.0f} a month, and the model holds from 1 to "
            f"{LARGEST_MONTH:,.0f}; {remedy}"
        )
    return found


def shape_of(stack: str, settings: Settings, stacks: str = "") -> Shape:
    """Return the shape of a stack, from its settings and the program's resources.

    `stacks` is the folder of its file, if it is another than the project's.
    """
    pixels = sum(ASPECT * side * side for side in settings.thumbnails.sizes.values())
    tokens = Counter(each.token for each in record(stack, stacks=stacks).resources)
    aws = [token for token in tokens if token.startswith("aws:")]
    function = settings.function
    return Shape(
        region=settings.region,
        function=FunctionCapacity(
            memory=function.memory,
            architecture=function.architecture,
            concurrency=function.concurrency,
            sizes=len(settings.thumbnails.sizes),
            formats=settings.thumbnails.formats,
        ),
        thumbnail_bytes=pixels * sum(BYTES_A_PIXEL[each] for each in settings.thumbnails.formats),
        data_events=settings.watch.data_events if settings.watch.trail != "off" else "off",
        own_key=settings.storage.own_key,
        # EventBridge sends the events of a bucket that existed before the program.
        event_bridge=settings.storage.event_bridge or settings.storage.bucket is not None,
        fixed=sum(price * tokens[token] for token, price in monthly(aws)),
    )


def batch(shape: Shape, load: Load) -> int:
    """Return how many messages an invocation gets at this load."""
    average = load.pictures / MONTH / DAY
    return BATCH if average > BUSY * min(bounds(shape, load).values()) else 1


def items(shape: Shape, load: Load) -> dict[str, float]:
    """Return dollars a month by item."""
    put, get, storage, log = prices.REGIONS.get(shape.region, prices.REGIONS["us-east-1"])
    count, thumbnails = load.pictures, shape.function.thumbnails
    puts, gets, reads = count * thumbnails, count * CALLS, count * thumbnails * load.reads
    seconds = count * shape.function.milliseconds(load.megabytes * 1e6) / 1000
    logged = {
        "all": puts + gets + reads + count * EVENTS_OF_UPLOAD,
        "reads": gets + reads,
        "writes": puts + count * EVENTS_OF_UPLOAD,
        "off": 0.0,
    }[shape.data_events]
    invocations = count / batch(shape, load)
    # With a bucket key, S3 calls KMS once in a while and not for each object.
    kms = (puts + gets + reads) / 100 if shape.own_key else 0.0
    return {
        "puts of thumbnails": puts * put,
        "gets of originals": gets * get,
        "reads of thumbnails from the bucket": reads * get,
        "lists, one reconcile a month": (count + puts) / 1000 * put,
        "Lambda": invocations * prices.LAMBDA_REQUEST
        + seconds
        * shape.function.memory
        / 1024
        * prices.LAMBDA_GIGABYTE_SECOND[shape.function.architecture],
        # Messages are sent one by one, and received and deleted in batches.
        "queue": (count + 2 * invocations + IDLE_POLLS) * prices.SQS_REQUEST,
        "log": (count * LOG_BYTES + invocations * INVOCATION_LOG_BYTES) / prices.GIGABYTE * log,
        "trail's data events": logged * prices.DATA_EVENT,
        # S3 sends all events of the bucket; those of originals go on to the queue in the other
        # account.
        "EventBridge": count * ((1 + thumbnails) * prices.EVENT + prices.EVENT_ABROAD)
        if shape.event_bridge
        else 0.0,
        "KMS requests": kms * prices.KMS_REQUEST,
        "alarms, dashboards, key, metrics": shape.fixed + METRICS * prices.METRIC,
        "storage of a month's thumbnails": count * shape.thumbnail_bytes / 1e9 * storage,
    }


def bounds(shape: Shape, load: Load) -> dict[str, float]:
    """Return the limits of the throughput, in pictures a second, the lowest first."""
    thumbnails = shape.function.thumbnails
    found = {
        "concurrency": shape.function.rate(load.megabytes * 1e6),
        "S3's puts to one prefix (S3 splits a busy prefix, in time)": S3_PUTS / thumbnails,
        "S3's gets from one prefix": S3_GETS / CALLS,
        "STS's sessions, at the start of all containers": shape.function.rate(load.megabytes * 1e6)
        * STS_SESSIONS
        * SESSION
        / shape.function.concurrency,
    }
    if shape.own_key:
        found["KMS's requests, without its bucket key"] = KMS_REQUESTS / (thumbnails + CALLS)
    if shape.event_bridge:
        found["EventBridge's events"] = EVENTS_A_SECOND / (1 + thumbnails)
    return dict(sorted(found.items(), key=lambda each: each[1]))


def savings(shape: Shape, load: Load) -> list[tuple[float, str]]:
    """Return what other settings would save in a month and what each gives up; largest first."""
    function = shape.function
    others = {
        "function.architecture arm64: resamples slower, so measure (docs/handler.md)": replace(
            shape, function=replace(function, architecture="arm64")
        ),
        "watch.dataEvents writes: nobody can say who saw a picture": replace(
            shape, data_events="writes"
        ),
        "watch.dataEvents reads: nobody can say who put or deleted one": replace(
            shape, data_events="reads"
        ),
        "watch.trail off: nobody can say either, and there is no alarm on denied calls": replace(
            shape, data_events="off"
        ),
        "watch.dashboards and alarms false: nobody gets an alarm": replace(shape, fixed=0.0),
    }
    if function.sizes > 1:
        fewer = replace(function, sizes=function.sizes - 1)
        others["thumbnails.sizes, one less: pages scale another one"] = replace(
            shape, function=fewer
        )
    if len(function.formats) > 1:
        fewer = replace(function, formats=function.formats[:-1])
        text = f"thumbnails.formats without {function.formats[-1]}: one less for pages to choose"
        others[text] = replace(shape, function=fewer)
    total = sum(items(shape, load).values())
    found = [(total - sum(items(each, load).values()), text) for text, each in others.items()]
    return sorted((each for each in found if each[0] >= CENT), reverse=True)
