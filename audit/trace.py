"""The story of one thumbnail, from the upload to whoever read it, in order of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from audit import logs
from audit.errors import AuditError
from audit.named import spared
from audit.names import THUMBX_ROLE, read_session
from audit.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from audit.events import Event
    from audit.logs import Line, Log
    from audit.names import Prefixes
    from audit.sources import Source

# ThumbXRole's credentials live that long at most: role chaining is capped at an hour.
SESSION = timedelta(hours=1)
# What leaves new bytes at a key; the last step of an upload in parts among them.
WRITES = ("PutObject", "CompleteMultipartUpload", "CopyObject")
# From the write to the function's line about it: the other thumbnails, and a last look.
FINISH = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened, and the record that says so."""

    time: datetime
    what: str
    who: str
    evidence: str
    order: int = 0
    """Among steps of the same second, since CloudTrail has whole seconds only."""


@dataclass(kw_only=True)
class Story:
    """All that is known of one thumbnail."""

    bucket: str
    key: str
    original: str
    source: str
    steps: list[Step] = field(default_factory=list["Step"])
    gaps: list[str] = field(default_factory=list[str])
    """What could not be shown, and why: sentences."""
    may_read: dict[str, list[str] | None] = field(default_factory=dict[str, "list[str] | None"])
    """Whom the bucket policy does not refuse to read the thumbnail and the original: everybody
    else is refused, whatever they are granted elsewhere. None where it refuses nobody."""
    session: str = ""
    line: Line | None = None

    @property
    def complete(self) -> bool:
        """Whether it leads from the thumbnail to the log line and the role's session."""
        return self.line is not None and any(step.order == _ASSUME for step in self.steps)


_SHOWN = ("what", "who", "evidence")

# The order in which one second's events can only have happened: see `handler.pipeline`.
_UPLOAD, _ASSUME, _READ, _WRITE, _LOOK, _LINE, _LATER = range(7)


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; AuditError for anything else."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not key:
        raise AuditError(f"'{uri}' is no object; write s3://<bucket>/thumbnails/<...>")
    return bucket, key


def trace(
    uri: str, *, prefixes: Prefixes, source: Source, log: Log | None, window: Window
) -> Story:
    """Tell the story of the thumbnail; AuditError where nothing at all is known of it."""
    bucket, key = split_uri(uri)
    original = prefixes.original_of(key)
    if original is None:
        raise AuditError(
            f"'{key}' is no thumbnail: those are {prefixes.thumbnails}<the original's key>/<size>; "
            "name one, or the prefix with --thumbnails"
        )
    story = Story(bucket=bucket, key=key, original=original, source=source.says)
    events = sorted(
        source.about_objects(bucket, (key, original), window), key=lambda event: event.time
    )
    write = _last_write(events, key)
    session = write.principal.session if write else ""
    line = _find_line(log, original, session, write, window)
    story.session = session or (line.get(logs.SESSION) if line else "")
    _tell_of_objects(story, events, write)
    _tell_of_session(story, source, write, line)
    _tell_of_line(story, log, line)
    story.gaps += source.gaps
    _note_gaps(story, write, line, session)
    if not story.steps:
        raise AuditError(
            f"nothing is known of {uri} in {window}, by {source.says}; is the name right? Look "
            "further back with --since, and elsewhere with --from"
        )
    story.steps.sort(key=lambda step: (step.time.replace(microsecond=0), step.order, step.time))
    return story


def _last_write(events: Sequence[Event], key: str) -> Event | None:
    """The write whose bytes are there now: S3 keeps the last."""
    writes = [each for each in events if each.key == key and each.name in WRITES]
    return next((each for each in reversed(writes) if not each.error), None)


def _find_line(
    log: Log | None, original: str, session: str, write: Event | None, window: Window
) -> Line | None:
    if log is None:
        return None
    if write is None:
        return logs.line_after(log.lines(original, session, window), window.end)
    near = Window(start=write.time - FINISH, end=write.time + FINISH)
    # A line may name no known session: the record of the write may hold only an access key.
    return logs.line_after(log.lines(original, session, near), write.time)


