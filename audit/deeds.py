"""What was done to the two objects of one picture, counted where it was done again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audit.names import read_session
from audit.story import Order, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from audit.events import Event

# What leaves new bytes at a key; the last step of an upload in parts among them.
WRITES = ("PutObject", "CompleteMultipartUpload", "CopyObject")
_VERBS = {
    **dict.fromkeys(WRITES, ("uploaded", Order.UPLOAD)),
    "GetObject": ("read", Order.READ),
    "HeadObject": ("looked again at", Order.LOOK),
    "DeleteObject": ("deleted", Order.LATER),
}


@dataclass(kw_only=True)
class Deed:
    """The first of a caller's equal calls, the last, and how many there were."""

    first: Event
    last: Event
    times: int = 1


@dataclass(kw_only=True)
class Deeds:
    """All that was done; its size is that of the callers, however often each of them called."""

    thumbnail: str
    writes: list[Event] = field(default_factory=list["Event"])
    """Successful writes of the thumbnail, in order of time."""
    others: dict[tuple[str, ...], Deed] = field(default_factory=dict[tuple[str, ...], Deed])

    @property
    def write(self) -> Event | None:
        """The write whose bytes are there now: S3 keeps the last."""
        return self.writes[-1] if self.writes else None

    def steps(self) -> list[Step]:
        """A step for each write and for each deed."""
        wrote = [
            _step(
                Deed(first=event, last=event),
                "wrote" if event is self.write else "wrote an earlier version of",
                "the thumbnail",
                Order.WRITE,
            )
            for event in self.writes
        ]
        return wrote + [self._told(deed) for deed in self.others.values()]

    def _told(self, deed: Deed) -> Step:
        event = deed.first
        thing = "the thumbnail" if event.key == self.thumbnail else "the original"
        verb, order = _VERBS.get(event.name, (f"called {event.name} on", Order.LATER))
        if event.key == self.thumbnail:
            order = Order.LATER
        if event.error:
            verb = f"was refused {event.name} of" if event.refused else f"failed at {event.name} of"
            thing = f"{thing} ({event.error})"
        return _step(deed, verb, thing, order)


def gather(events: Iterable[Event], thumbnail: str) -> Deeds:
    """Everything that was done to the thumbnail of that key and to its original."""
    deeds = Deeds(thumbnail=thumbnail)
    for event in events:
        if event.key == thumbnail and event.name in WRITES and not event.error:
            deeds.writes.append(event)
            continue
        who = event.principal
        # Sessions of a reader are without number; those of the function tell its works apart.
        session = who.session if read_session(who.session) else ""
        key = (event.key, event.name, event.error, who.name, session)
        deed = deeds.others.get(key)
        if deed is None:
            deeds.others[key] = Deed(first=event, last=event)
            continue
        deed.times += 1
        deed.first = min(deed.first, event, key=lambda each: each.time)
        deed.last = max(deed.last, event, key=lambda each: each.time)
    deeds.writes.sort(key=lambda event: event.time)
    return deeds


def _step(deed: Deed, verb: str, thing: str, order: Order) -> Step:
    event, who = deed.first, deed.first.principal
    again = f", {deed.times:,} times until {deed.last.time:%Y-%m-%d %H:%M:%S}"
    return Step(
        time=event.time,
        what=f"{verb} {thing}{again if deed.times > 1 else ''}",
        who=f"{who.name}, session {who.session}" if who.session else who.name,
        evidence=f"event {event.id}, from {event.address}",
        order=order,
    )
