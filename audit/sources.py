"""Where events come from: the trail's files, or the event history that every account has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from audit.errors import AuditError
from audit.events import asked_of, read_event, role_asked_for
from audit.files import in_bucket, in_folder, needle, read_files
from audit.history import History
from audit.names import OURS, changes_ours, is_named
from audit.trails import find_trail, sees

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from audit.access import Access
    from audit.events import Event, Record
    from audit.files import TrailFile
    from audit.window import Window


PARTLY = (
    "The trail logs either reads or writes of objects, not both: see thumbx:dataEvents, or the "
    "adopted trail's selectors."
)


class Source(Protocol):
    """Answers the four questions that commands ask of events, in no order."""

    says: str
    """Where the events are from: a clause for the reader."""
    gaps: list[str]
    """What such a source cannot show: sentences for the reader."""

    def about_objects(self, bucket: str, keys: Sequence[str], window: Window) -> Iterable[Event]:
        """What happened to these objects."""
        ...

    def about_bucket(self, bucket: str, window: Window) -> Iterable[Event]:
        """What happened to the bucket and all that is in it."""
        ...

    def assumptions(self, role: str, sought: str, window: Window) -> Iterable[Event]:
        """AssumeRole of the role of this name; `sought` (a session name or access key id, or
        nothing) may narrow it."""
        ...

    def changes(self, window: Window) -> Iterable[Event]:
        """Management calls that changed what the program made, or tried to."""
        ...


class Files:
    """Events from the files of a trail."""

    def __init__(
        self,
        files: list[TrailFile],
        says: str,
        progress: Callable[[list[TrailFile]], Iterable[TrailFile]],
    ) -> None:
        """`progress` passes the files on, one by one, and may tell a person of it."""
        self._files = files
        self._progress = progress
        self.says = f"{says}, {len(files):,} files"
        self.gaps: list[str] = []

    def about_objects(self, bucket: str, keys: Sequence[str], window: Window) -> Iterator[Event]:
        """Whole files are passed over that do not hold any of the keys."""
        for record in self._read(window, [needle(key) for key in keys]):
            asked = asked_of(record)
            if asked.get("bucketName") == bucket and asked.get("key") in keys:
                yield read_event(record)

    def about_bucket(self, bucket: str, window: Window) -> Iterator[Event]:
        """Data and management events alike; `bucket` may be the name without Pulumi's digits."""
        for record in self._read(window, [bucket]):
            named = asked_of(record).get("bucketName")
            if named and is_named(named, bucket):
                yield read_event(record)

    def assumptions(self, role: str, sought: str, window: Window) -> Iterator[Event]:
        """Of both accounts, if the files of both are there."""
        for record in self._read(window, [sought or role]):
            if is_named(role_asked_for(record), role):
                yield read_event(record)

    def changes(self, window: Window) -> Iterator[Event]:
        """By the names that the program gives."""
        for record in self._read(window, OURS):
            if changes_ours(record):
                yield read_event(record)

    def _read(self, window: Window, needles: Sequence[str]) -> Iterator[Record]:
        useful = [each for each in needles if each]
        wanted = useful if len(useful) == len(needles) else ()
        return read_files(self._progress(self._files), window, wanted)


def given(
    where: str,
    access: Access,
    window: Window,
    progress: Callable[[list[TrailFile]], Iterable[TrailFile]],
) -> Source:
    """The files in `where`, a folder or s3://bucket/prefix; AuditError where there are none."""
    if not where.startswith("s3://"):
        return Files(in_folder(Path(where)), where, progress)
    bucket, _, prefix = where.removeprefix("s3://").partition("/")
    files = in_bucket(access, bucket, prefix, window)
    if not files:
        raise AuditError(
            f"{where} holds no trail file delivered in {window}; name a folder of the trail, such "
            "as s3://<its bucket>/AWSLogs/<account>, or a longer --since"
        )
    return Files(files, where, progress)


def deployed(
    bucket: str,
    accounts: Collection[str],
    access: Access,
    window: Window,
    progress: Callable[[list[TrailFile]], Iterable[TrailFile]],
) -> Source:
    """The trail that sees the bucket's objects; where it has no files yet, event history."""
    trail = find_trail(access, bucket)
    files = trail.files(access, accounts, window) if trail else []
    if trail and files:
        found = Files(files, f"the trail {trail.name}", progress)
        if not sees(trail, bucket):
            found.gaps.append(PARTLY)
        return found
    reason = f"the trail {trail.name} has no files yet" if trail else "no trail sees the bucket"
    return History(access, reason)
