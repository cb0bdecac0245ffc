"""The results of one run of the demo: collected while it runs, shown at its end."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from audit.questions.timeline import Timeline as Traced
    from demo.verdicts import Verdict
    from sandbox.deployment import Deployment
    from sandbox.uploads import TimedUpload


@dataclass(frozen=True, kw_only=True)
class TimedStep:
    """One step; times are seconds since the run began."""

    says: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


@dataclass(kw_only=True)
class DemoRun:
    """One run."""

    when: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    steps: list[TimedStep] = field(default_factory=list[TimedStep])
    deployment: Deployment | None = None
    uploads: list[TimedUpload] = field(default_factory=list["TimedUpload"])
    thumbnails: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """The thumbnails that the reader got, by key."""
    permitted: list[Verdict] = field(default_factory=list["Verdict"])
    refused: list[Verdict] = field(default_factory=list["Verdict"])
    traced: Traced | None = None
    """The audit's answer about one thumbnail."""
    own: frozenset[str] = frozenset()
    """Keys of pictures that somebody brought along, which the function may rightly refuse."""
    left_out: list[str] = field(default_factory=list[str])
    """Sentences about the user's files that were not uploaded."""
    untraced: str | None = None
    """A sentence that says why the audit gives no answer."""

    @contextmanager
    def step(self, says: str) -> Generator[None]:
        """Time the block as a step of the run."""
        began = time.monotonic() - self.began
        yield
        self.steps.append(TimedStep(says=says, began=began, ended=time.monotonic() - self.began))

    @property
    def seconds(self) -> float:
        """The seconds from the beginning to the end of the last step."""
        return self.steps[-1].ended if self.steps else 0.0

    @property
    def notes(self) -> list[str]:
        """Sentences about the user's own files that were not processed; these are no faults of
        the demo.
        """
        refused = [f"{each.key} {each.trouble}" for each in self.uploads if self._is_refused(each)]
        return [*self.left_out, *refused]

    def _is_refused(self, upload: TimedUpload) -> bool:
        return upload.refused and upload.key in self.own

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, one sentence each; the demo fails if there are any."""
        missing = [
            f"{upload.key} {upload.trouble or 'did not get all of its thumbnails'}"
            for upload in self.uploads
            if (upload.trouble or not upload.seconds) and not self._is_refused(upload)
        ]
        if self.untraced:
            missing.append(self.untraced)
        if self.traced and not self.traced.complete:
            missing.append(f"{self.traced.key} was not traced to the log: {self.traced.gaps}")
        return missing + [
            f"{verdict.attempt.says}: {verdict.problem}"
            for verdict in (*self.permitted, *self.refused)
            if verdict.problem
        ]
