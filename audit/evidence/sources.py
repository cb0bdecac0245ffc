"""The sources of events: the trail's files, or the event history of every account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from audit.accounts.errors import AuditError
from audit.accounts.permissions import STORAGE
from audit.evidence.files import in_bucket, in_folder
from audit.evidence.history import NO_DATA_EVENTS, History
from audit.evidence.trail_files import Files
from audit.evidence.trails import BOTH, find_trails, logged, manages, that_manages, that_sees

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from audit.accounts.clients import AccountClients
    from audit.evidence.events import TrailEvent
    from audit.evidence.files import TrailFile
    from audit.evidence.trail_files import Progress
    from audit.evidence.trails import Trail
    from audit.evidence.window import Window


PARTLY = (
    "The trail logs either reads or writes of objects, not both; see thumbx:watch.dataEvents, or "
    "the adopted trail's selectors."
)

UNREAD = (
    "What the trail selects could not be read, so it may miss reads and writes of objects, or "
    "sessions:"
)
ONLY_KEPT = (
    "Sessions and changes are from the last 90 days, because the event history keeps no more."
)


class Source(Protocol):
    """Answers the commands' four questions about events, in any order."""

    says: str
    """The source of the events, as a clause for the reader."""

    @property
    def gaps(self) -> list[str]:
        """Sentences about what this source cannot show for the questions so far."""
        ...

    @property
    def broken(self) -> list[str]:
        """The gaps that are evidence which exists but cannot be read completely."""
        ...

    def about_objects(
        self, bucket: str, wanted: Callable[[str], bool], window: Window
    ) -> Iterable[TrailEvent]:
        """The events about the objects whose keys are wanted."""
        ...

    def about_bucket(self, bucket: str, window: Window) -> Iterable[TrailEvent]:
        """The events about the bucket and its objects."""
        ...

    def assumptions(self, role: str, sought: str, window: Window) -> Iterable[TrailEvent]:
        """AssumeRole calls for the role with this name; `sought` (a session name, an access key id,
        or empty) may narrow the search."""
        ...

    def changes(self, window: Window, known: Collection[str] = ()) -> Iterable[TrailEvent]:
        """Management calls that changed the program's resources, or tried to; see
        `changes_ours`.
        """
        ...


class Divided:
    """Takes objects from one source, and sessions and changes from another."""

    def __init__(self, objects: Files, rest: Files | History) -> None:
        """`objects` are the files of a trail that has no management events."""
        self._objects = objects
        self._rest = rest
        self.says = f"{objects.says}; sessions and changes by {rest.says}"

    @property
    def gaps(self) -> list[str]:
        """The gaps of both sources, except that the event history has no objects, because the
        trail has them.
        """
        others = [ONLY_KEPT if each == NO_DATA_EVENTS else each for each in self._rest.gaps]
        return [*self._objects.gaps, *others]

    @property
    def broken(self) -> list[str]:
        """The unreadable evidence of both sources."""
        return [*self._objects.broken, *self._rest.broken]

    def about_objects(
        self, bucket: str, wanted: Callable[[str], bool], window: Window
    ) -> Iterable[TrailEvent]:
        """From the first."""
        return self._objects.about_objects(bucket, wanted, window)

    def about_bucket(self, bucket: str, window: Window) -> Iterator[TrailEvent]:
        """Events from both sources; the second may repeat some of the first's data events."""
        others = self._rest.about_bucket(bucket, window)
        yield from self._objects.about_bucket(bucket, window)
        yield from (event for event in others if not event.data)

    def assumptions(self, role: str, sought: str, window: Window) -> Iterable[TrailEvent]:
        """From the other."""
        return self._rest.assumptions(role, sought, window)

    def changes(self, window: Window, known: Collection[str] = ()) -> Iterable[TrailEvent]:
        """From the other."""
        return self._rest.changes(window, known)


def given(where: str, access: AccountClients, window: Window, progress: Progress) -> Source:
    """The files in `where`, a folder or s3://bucket/prefix; AuditError if there are none."""
    if not where.startswith("s3://"):
        return Files(in_folder(Path(where)), where, progress)
    bucket, _, prefix = where.removeprefix("s3://").partition("/")
    files = in_bucket(access, bucket, prefix, window)
    if not files:
        raise AuditError(
            f"{where} has no trail file delivered in {window}; name a folder of the trail, such "
            "as s3://<its bucket>/AWSLogs/<account>, or a longer --since"
        )
    return Files(files, where, progress)


def deployed(
    pictures: Collection[str],
    accounts: Collection[str],
    access: AccountClients,
    window: Window,
    progress: Progress,
) -> Source:
    """The trail that sees the pictures; the event history if that trail has no files yet.

    `pictures` are the bucket and prefix that their keys begin with, as `Wiring.pictures`.
    If that trail has no management events, sessions and changes come from another source.
    """
    trails = find_trails(access, STORAGE)

    def read(trail: Trail | None, lack: str) -> Files | History:
        files, lack = _files(trail, access, accounts, window) if trail else ([], lack)
        if trail is None or not files:
            return History(access, lack)
        found = Files(files, f"the trail {trail.name}", progress)
        found.note(*found.late(window))
        return found

    seeing = that_sees(trails, pictures)
    objects = read(seeing, "no trail logs the bucket")
    if seeing is None or isinstance(objects, History):
        return objects
    if seeing.selectors is None:
        objects.note(f"{UNREAD} {seeing.unread}")
    elif logged(seeing, pictures) != BOTH:
        objects.note(PARTLY)
    if seeing.selectors is None or manages(seeing):
        objects.note(*objects.lacks(accounts))
        return objects
    rest = read(that_manages(trails), "no trail has management events")
    if isinstance(rest, Files):
        rest.note(*rest.lacks(accounts))
    return Divided(objects, rest)


def _files(
    trail: Trail, access: AccountClients, accounts: Collection[str], window: Window
) -> tuple[list[TrailFile], str]:
    """The files of a trail, or the reason why there are none."""
    try:
        return trail.files(access, accounts, window), f"the trail {trail.name} has no files yet"
    except AuditError as error:
        if trail.selectors is not None:
            raise
        return [], f"the trail {trail.name} cannot be read: {error}"
