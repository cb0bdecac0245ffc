"""Decides who finishes an upload: its own thread, or the batch when time is up."""

from __future__ import annotations

from threading import Lock
from time import monotonic

from handler.pictures.errors import FailedError


class CommitGuard:
    """The right to finish one upload; it can be taken only once.

    Lambda freezes a container after its report and continues it for another batch, perhaps an hour
    later; each thread that was still running then continues where it was. A put at that time could
    overwrite the thumbnails of a newer original whose message is long done, and nobody would check
    again. Nothing may therefore change S3 after the report: a thread commits before its first
    change, and from then on the batch is reported only after the thread has ended, even after the
    deadline. If Lambda's own timeout comes first, it ends the process, and all messages of the
    batch are delivered again.
    """

    def __init__(self, name: str, deadline: float) -> None:
        """The guard of an upload, by its key; the deadline is one of `time.monotonic`."""
        self._name = name
        self._deadline = deadline
        # The clock alone is not enough, because the freeze may come between reading it and the put.
        self._lock = Lock()
        self.committed = False
        """Whether the thread has committed."""

    def left(self) -> float:
        """Seconds until the deadline, for code that waits; never below zero."""
        return max(0.0, self._deadline - monotonic())

    def check(self) -> None:
        """Called before a step that changes nothing: raises FailedError if it would be useless."""
        if not (self.committed or self.left()):
            raise self.too_late()

    def commit(self) -> None:
        """Called by the thread before a change: raises FailedError if it is too late for one."""
        if not (self.committed or self._lock.acquire(blocking=False)):
            raise self.too_late()
        self.committed = True

    def cancel(self) -> bool:
        """Called by the batch when time is up: whether the upload can no longer change anything."""
        return self._lock.acquire(blocking=False)

    def too_late(self) -> FailedError:
        """The reason why an upload that did not commit in time failed."""
        return FailedError(f"no time was left for {self._name}; the queue brings it again")
