"""The uploads of one SQS batch, all at once."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from time import monotonic
from typing import TYPE_CHECKING, Any

from handler.commit_guard import Turn
from handler.events import read_message
from handler.pictures.errors import FailedError, ThumbxError
from handler.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from handler.budget import Budget
    from handler.events import Upload
    from handler.pipeline import Pipeline
    from handler.report import Journal
    from handler.session import Clients

# What SQS hands over at most, unless a batching window is set.
AT_ONCE = 10

# Seconds of an invocation that are kept back to report what is done and what is not. Without the
# report all messages of a slow batch would come again, and be as slow the next time.
MARGIN = 1.0

# Seconds for what an earlier batch was still decoding. The worst that the limits let pass takes one
# on a whole vCPU and three in the smallest function that holds it (docs/handler.md).
PATIENCE = 10.0


class Batch:
    """Runs the uploads of a batch, each on a thread, and tells how each message ended.

    An upload mostly waits for S3, and Pillow lets go of the interpreter while it decodes, resizes
    and encodes: so reads, pixels and writes of different uploads overlap. `budget.Budget` bounds
    the memory that they need together. No upload can harm another: each has its own outcome.
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
        """Process the messages and write one line for each upload; the failures by message id.

        Ends the process instead if an earlier batch left a picture that is decoded on and on. It
        would take the vCPU from each batch to come, and a thread cannot be stopped. Lambda starts
        the function anew, and the queue brings this batch again.
        """
        deadline = monotonic() + context.get_remaining_time_in_millis() / 1000 - MARGIN
        request_id, session = context.aws_request_id, self._clients.session_name
        failures: dict[str, FailedError] = {}
        if not self._budget.idle(PATIENCE):
            self._journal.end(
                "a picture of an earlier batch is still being decoded; its line, with the outcome "
                f"failed, is above. After {PATIENCE:.0f} s more this container ends itself, and "
                "the messages of this batch come again"
            )
            os._exit(1)  # sys.exit would wait for the thread

        def settle(report: Report, error: BaseException | None) -> None:
            if error:
                report.outcome, report.error = "failed", str(error) or type(error).__name__
                failures[report.message_id or ""] = FailedError(report.error)
            self._journal.write(report, None if isinstance(error, ThumbxError) else error)

        jobs: list[tuple[Upload, Report, Turn]] = []
        for message in messages:
            try:
                jobs += [
                    (upload, Report.of(upload, request_id, session), Turn(upload.key, deadline))
                    for upload in read_message(message)
                ]
            except FailedError as error:
                unread = Report(
                    message_id=message["messageId"], request_id=request_id, session=session
                )
                settle(unread, error)
        if jobs:
            self._run(jobs, deadline, settle)
        self._journal.flush()
        return failures

    def _run(
        self,
        jobs: list[tuple[Upload, Report, Turn]],
        deadline: float,
        settle: Callable[[Report, BaseException | None], None],
    ) -> None:
        try:
            self._clients.sign_in()
        except FailedError as error:
            for _, report, _ in jobs:
                settle(report, error)
            return
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="upload")
        running = {
            pool.submit(self._pipeline.process, upload, report, turn): (report, turn)
            for upload, report, turn in jobs
        }
        try:
            for future in as_completed(list(running), timeout=max(0.0, deadline - monotonic())):
                report, _ = running.pop(future)
                settle(report, future.exception())
        except TimeoutError:
            # What has not begun to write never will now: it cannot be stopped, but ends at its next
            # step. What has begun is waited for.
            late = {
                future
                for future, (_, turn) in running.items()
                if not future.done() and turn.withdraw()
            }
            for future, (report, turn) in running.items():
                settle(report, turn.lost() if future in late else future.exception())
        pool.shutdown(wait=False, cancel_futures=True)
