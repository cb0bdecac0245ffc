"""Who read which object: by object, by reader, or by both; with the address and the client."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import AuditError
from audit.accounts.names import is_named
from audit.questions.tally import Tallies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.accounts.names import PicturePrefixes
    from audit.evidence.events import Caller, TrailEvent
    from audit.questions.tally import Tally

# Calls that return an object, or data about it. A copy is a read of its source.
READS = frozenset(
    {
        "GetObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectTagging",
        "GetObjectTorrent",
        "HeadObject",
        "SelectObjectContent",
    }
)
COPIES = frozenset({"CopyObject", "UploadPartCopy"})


@dataclass(kw_only=True)
class ReadsRow:
    """One caller and one object."""

    key: str
    name: str
    tallies: list[Tally]
    origins: Counter[tuple[str, str]]
    """The number of calls, by address and agent."""

    def as_json(self) -> dict[str, Any]:
        """The row for `--json`."""
        return {
            "key": self.key,
            "principal": self.name,
            "counts": [each.as_json() for each in self.tallies],
            "origins": [
                {"address": address, "agent": agent, "count": times}
                for (address, agent), times in self.origins.most_common()
            ],
        }


@dataclass(kw_only=True)
class ReadsAnswer:
    """All rows; the object with the most reads comes first."""

    question: str
    source: str
    window: str
    gaps: list[str]
    rows: list[ReadsRow]

    def as_json(self) -> dict[str, Any]:
        """The answer for `--json`."""
        return {
            "question": self.question,
            "source": self.source,
            "window": self.window,
            "gaps": self.gaps,
            "rows": [each.as_json() for each in self.rows],
        }


@dataclass
class _Reader:
    tallies: Tallies = field(default_factory=Tallies)
    origins: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which objects and which caller are wanted; an empty value means any."""

    key: str = ""
    by: str = ""
    with_thumbnails: bool = False
    prefixes: PicturePrefixes

    def __post_init__(self) -> None:
        """Raises AuditError for values that make no valid question."""
        if not self.key and not self.by:
            raise AuditError(
                "name an object (s3://<bucket>/<key>), a principal (--by <ARN>), or both"
            )
        if self.with_thumbnails and not self.key.startswith(self.prefixes.originals):
            raise AuditError(
                f"--thumbnails-too asks about an original, below {self.prefixes.originals}, and "
                f"all its thumbnails; '{self.key}' is not an original"
            )

    def is_key(self, key: str) -> bool:
        """Whether the question is about that object."""
        if not self.key or key == self.key:
            return True
        picture = self.key.removeprefix(self.prefixes.originals)
        return self.with_thumbnails and self.prefixes.picture_of(key) == picture

    def is_caller(self, caller: Caller) -> bool:
        """Whether the question is about that caller.

        A session's ARN counts as its role, although it lacks the role's path. A caller of another
        account has no ARN in the bucket owner's trail, so all callers of that account count: see
        `note`.
        """
        if not self.by or self.by in (caller.name, caller.arn, caller.id, caller.service):
            return True
        if ":assumed-role/" in self.by:
            account, role = self.by.split(":")[4], self.by.split("/")[1]
            same = caller.account == account or f"::{account}:" in caller.arn
            if caller.arn and same and caller.arn.rpartition("/")[2] == role:
                return True
        return self._is_foreign(caller)

    def _is_foreign(self, caller: Caller) -> bool:
        account = self.by.split(":")[4] if self.by.count(":") >= 5 else self.by  # noqa: PLR2004
        return bool(account) and not caller.arn and caller.account == account

    def question(self, bucket: str) -> str:
        """The heading."""
        what = f"s3://{bucket}/{self.key}" if self.key else f"what in {bucket}"
        too = " or a thumbnail of it" if self.with_thumbnails else ""
        return f"{self.by or 'Who'} read {what}{too}"

    def note(self, rows: Iterable[ReadsRow]) -> list[str]:
        """A warning if a row may be about another caller of the same account."""
        if self.by.startswith("arn:") and any(
            row.name.endswith(f" of account {self.by.split(':')[4]}") for row in rows
        ):
            return [
                (
                    "The bucket owner's trail has unique ids, but no ARNs, for callers of another "
                    "account; aws iam get-role in that account shows whose id it is."
                )
            ]
        return []


def find_reads(events: Iterable[TrailEvent], bucket: str, wanted: Wanted) -> list[ReadsRow]:
    """A row for each caller and object; the memory depends on the number of rows and their
    origins.
    """
    found: dict[tuple[str, str], _Reader] = {}
    for event in events:
        key = event.key
        if event.name in COPIES:
            of, _, key = event.copied_from.partition("/")
            if not is_named(of, bucket):
                continue
        elif event.name not in READS:
            continue
        if not key or not wanted.is_key(key) or not wanted.is_caller(event.principal):
            continue
        reader = found.setdefault((key, event.principal.name), _Reader())
        reader.tallies.add(event)
        reader.origins[event.address, event.agent] += 1
    order = sorted(found.items(), key=lambda each: (-each[1].tallies.total, each[0]))
    return [
        ReadsRow(key=key, name=name, tallies=each.tallies.sorted(), origins=each.origins)
        for (key, name), each in order
    ]
