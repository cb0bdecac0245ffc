"""One comparison of the two listings: counts, the list of what to send, and the leftovers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from audit.accounts.errors import aws_errors, code_of
from audit.accounts.permissions import STORAGE
from reconcile.findings import SENT, FindingCounts, Kind
from reconcile.listing import listed
from reconcile.merge import merge
from reconcile.removing import ETAG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from audit.accounts.clients import AccountClients
    from reconcile.findings import Rule
    from reconcile.listing import Listed
    from reconcile.merge import Picture
    from reconcile.target import ReconciledStack

EXAMPLES = 10  # keys that are shown of each kind
PROGRESS = 100_000  # keys of one listing between two lines of progress


@dataclass(kw_only=True)
class Comparison:
    """The result; `leftovers` are whole keys, in a file with one JSON text on each line."""

    tally: FindingCounts = field(default_factory=FindingCounts)
    examples: dict[Kind, list[str]] = field(default_factory=dict[Kind, list[str]])

    def note(self, kind: Kind, key: str, size: int) -> None:
        """Count one thing and keep the first few keys of its kind."""
        self.tally.count(kind, size)
        shown = self.examples.setdefault(kind, [])
        if len(shown) < EXAMPLES:
            shown.append(key)


@dataclass(frozen=True, kw_only=True)
class Comparer:
    """Lists both prefixes of a target and compares the objects by a rule."""

    access: AccountClients
    target: ReconciledStack
    rule: Rule
    prefix: str = ""
    verify: bool = False
    progress: Callable[[FindingCounts], None] = lambda _: None

    def compare(self, to_send: IO[str], to_remove: IO[str]) -> Comparison:
        """Write the whole keys of what to send and to remove; no other keys are kept in memory."""
        found = Comparison()
        target, tally = self.target, found.tally
        for picture in merge(self._originals(tally), self._thumbnails(tally)):
            if picture.original:
                key = target.originals + picture.key
                kind = self._kind(picture)
                found.note(kind, key, picture.original.size)
                if kind in SENT:
                    tally.classes[picture.original.storage_class] += picture.original.size
                    to_send.write(json.dumps(key) + "\n")
            for kind, name, thumbnail in self.rule.leftovers(picture):
                key = f"{target.thumbnails}{picture.key}/{name}"
                found.note(kind, key, thumbnail.size)
                if kind in (Kind.ORPHAN, Kind.UNCONFIGURED):
                    to_remove.write(json.dumps(key) + "\n")
        return found

    def missing(self) -> Iterator[str]:
        """The whole keys of originals that still lack thumbnails."""
        nothing = FindingCounts()
        for picture in merge(self._originals(nothing), self._thumbnails(nothing)):
            if picture.original and self.rule.kind(picture) in SENT:
                yield self.target.originals + picture.key

    def _kind(self, picture: Picture) -> Kind:
        kind = self.rule.kind(picture)
        if not self.verify or kind is not Kind.FRESH or not picture.original:
            return kind
        names = (name for name in picture.thumbnails if name in self.rule.names)
        keys = [f"{self.target.thumbnails}{picture.key}/{name}" for name in names]
        made_of = {self._made_of(key) for key in keys}
        return kind if made_of == {picture.original.etag} else Kind.STALE

    def _made_of(self, key: str) -> str | None:
        """The ETag of the original that a thumbnail was made of; None if it does not say."""
        with aws_errors(f"looking at {key} (--verify asks as a reader)", STORAGE):
            try:
                head: dict[str, Any] = self.access.client(STORAGE, "s3").head_object(
                    Bucket=self.target.bucket, Key=key, ExpectedBucketOwner=self.target.owner
                )
            except ClientError as error:
                if code_of(error) == "404":
                    return None
                raise
        return head.get("Metadata", {}).get(ETAG)

    def _originals(self, tally: FindingCounts) -> Iterator[Listed]:
        return self._listing(self.target.originals, tally, original=True)

    def _thumbnails(self, tally: FindingCounts) -> Iterator[Listed]:
        return self._listing(self.target.thumbnails, tally, original=False)

    def _listing(self, prefix: str, tally: FindingCounts, *, original: bool) -> Iterator[Listed]:
        """All objects below one prefix, counted, and limited to the keys that were asked for."""
        target = self.target
        found = listed(self.access, target.bucket, prefix, target.owner, self.prefix)
        for number, each in enumerate(found):
            # In a bucket without a prefix for originals, the listing of originals contains
            # thumbnails too.
            if original and (prefix + each.key).startswith(target.thumbnails):
                continue
            if original:
                tally.originals += 1
            else:
                tally.thumbnails += 1
            if number and number % PROGRESS == 0:
                self.progress(tally)
            yield each
