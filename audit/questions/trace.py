"""Collects the events of one thumbnail, from its upload to its readers, in order of time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from audit.accounts.errors import AuditError, BrokenEvidenceError
from audit.accounts.names import THUMBX_ROLE, read_session
from audit.evidence import logs
from audit.evidence.window import Window
from audit.questions.calls import count_calls
from audit.questions.timeline import Phase, Step, Timeline

if TYPE_CHECKING:
    from datetime import datetime

    from audit.accounts.names import PicturePrefixes
    from audit.evidence.events import TrailEvent
    from audit.evidence.logs import Log, LogLine
    from audit.evidence.sources import Source

# ThumbXRole's credentials last at most an hour, because AWS limits role chaining to an hour.
SESSION = timedelta(hours=1)
# The time between a write and the function's log line about it: the other thumbnails, and a last
# check.
FINISH = timedelta(minutes=15)


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`; AuditError for anything else."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not key:
        raise AuditError(f"'{uri}' is not an object; write s3://<bucket>/thumbnails/<...>")
    return bucket, key


def trace(
    uri: str,
    *,
    prefixes: PicturePrefixes,
    source: Source,
    log: Log | None,
    window: Window,
    written: datetime | None = None,
) -> Timeline:
    """Collect the events of the thumbnail; AuditError if none is known.

    `written` is the time of the last write according to the bucket, if the bucket was asked.
    """
    bucket, key = split_uri(uri)
    picture = prefixes.picture_of(key)
    if picture is None:
        raise AuditError(
            f"'{key}' is not a thumbnail; thumbnails are {prefixes.thumbnails}<the original's "
            "key>/<size>; name one, or name the prefix with --thumbnails"
        )
    original = prefixes.originals + picture
    timeline = Timeline(bucket=bucket, key=key, original=original, source=source.says)
    calls = count_calls(source.about_objects(bucket, {key, original}.__contains__, window), key)
    write = calls.write
    session = write.principal.session if write else ""
    line = _find_line(log, original, session, write, window)
    timeline.session = session or (line.get(logs.SESSION) if line else "")
    timeline.steps += calls.steps()
    _tell_of_session(timeline, source, write, line)
    _tell_of_line(timeline, log, line)
    timeline.gaps += [*source.gaps, *(log.broken if log else [])]
    _note_gaps(timeline, write, line, session)
    if written and not (write and write.time >= written - logs.CLOCKS):
        timeline.gaps.append(
            f"The bucket says that the thumbnail was written at {written:%Y-%m-%d %H:%M:%S} UTC, "
            "but the record of that write is missing or has not arrived yet."
        )
    if not timeline.steps:
        error = BrokenEvidenceError if source.broken else AuditError
        raise error(
            f"nothing is known of {uri} in {window}, by {source.says}; is the name right? Look "
            "further back with --since, or in other files with --from"
            + "".join(f"\n{each}" for each in source.broken)
        )
    timeline.steps.sort(key=lambda step: (step.time.replace(microsecond=0), step.order, step.time))
    return timeline


def _find_line(
    log: Log | None, original: str, session: str, write: TrailEvent | None, window: Window
) -> LogLine | None:
    if log is None:
        return None
    if write is None:
        return logs.line_after(log.lines(original, session, window), window.end)
    near = Window(start=write.time - FINISH, end=write.time + FINISH)
    # A log line may have no known session, because the record of the write may hold only an access
    # key.
    return logs.line_after(log.lines(original, session, near), write.time)


def _tell_of_session(
    timeline: Timeline, source: Source, write: TrailEvent | None, line: LogLine | None
) -> None:
    moment = write.time if write else line.time if line else None
    if not timeline.session or moment is None:
        return
    around = Window(start=moment - SESSION - logs.CLOCKS, end=moment + logs.CLOCKS)
    found = [
        event
        for event in source.assumptions(THUMBX_ROLE, timeline.session, around)
        if event.session == timeline.session and not event.error
    ]
    issued = write.principal.access_key if write else ""
    # The container signs in again each hour with the same session name; the access key identifies
    # the time.
    exact = [event for event in found if event.issued_key and event.issued_key == issued]
    last = max((event.time for event in found), default=moment)
    for event in exact or [each for each in found if each.time == last]:
        shared = f", shared event {event.shared_id}" if event.shared_id else ""
        timeline.steps.append(
            Step(
                time=event.time,
                what=f"assumed {event.role_arn} as session {timeline.session}",
                who=event.principal.name,
                evidence=f"event {event.id} of account {event.account}{shared}",
                order=Phase.ASSUME,
            )
        )


def _tell_of_line(timeline: Timeline, log: Log | None, line: LogLine | None) -> None:
    timeline.line = line
    if line is None or log is None:
        return
    timeline.steps.append(
        Step(
            time=line.time,
            what=f"the function wrote its line: {line.get(logs.OUTCOME)}, message "
            f"{line.get(logs.MESSAGE_ID)}, request {line.get(logs.REQUEST_ID)}",
            who=f"session {line.get(logs.SESSION)}",
            evidence=f"log stream {line.stream} of {log.says}",
            order=Phase.LINE,
        )
    )


def _note_gaps(
    timeline: Timeline, write: TrailEvent | None, line: LogLine | None, session: str
) -> None:
    if write is None:
        timeline.gaps.append("No record of the write was found.")
    elif not session:
        timeline.gaps.append(
            "The record of the write names no session"
            + ("; the session was taken from the log line of the same picture." if line else ".")
        )
    elif read_session(session) is None:
        timeline.gaps.append(
            f"{session} is not a session name of the function, so somebody else wrote the "
            "thumbnail."
        )
    if line is None:
        timeline.gaps.append(
            "No log line was found: name the log with --logs, or its retention has ended."
        )
    elif (parts := read_session(timeline.session)) and parts.container not in line.stream:
        timeline.gaps.append(
            "The log stream does not end with the container's digits, as Lambda's streams do; the "
            "line was found by the session in it."
        )
    if not any(step.order == Phase.ASSUME for step in timeline.steps):
        timeline.gaps.append(
            "No AssumeRole of this session was found in the hour before the write."
        )
