"""Processes the uploads of one SQS batch in parallel."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from handler.commit_guard import CommitGuard
from handler.events import read_message, receives_of
from handler.pictures.errors import FailedError, RefusedError, ThumbxError
from handler.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handler.budget import Budget
    from handler.pipeline import Pipeline
    from handler.report import Journal
    from handler.session import Clients

# The most messages that SQS delivers at once, unless a batching window is set.
AT_ONCE = 10

# The seconds of an invocation that are reserved to report what is done and what is not. Without the
# report all messages of a slow batch would be delivered again, and be just as slow.
MARGIN = 1.0

# The seconds to wait for a picture that an earlier batch is still decoding. The slowest picture
# within the limits takes one second on a whole vCPU, and three in the smallest function that can
# hold it (docs/handler.md).
PATIENCE = 10.0


@dataclass(frozen=True)
class Job:
    """The work for one upload; `as_role` if it needs ThumbXRole's credentials."""

    report: Report
    guard: CommitGuard
    run: Callable[[Report, CommitGuard], None]
    as_role: bool = True


class Batch:
    """Runs the uploads of a batch, each on a thread, and reports the result of each message.

    An upload mostly waits for S3, and Pillow releases the interpreter lock while it decodes,
    resizes and encodes, so reads, pixel work and writes of different uploads run in parallel.
    `budget.Budget` limits the memory that they need together. No upload affects another: each has
    its own result.
    """

    def __init__(
        self, pipeline: Pipeline, budget: Budget, journal: Journal, clients: Clients
    ) -> None:
        self._pipeline = pipeline
        self._budget = budget
        self._journal = journal
        self._clients = clients

    def run(
        self, messages: Iterable[dict[str, Any]], context: LambdaContext
    ) -> dict[str, FailedError]:
        """Process the messages and write one line for each upload; return the failures by message
        id.

        It ends the process instead if an earlier batch left a picture whose decoding does not end.
        That picture would take the vCPU from each later batch, because a thread cannot be stopped.
        Lambda then starts the function again, and the queue delivers this batch again.
        """
        deadline = monotonic() + context.get_remaining_time_in_millis() / 1000 - MARGIN
        failures: dict[str, FailedError] = {}
        # Half of the time at most, because the rest is for this batch.
        patience = min(PATIENCE, max(0.0, deadline - monotonic()) / 2)
        if not self._budget.idle(patience):
            self._journal.end(
                "a picture of an earlier batch is still being decoded; its log line, with the "
                f"outcome failed, is above. This container ends itself after {patience:.0f} s "
                "more, and the queue delivers the messages of this batch again"
            )
            os._exit(1)  # sys.exit would wait for the thread

        def settle(report: Report, error: BaseException | None) -> None:
            if error:
                report.outcome, report.error = "failed", str(error) or type(error).__name__
                failures[report.message_id or ""] = FailedError(report.error)
            self._journal.write(report, None if isinstance(error, ThumbxError) else error)

        jobs = [job for message in messages for job in self._jobs(message, context, deadline)]
        if jobs:
            self._run(jobs, deadline, settle)
        self._journal.flush()
        return failures

    def _jobs(
        self, message: dict[str, Any], context: LambdaContext, deadline: float
    ) -> Iterator[Job]:
        """The work that a message asks for: each of its uploads, or its own refusal."""
        message_id = str(message["messageId"])
        request_id, session = context.aws_request_id, self._clients.session_name
        try:
            for upload in read_message(message):
                yield Job(
                    Report.of(upload, request_id, session),
                    CommitGuard(upload.key, deadline),
                    partial(self._pipeline.process, upload),
                )
        except RefusedError as error:
            yield Job(
                Report(
                    message_id=message_id,
                    receives=receives_of(message),
                    request_id=request_id,
                    session=session,
                ),
                CommitGuard(f"message {message_id}", deadline),
                partial(self._pipeline.refuse, None, error),
                as_role=False,
            )

    def _run(
        self,
        jobs: list[Job],
        deadline: float,
        settle: Callable[[Report, BaseException | None], None],
    ) -> None:
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="upload")
        if any(job.as_role for job in jobs) and (error := self._sign_in(pool, deadline)):
            for job in jobs:
                if job.as_role:
                    settle(job.report, error)
            jobs = [job for job in jobs if not job.as_role]
        running = {pool.submit(job.run, job.report, job.guard): job for job in jobs}
        try:
            for future in as_completed(list(running), timeout=max(0.0, deadline - monotonic())):
                settle(running.pop(future).report, future.exception())
        except TimeoutError:
            # A thread that has not begun to write can no longer write: it cannot be stopped, but
            # ends at its next step. A write that has begun is waited for.
            late = {
                future
                for future, job in running.items()
                if not future.done() and job.guard.cancel()
            }
            for future, job in running.items():
                settle(job.report, job.guard.too_late() if future in late else future.exception())
        pool.shutdown(wait=False, cancel_futures=True)

    def _sign_in(self, pool: ThreadPoolExecutor, deadline: float) -> BaseException | None:
        """Ask STS once for all uploads, in the time left; return why there are no credentials."""
        asking: Future[None] = pool.submit(self._clients.sign_in)
        try:
            return asking.exception(max(0.0, deadline - monotonic()))
        except TimeoutError:
            return FailedError("STS did not answer in the time that was left")
