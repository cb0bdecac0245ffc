"""Who settles an upload: its own thread, or the batch when time is up."""

from __future__ import annotations

from threading import Lock
from time import monotonic

from handler.pictures.errors import FailedError


class CommitGuard:
    """The right to settle one upload, which is taken once.

    Lambda freezes a container with its report and thaws it for another batch, an hour later
    perhaps: then each thread that was left goes on where it was. A put that came then could land
    on the thumbnails of a newer original whose message is long done, and nobody would look again.
    So nothing has an effect after the report: a thread commits before its first effect, and from
    then on the batch is not reported before the thread has ended, past any deadline. Should
    Lambda's own timeout come first, it ends the process, and all messages of the batch come again.
    """

    def __init__(self, name: str, deadline: float) -> None:
        """The guard of an upload, by its key; the deadline is one of `time.monotonic`."""
        self._name = name
        self._deadline = deadline
        # Not the clock alone: the freeze may come between a look at it and the put.
        self._lock = Lock()
        self.committed = False
        """Whether the thread has committed."""

    def left(self) -> float:
        """Seconds until the deadline, for whatever waits; never below zero."""
        return max(0.0, self._deadline - monotonic())

    def check(self) -> None:
        """Before a step without effect: raises FailedError if it would be in vain."""
        if not (self.committed or self.left()):
            raise self.too_late()

    def commit(self) -> None:
        """Before an effect, by the thread: raises FailedError if it is too late for any."""
        if not (self.committed or self._lock.acquire(blocking=False)):
            raise self.too_late()
        self.committed = True

    def cancel(self) -> bool:
        """By the batch when time is up: whether the upload will have no effect any more."""
        return self._lock.acquire(blocking=False)

    def too_late(self) -> FailedError:
        """Why an upload that did not commit in time failed."""
        return FailedError(f"no time was left for {self._name}; the queue brings it again")
