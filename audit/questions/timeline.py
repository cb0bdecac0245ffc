"""The answer of `trace`: the steps in order of time, and what could not be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from audit.questions.bucket_policy import exempted

if TYPE_CHECKING:
    from datetime import datetime

    from audit.evidence.logs import LogLine


class Phase(IntEnum):
    """The only possible order of events within one second: see `handler.pipeline`."""

    UPLOAD = 0
    ASSUME = 1
    READ = 2
    WRITE = 3
    LOOK = 4
    LINE = 5
    LATER = 6


@dataclass(frozen=True, kw_only=True)
class Step:
    """One event, and the record that proves it."""

    time: datetime
    what: str
    who: str
    evidence: str
    order: Phase
    """The order among steps of the same second, because CloudTrail has only whole seconds."""


@dataclass(kw_only=True)
class Timeline:
    """All that is known of one thumbnail."""

    bucket: str
    key: str
    original: str
    source: str
    steps: list[Step] = field(default_factory=list["Step"])
    gaps: list[str] = field(default_factory=list[str])
    """Sentences about what could not be shown, with the reason."""
    may_read: dict[str, list[str] | None] = field(default_factory=dict[str, "list[str] | None"])
    """The principals that the bucket policy exempts from its refusal to read the thumbnail and the
    original. It refuses everybody else, whatever other policies allow. None if it refuses nobody.
    """
    session: str = ""
    line: LogLine | None = None

    @property
    def complete(self) -> bool:
        """Whether the timeline reaches from the thumbnail to the log line and the role's
        session.
        """
        return self.line is not None and any(step.order == Phase.ASSUME for step in self.steps)

    def note_readers(self, policy: dict[str, Any]) -> None:
        """Add the callers who could have read the picture, according to the current bucket
        policy.
        """
        for thing in ("thumbnail", "original"):
            self.may_read[thing] = exempted(policy, f"DenyOtherReadsOf{thing.capitalize()}s")

    def as_json(self) -> dict[str, Any]:
        """The story for `--json`."""
        return {
            "object": f"s3://{self.bucket}/{self.key}",
            "original": f"s3://{self.bucket}/{self.original}",
            "source": self.source,
            "session": self.session,
            "complete": self.complete,
            "line": self.line and self.line.fields,
            "log_stream": self.line and self.line.stream,
            "steps": [
                {
                    "time": step.time.isoformat(),
                    "what": step.what,
                    "who": step.who,
                    "evidence": step.evidence,
                }
                for step in self.steps
            ],
            "may_read": self.may_read,
            "gaps": self.gaps,
        }