def _tell_of_objects(story: Story, events: Sequence[Event], write: Event | None) -> None:
    for event in events:
        thing = "the thumbnail" if event.key == story.key else "the original"
        verb, order = _VERBS.get(event.name, (event.name, _LATER))
        if event.name in WRITES and thing == "the thumbnail":
            order = _WRITE
            verb = "wrote" if event is write else "wrote an earlier version of"
        elif thing == "the thumbnail":
            order = _LATER
        if event.error:
            verb = f"was refused {event.name} of" if event.refused else f"failed at {verb}"
            thing = f"{thing} ({event.error})"
        who = event.principal
        story.steps.append(
            Step(
                time=event.time,
                what=f"{verb} {thing}",
                who=f"{who.name}, session {who.session}" if who.session else who.name,
                evidence=f"event {event.id}, from {event.address}",
                order=order,
            )
        )


_VERBS = {
    **dict.fromkeys(WRITES, ("uploaded", _UPLOAD)),
    "GetObject": ("read", _READ),
    "HeadObject": ("looked again at", _LOOK),
    "DeleteObject": ("deleted", _LATER),
}


def _tell_of_session(story: Story, source: Source, write: Event | None, line: Line | None) -> None:
    moment = write.time if write else line.time if line else None
    if not story.session or moment is None:
        return
    around = Window(start=moment - SESSION - logs.CLOCKS, end=moment + logs.CLOCKS)
    found = [
        event
        for event in source.assumptions(THUMBX_ROLE, story.session, around)
        if event.session == story.session and not event.error
    ]
    issued = write.principal.access_key if write else ""
    # The container signs in anew each hour under one session name; the key says which time.
    exact = [event for event in found if event.issued_key and event.issued_key == issued]
    last = max((event.time for event in found), default=moment)
    for event in exact or [each for each in found if each.time == last]:
        shared = f", shared event {event.shared_id}" if event.shared_id else ""
        story.steps.append(
            Step(
                time=event.time,
                what=f"assumed {event.role_arn} as session {story.session}",
                who=event.principal.name,
                evidence=f"event {event.id} of account {event.account}{shared}",
                order=_ASSUME,
            )
        )


def _tell_of_line(story: Story, log: Log | None, line: Line | None) -> None:
    story.line = line
    if line is None or log is None:
        return
    story.steps.append(
        Step(
            time=line.time,
            what=f"the function wrote its line: {line.get(logs.OUTCOME)}, message "
            f"{line.get(logs.MESSAGE_ID)}, request {line.get(logs.REQUEST_ID)}",
            who=f"session {line.get(logs.SESSION)}",
            evidence=f"log stream {line.stream} of {log.says}",
            order=_LINE,
        )
    )


def _note_gaps(story: Story, write: Event | None, line: Line | None, session: str) -> None:
    if write is None:
        story.gaps.append("No record of the write was found.")
    elif not session:
        story.gaps.append(
            "The record of the write names no session"
            + ("; it was taken from the log line of the same picture." if line else ".")
        )
    elif read_session(session) is None:
        story.gaps.append(f"{session} is no session name of the function: somebody else wrote it.")
    if line is None:
        story.gaps.append(
            "No log line was found: name the log with --logs, or its retention ended."
        )
    elif (parts := read_session(story.session)) and parts.container not in line.stream:
        story.gaps.append(
            "The log stream does not end with the container's digits, as Lambda's do; the line "
            "was found by the session in it."
        )
    if not any(step.order == _ASSUME for step in story.steps):
        story.gaps.append("No AssumeRole of this session was found in the hour before the write.")


def note_readers(story: Story, policy: dict[str, Any]) -> None:
    """Add who could have read the picture, by the bucket policy as it is now."""
    for thing in ("thumbnail", "original"):
        story.may_read[thing] = spared(policy, f"DenyOtherReadsOf{thing.capitalize()}s")


def as_json(story: Story) -> dict[str, Any]:
    """The story for `--json`."""
    return {
        "object": f"s3://{story.bucket}/{story.key}",
        "original": f"s3://{story.bucket}/{story.original}",
        "source": story.source,
        "session": story.session,
        "complete": story.complete,
        "line": story.line and story.line.fields,
        "log_stream": story.line and story.line.stream,
        "steps": [
            {"time": each.time.isoformat(), **{key: getattr(each, key) for key in _SHOWN}}
            for each in story.steps
        ],
        "may_read": story.may_read,
        "gaps": story.gaps,
    }
