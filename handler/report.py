"""The result of each upload: one line in the log, and metrics."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from logging import ERROR, INFO, WARNING
from time import perf_counter
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit, single_metric

if TYPE_CHECKING:
    from collections.abc import Generator

    from aws_lambda_powertools.logging import Logger
    from aws_lambda_powertools.metrics import Metrics

    from handler.events import Upload

# outcome: (log level, metric that counts it)
OUTCOMES = {
    "done": (INFO, "Images"),
    "gone": (INFO, None),
    "removed": (INFO, "Removed"),
    "refused": (WARNING, "Refused"),
    "no-picture": (INFO, "NoPictures"),
    "orphaned": (WARNING, "Orphans"),
    "failed": (ERROR, "Failed"),
}


@dataclass(kw_only=True)
class Report:
    """The fields of an upload's log line, in order (Powertools drops None).

    A search for `message_id` or `request_id` finds the line of one upload or of one invocation;
    `session` is the RoleSessionName under which the storage account's trail has the same calls.
    """

    outcome: str = "failed"
    """`done`: thumbnails of the newest original exist. `gone`: the original no longer exists.
    `removed`: the same, and its thumbnails were deleted. `refused`: sent to the refused queue.
    `no-picture`: another file in an existing bucket. `orphaned`: the original was deleted after
    its thumbnails were written, and they stay. `failed`: the queue will deliver it again."""
    reason: str | None = None
    """The reason of a refusal in a short word, as in the metric and in the refused queue."""
    error: str | None = None
    """The refusal or failure in a sentence."""
    note: str | None = None
    """A sentence about the thumbnails of an original that is gone."""
    bucket: str | None = None
    key: str | None = None
    removed: int | None = None
    """How many thumbnails were deleted; None if the stack keeps them."""
    etag: str | None = None
    """The ETag of the original that was read last."""
    bytes: int | None = None
    pixels: int | None = None
    format: str | None = None
    """The original's format by its content, whatever its name says."""
    rounds: int = 0
    """How often it was read; more than 1 if it was replaced meanwhile."""
    wait_ms: float = 0.0
    """The time that it waited for memory and a vCPU, behind other uploads of the batch."""
    read_ms: float = 0.0
    pixels_ms: float = 0.0
    write_ms: float = 0.0
    check_ms: float = 0.0
    """The time that it took to check whether the original is still the one that was read."""
    total_ms: float = 0.0
    message_id: str | None = None
    receives: int | None = None
    """How often the queue has delivered the message, this time included."""
    request_id: str | None = None
    session: str | None = None

    @classmethod
    def of(cls, upload: Upload, request_id: str, session: str) -> Report:
        """A report before anything is done."""
        return cls(
            bucket=upload.bucket,
            key=upload.key,
            message_id=upload.message_id,
            receives=upload.receives,
            request_id=request_id,
            session=session,
        )

    @contextmanager
    def timed(self, stage: str) -> Generator[None]:
        """Add the time of the block to `<stage>_ms`."""
        started = perf_counter()
        try:
            yield
        finally:
            spent = (perf_counter() - started) * 1000
            setattr(self, f"{stage}_ms", round(getattr(self, f"{stage}_ms") + spent, 1))


class Journal:
    """Writes reports with Powertools: JSON lines, and metrics embedded in JSON lines.

    Metrics, by service: Images, Removed, Refused, NoPictures, Orphans and Failed count uploads,
    Milliseconds is the time of each; by service and reason: Refused.
    """

    def __init__(self, logger: Logger, metrics: Metrics) -> None:
        self._logger = logger
        self._log = {INFO: logger.info, WARNING: logger.warning, ERROR: logger.error}
        self._metrics = metrics
        self._empty = True

    def write(self, report: Report, bug: BaseException | None = None) -> None:
        """Write one line for one upload; with a traceback only for an unexpected error."""
        level, counter = OUTCOMES[report.outcome]
        self._log[level]("upload", extra=asdict(report), exc_info=bug)
        if counter:
            self._metrics.add_metric(counter, MetricUnit.Count, 1)
        self._empty = False
        self._metrics.add_metric("Milliseconds", MetricUnit.Milliseconds, report.total_ms)
        if report.reason:
            with single_metric("Refused", MetricUnit.Count, 1) as metric:
                metric.add_dimension("service", self._metrics.service)
                metric.add_dimension("reason", report.reason)

    def end(self, reason: str) -> None:
        """The last line of a container that ends itself; no metric counts it."""
        self._logger.critical("end", extra={"error": reason})

    def flush(self) -> None:
        """Write the metrics of an invocation; Powertools warns if there are none."""
        if not self._empty:
            self._metrics.flush_metrics()
            self._empty = True
