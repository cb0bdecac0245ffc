"""The calls on the two objects of one picture; repeated calls are counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.accounts.names import read_session
from audit.questions.timeline import Phase, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.evidence.events import TrailEvent

# Calls that write new bytes to a key, including the last call of a multipart upload.
WRITES = ("PutObject", "CompleteMultipartUpload", "CopyObject")
_VERBS = {
    **dict.fromkeys(WRITES, ("uploaded", Phase.UPLOAD)),
    "GetObject": ("read", Phase.READ),
    "HeadObject": ("looked again at", Phase.LOOK),
    "DeleteObject": ("deleted", Phase.LATER),
}


@dataclass(kw_only=True)
class RepeatedCall:
    """Equal calls of one caller: the first, the last, and their number."""

    first: TrailEvent
    last: TrailEvent
    times: int = 1


@dataclass(kw_only=True)
class CallsByCaller:
    """All calls, grouped by caller; the memory depends on the number of callers, not of calls."""

    thumbnail: str
    writes: list[TrailEvent] = field(default_factory=list["TrailEvent"])
    """Successful writes of the thumbnail, in order of time."""
    others: dict[tuple[str, ...], RepeatedCall] = field(
        default_factory=dict[tuple[str, ...], RepeatedCall]
    )

    @property
    def write(self) -> TrailEvent | None:
        """The write whose bytes are there now: S3 keeps the last one."""
        return self.writes[-1] if self.writes else None

    def steps(self) -> list[Step]:
        """A step for each write and for each call."""
        wrote = [
            _step(
                RepeatedCall(first=event, last=event),
                "wrote" if event is self.write else "wrote an earlier version of",
                "the thumbnail",
                Phase.WRITE,
            )
            for event in self.writes
        ]
        return wrote + [self._told(call) for call in self.others.values()]

    def _told(self, call: RepeatedCall) -> Step:
        event = call.first
        thing = "the thumbnail" if event.key == self.thumbnail else "the original"
        verb, order = _VERBS.get(event.name, (f"called {event.name} on", Phase.LATER))
        if event.key == self.thumbnail:
            order = Phase.LATER
        if event.error:
            verb = f"was refused {event.name} of" if event.refused else f"failed at {event.name} of"
            thing = f"{thing} ({event.error})"
        return _step(call, verb, thing, order)


def count_calls(events: Iterable[TrailEvent], thumbnail: str) -> CallsByCaller:
    """Group all calls on the thumbnail with that key and on its original."""
    calls = CallsByCaller(thumbnail=thumbnail)
    for event in events:
        if event.key == thumbnail and event.name in WRITES and not event.error:
            calls.writes.append(event)
            continue
        who = event.principal
        # Sessions of readers are not told apart, because there are too many; sessions of the
        # function are.
        session = who.session if read_session(who.session) else ""
        key = (event.key, event.name, event.error, who.name, session)
        call = calls.others.get(key)
        if call is None:
            calls.others[key] = RepeatedCall(first=event, last=event)
            continue
        call.times += 1
        call.first = min(call.first, event, key=lambda each: each.time)
        call.last = max(call.last, event, key=lambda each: each.time)
    calls.writes.sort(key=lambda event: event.time)
    return calls


def _step(call: RepeatedCall, verb: str, thing: str, order: Phase) -> Step:
    event, who = call.first, call.first.principal
    again = f", {call.times:,} times until {call.last.time:%Y-%m-%d %H:%M:%S}"
    return Step(
        time=event.time,
        what=f"{verb} {thing}{again if call.times > 1 else ''}",
        who=f"{who.name}, session {who.session}" if who.session else who.name,
        evidence=f"event {event.id}, from {event.address}",
        order=order,
    )
