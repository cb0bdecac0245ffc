"""Processes one upload, from its notification to the thumbnails of the newest original."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from handler.errors import BrokenOffError, GoneError
from handler.folder import file_names, folder_of, is_thumbnail
from handler.pictures.errors import FailedError, RefusedError
from handler.pictures.isolation import make_thumbnails
from handler.pictures.recognition import begins_as

if TYPE_CHECKING:
    from handler.budget import Budget
    from handler.commit_guard import CommitGuard
    from handler.events import Upload
    from handler.objects import Original, Store
    from handler.pictures.thumbs import Result, Thumbnail
    from handler.refusals import RefusedQueue
    from handler.report import Report
    from handler.settings import FunctionSettings

# A picture that is replaced again and again while it is read goes back into the queue.
MAX_ROUNDS = 5

# How often an original is read if its connection ends early: reading again at once costs
# milliseconds, but through the queue it costs a try and six minutes.
MAX_READS = 3

# The receive from which a missing original counts as deleted, even if its message is about a
# creation. The queue delivers a message again after six minutes at the earliest [AWS documentation:
# 404 for up to 15 minutes after versioning was first enabled].
GONE_AT = 3

KEPT = "its thumbnails stay, if it had any, because thumbx:thumbnails.removals is keep"

# Reasons for ignoring an object of a shared bucket: it is no picture, and this is no fault.
NO_PICTURE = frozenset(("not-an-image", "empty"))

# S3's limit on a key, in bytes of UTF-8.
MAX_KEY_BYTES = 1024


class Pipeline:
    """Processes uploads; many threads may use it."""

    def __init__(
        self, settings: FunctionSettings, store: Store, refused: RefusedQueue, budget: Budget
    ) -> None:
        self._settings = settings
        self._store = store
        self._refused = refused
        self._budget = budget

    def process(self, upload: Upload, report: Report, guard: CommitGuard) -> None:
        """Do everything for an upload and write the result into the report.

        Raises FailedError if the queue should deliver it again, also if it is too late to commit:
        then nothing was written and nothing will be.
        """
        with report.timed("total"):
            try:
                self._agree(upload, report, guard)
            except RefusedError as error:
                self.refuse(upload, error, report, guard)

    def refuse(
        self, upload: Upload | None, error: RefusedError, report: Report, guard: CommitGuard
    ) -> None:
        """Send a message to the refused queue and note it in the report; `upload` if the message
        names one.

        A bucket that existed before the program may hold inventories and logs beside the pictures:
        these are counted separately and raise no alarm.
        """
        if self._settings.shared and error.reason in NO_PICTURE:
            report.outcome, report.error = "no-picture", error.message
            return
        guard.commit()
        self._refused.send(upload, report.message_id or "", error, report.request_id or "")
        report.outcome, report.reason, report.error = "refused", error.reason, error.message

    def _agree(self, upload: Upload, report: Report, guard: CommitGuard) -> None:
        """Change thumbnails until they match the present original, or its absence.

        Messages about one key arrive in any order, twice, and at several containers. After each
        write or deletion the function checks again. S3 is strongly consistent, so the last one to
        change anything also sees the newest original, and does not stop before its thumbnails are
        written. An event's time is no reason to stop, because that event's message may have come
        twice, and be done and deleted already.
        """
        self._check(upload)
        for report.rounds in range(1, MAX_ROUNDS + 1):
            try:
                made_of = self._thumbnail(upload, report, guard)
                report.outcome, report.note = "done", None
            except GoneError as error:
                self._check_gone(upload, report, error)
                made_of = None
                self._follow(upload, report, guard)
                if report.outcome in ("gone", "orphaned"):
                    return  # nothing was deleted, so no second check is needed
            with report.timed("check"):
                newest = self._newest(upload.key)
            if newest == made_of:
                return
        raise FailedError(
            f"{upload.key} was replaced {MAX_ROUNDS} times while thumbnails were made of it"
        )

    def _thumbnail(self, upload: Upload, report: Report, guard: CommitGuard) -> str:
        """Write the thumbnails of the newest original; return its ETag."""
        etag, result = self._make(upload, report, guard)
        report.pixels = result.width * result.height
        report.format = result.format
        guard.commit()
        with report.timed("write"):
            self._store.write(
                [(self._target(upload.key, each), each) for each in result.thumbnails], etag
            )
        return etag

    def _newest(self, key: str) -> str | None:
        """The ETag of the present original; None if there is none."""
        try:
            return self._store.etag(key)
        except GoneError:
            return None

    @staticmethod
    def _check_gone(upload: Upload, report: Report, error: GoneError) -> None:
        """Raise FailedError if a missing original must have existed and may appear soon."""
        if upload.created and report.etag is None and upload.receives < GONE_AT:
            raise FailedError(
                f"{error}, although it was uploaded; S3 may answer so for 15 minutes after "
                "versioning was first enabled. The queue delivers it again"
            ) from error

    def _follow(self, upload: Upload, report: Report, guard: CommitGuard) -> None:
        """Delete the thumbnails of a deleted original, or report that they stay."""
        if not self._settings.follow:
            report.outcome, report.note = "orphaned" if guard.committed else "gone", KEPT
            return
        folder = self._folder(upload.key)
        with report.timed("write"):
            found = [folder + name for name in self._store.names(folder) if is_thumbnail(name)]
            report.removed = (report.removed or 0) + len(found)
            report.outcome = "removed" if report.removed else "gone"
            if found:
                guard.commit()
                self._store.remove(found)

    def _make(self, upload: Upload, report: Report, guard: CommitGuard) -> tuple[str, Result]:
        """Read the newest original and make its thumbnails; return its ETag and the thumbnails."""
        size, reads = upload.size, MAX_READS
        while True:
            with ExitStack() as held:
                with report.timed("wait"):
                    held.enter_context(self._budget.original(size, guard.left()))
                guard.check()
                with report.timed("read"), self._store.open(upload.key) as original:
                    report.bytes, report.etag = original.size, original.etag.strip('"')
                    # The ETag is from an earlier round, and so from another original.
                    report.pixels = report.format = None
                    self._check_size(upload, original)
                    if original.size > size:
                        # A larger original has replaced it since the notification, so it needs more
                        # memory.
                        size = original.size
                        continue
                    try:
                        body = original.read()
                    except BrokenOffError:
                        reads -= 1
                        if not reads:
                            raise
                        continue
                with report.timed("wait"):
                    held.enter_context(self._budget.decoding(guard.left()))
                guard.check()
                with report.timed("pixels"):
                    return original.etag, make_thumbnails(
                        body,
                        self._settings.plan,
                        self._settings.limits,
                        # The picture may have ended the function's process the last time.
                        apart=upload.receives > 1,
                        seconds=guard.left(),
                    )

    def _target(self, key: str, thumbnail: Thumbnail) -> str:
        return f"{self._folder(key)}{thumbnail.name}.{thumbnail.extension}"

    def _folder(self, key: str) -> str:
        return folder_of(key, self._settings.originals, self._settings.thumbnails)

    def _check(self, upload: Upload) -> None:
        """Refuse an object outside the function's task, before any call."""
        settings = self._settings
        if upload.bucket != settings.bucket:
            raise RefusedError(
                "other-bucket",
                f"the upload is in bucket {upload.bucket}, but this function serves "
                f"{settings.bucket} only; look for a second notification to the queue",
            )
        if upload.key.startswith(settings.thumbnails):
            raise RefusedError(
                "own-thumbnail",
                f"the key {upload.key!r} is that of a thumbnail, and making thumbnails of "
                "thumbnails would never end; find out which rule or notification sends these "
                "events to the queue",
            )
        if not upload.key.startswith(settings.originals):
            raise RefusedError(
                "outside-prefix",
                f"the key {upload.key!r} does not begin with {settings.originals!r}; "
                "upload originals there",
            )
        names = file_names(settings.plan.sizes, settings.plan.formats)
        longest = max(len(f"/{name}") for name in names)
        growth = len(settings.thumbnails) - len(settings.originals) + longest
        room = MAX_KEY_BYTES - growth
        if len(upload.key.encode()) > room:
            raise RefusedError(
                "key-too-long",
                f"the key has {len(upload.key.encode())} bytes, which leaves no room for those of "
                f"its thumbnails; use at most {room}",
            )

    def _check_size(self, upload: Upload, original: Original) -> None:
        limit, size = self._settings.max_bytes, original.size
        if size > limit:
            if self._settings.shared and not begins_as(original.begins()):
                raise RefusedError("not-an-image", f"{upload.key} does not begin as a picture")
            raise RefusedError(
                "too-large",
                f"{upload.key} has {size:,} bytes, more than the {limit:,} that are read; "
                "upload a smaller version",
            )
