"""The events of a trail, from its files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from audit.accounts.names import is_named
from audit.evidence.changes import changes_ours
from audit.evidence.events import asked_of, read_event, role_asked_for
from audit.evidence.files import read_files
from audit.evidence.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from audit.evidence.events import Record, TrailEvent
    from audit.evidence.files import TrailFile
    from audit.evidence.window import Window

    Progress = Callable[[list[TrailFile]], Iterable[TrailFile]]

HISTORY = "The event history has sessions and changes of 90 days: aws cloudtrail lookup-events."
A_DAY = timedelta(days=1)  # a time in which even an idle account makes a call


class Files:
    """Events from the files of a trail."""

    def __init__(self, files: list[TrailFile], says: str, progress: Progress) -> None:
        """`progress` iterates over the files, and may show a person how far it is."""
        self._files = files
        self._progress = progress
        self.says = f"{says}, {len(files):,} files"
        self._notes: list[str] = []
        self._broken: dict[str, str] = {}

    @property
    def gaps(self) -> list[str]:
        """The parts that are known to be missing, and the faults found so far."""
        return [*self._notes, *self.broken]

    @property
    def broken(self) -> list[str]:
        """A sentence for each incomplete file."""
        return list(self._broken.values())

    def note(self, *gaps: str) -> None:
        """Add a sentence about something that is missing."""
        self._notes += gaps

    def about_objects(
        self, bucket: str, wanted: Callable[[str], bool], window: Window
    ) -> Iterator[TrailEvent]:
        """A copy of such an object counts as an event about it, whatever the copy's destination
        is.
        """

        def is_about(record: Record) -> bool:
            asked = asked_of(record)
            if is_bucket(asked, bucket) and wanted(str(asked.get("key", ""))):
                return True
            if "x-amz-copy-source" not in asked:
                return False
            of, _, key = read_event(record).copied_from.partition("/")
            return is_named(of, bucket) and wanted(key)

        return self._read(window, is_about)

    def about_bucket(self, bucket: str, window: Window) -> Iterator[TrailEvent]:
        """Data events and management events; `bucket` may be the name without Pulumi's digits."""
        return self._read(window, lambda record: is_bucket(asked_of(record), bucket))

    def assumptions(self, role: str, sought: str, window: Window) -> Iterator[TrailEvent]:  # noqa: ARG002 - a file is read whole
        """The assumptions in both accounts, if the files of both are there."""
        return self._read(window, lambda record: is_named(role_asked_for(record), role))

    def changes(self, window: Window, known: Collection[str] = ()) -> Iterator[TrailEvent]:
        """Changes of resources with the names that the program gives."""
        return self._read(window, lambda record: changes_ours(record, known))

    def late(self, window: Window) -> list[str]:
        """A gap if the first file is from a day after the window began, as with a trail that is
        younger than the window.
        """
        first = min((each.delivered for each in self._files if each.delivered), default=None)
        if first is None or first - window.start < A_DAY:
            return []
        began = f"The first of these files is of {first:%Y-%m-%d %H:%M} UTC"
        return [f"{began}: earlier events are not shown. {HISTORY}"]

    def lacks(self, accounts: Collection[str]) -> list[str]:
        """A gap for each account without a file."""
        there = {each.account for each in self._files}
        return [
            f"No file of account {account} is among them, so its changes and the sessions that it "
            "refused are not shown."
            for account in sorted(set(accounts) - there)
        ]

    def _read(self, window: Window, wanted: Callable[[Record], bool]) -> Iterator[TrailEvent]:
        """Yield each event once, even if the files hold it several times."""
        seen = Seen()
        for record in read_files(self._progress(self._files), window, self._broken):
            if wanted(record) and seen.is_new(record):
                yield read_event(record)


def is_bucket(asked: Record, bucket: str) -> bool:
    """Whether a call's parameters name the bucket."""
    named = asked.get("bucketName")
    return isinstance(named, str) and is_named(named, bucket)
