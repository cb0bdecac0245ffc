"""Computes what a run costs and how long it takes, before anything is sent.

The time for a picture is a linear function of its size, fitted to measurements of the function at
1,769 MB on x86_64: docs/handler.md has the table and the machine. It gives the order of magnitude
only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recording import prices

if TYPE_CHECKING:
    from reconcile.findings import FindingCounts

FULL_VCPU = 1769  # MB; a smaller function has less than one vCPU
WAIT_MS = 12.0  # waiting for S3 for each picture, the same with any processor
PICTURE_MS = 13.0  # processor time for the smallest picture, without encoding
MEGABYTE_MS = 13.5  # processor time for each megabyte of a JPEG
# Processor time to encode the three default sizes of a photograph of 12 megapixels, measured beside
# JPEG in one run.
ENCODING_MS = {"jpeg": 2.0, "webp": 40.0, "png": 120.0, "avif": 400.0}
CALLS = 2  # one GET and one HEAD of the original, in addition to the puts
LOG_BYTES = 700  # a picture's line in the log
INVOCATION_LOG_BYTES = 900  # Lambda's own lines and the metrics, for each batch
DAY = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class FunctionCapacity:
    """The settings that decide speed and price: megabytes, copies, and what is made of a picture:
    the number of sizes, and the formats of each size.
    """

    memory: int
    architecture: str
    concurrency: int
    sizes: int
    formats: tuple[str, ...]

    @property
    def thumbnails(self) -> int:
        """How many thumbnails a picture has."""
        return self.sizes * len(self.formats)

    def milliseconds(self, size: float) -> float:
        """The billed milliseconds for an original of `size` bytes."""
        encoding = sum(ENCODING_MS[each] for each in self.formats)
        processor = PICTURE_MS + MEGABYTE_MS * size / 1e6 + encoding
        return processor * max(1.0, FULL_VCPU / self.memory) + WAIT_MS

    def rate(self, size: float) -> float:
        """How many pictures of `size` bytes all copies together make in a second."""
        return self.concurrency * 1000 / self.milliseconds(size)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Dollars by item, and seconds at the configured concurrency."""

    items: dict[str, float]
    seconds: float

    @property
    def dollars(self) -> float:
        """All items together."""
        return sum(self.items.values())


def estimate(tally: FindingCounts, function: FunctionCapacity, region: str) -> Estimate:
    """The cost of the pictures of a tally if all of them are sent, by the prices of the region."""
    put, get, _, log = prices.REGIONS.get(region, prices.REGIONS[prices.REGION])
    pictures = tally.to_send
    mean = tally.bytes_to_read / pictures if pictures else 0.0
    billed = pictures * function.milliseconds(mean) / 1000
    puts = pictures * function.thumbnails
    cold = 0.0
    for name, (request, gigabyte) in prices.RETRIEVAL.items():
        size = tally.classes[name]
        cold += size / prices.GIGABYTE * gigabyte + (size / mean * request if mean else 0.0)
    items = {
        "puts of thumbnails": puts * put,
        "reads of originals": pictures * CALLS * get,
        "retrieval from colder storage classes": cold,
        "function": billed
        * function.memory
        / 1024
        * prices.LAMBDA_GIGABYTE_SECOND[function.architecture]
        + pictures / 10 * prices.LAMBDA_REQUEST,
        # Each message is sent, received and deleted, in batches of ten.
        "queue": pictures * 3 / 10 * (prices.SQS_REQUEST + prices.SQS_GROUPED),
        "log": pictures * (LOG_BYTES + INVOCATION_LOG_BYTES / 10) / prices.GIGABYTE * log,
        "data events, where a trail logs them": (puts + pictures * CALLS) * prices.DATA_EVENT,
        "this listing": (tally.originals + tally.thumbnails) / 1000 * put,
    }
    seconds = pictures / function.rate(mean) if pictures else 0.0
    return Estimate(items=items, seconds=seconds)
