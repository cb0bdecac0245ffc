"""The event history: 90 days of management events, which every account keeps without a trail."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import AuditError
from audit.accounts.names import is_named
from audit.accounts.permissions import PRODUCER, STORAGE
from audit.evidence.changes import changes_ours
from audit.evidence.events import fault_of, read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from audit.accounts.clients import AccountClients
    from audit.evidence.events import Record, TrailEvent
    from audit.evidence.window import Window

KEPT = timedelta(days=90)
NO_DATA_EVENTS = (
    "The event history of AWS has only management events. Reads and writes of objects are in a "
    "trail's files, minutes after the call."
)
ACCESS_KEY_ONLY = (
    "These records name callers only by access key id, without role or session, because they are "
    "from the emulator and not from AWS."
)


class History:
    """Events from LookupEvents in both accounts: from their own region, and from IAM's."""

    def __init__(self, access: AccountClients, reason: str) -> None:
        """`reason` says why no trail is used."""
        self._access = access
        asked = [region for each in (PRODUCER, STORAGE) for region in access.regions(each)]
        regions = " and ".join(dict.fromkeys(asked))
        self.says = f"the event history of both accounts in {regions} ({reason})"
        self._notes = [NO_DATA_EVENTS]
        self._broken: dict[str, None] = {}

    @property
    def gaps(self) -> list[str]:
        """The events that the history does not keep, and the faults found so far."""
        return [*self._notes, *self.broken]

    @property
    def broken(self) -> list[str]:
        """Sentences about records that cannot be read."""
        return list(self._broken)

    def about_objects(
        self, bucket: str, wanted: Callable[[str], bool], window: Window
    ) -> Iterator[TrailEvent]:
        """No event on AWS, because the event history keeps no data events; the emulator's
        history does.
        """
        return (event for event in self.about_bucket(bucket, window) if wanted(event.key))

    def about_bucket(self, bucket: str, window: Window) -> Iterator[TrailEvent]:
        """Management events that name the bucket."""
        for event in self._look_up(STORAGE, window, "ResourceName", bucket):
            if event.bucket == bucket:
                yield event

    def assumptions(self, role: str, sought: str, window: Window) -> Iterator[TrailEvent]:  # noqa: ARG002 - one lookup takes one attribute
        """Assumptions in both accounts, because each account keeps its own record of the call."""
        for account in (PRODUCER, STORAGE):
            for event in self._look_up(account, window, "EventSource", "sts.amazonaws.com"):
                if is_named(event.role_arn, role):
                    yield event

    def changes(self, window: Window, known: Collection[str] = ()) -> Iterator[TrailEvent]:
        """The changes of both accounts."""
        for account in (PRODUCER, STORAGE):
            for record in self._records(account, window, "ReadOnly", "false"):
                if changes_ours(record, known):
                    yield read_event(record)

    def _look_up(
        self, account: str, window: Window, attribute: str, value: str
    ) -> Iterator[TrailEvent]:
        for record in self._records(account, window, attribute, value):
            yield read_event(record)

    def _records(
        self, account: str, window: Window, attribute: str, value: str
    ) -> Iterator[Record]:
        found = {
            # The emulator returns the same events in every region.
            each["EventId"]: each
            for region in self._access.regions(account)
            for each in self._pages(
                account,
                region,
                LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}],
                StartTime=max(window.start, window.end - KEPT),
                EndTime=window.end,
            )
        }
        for each in found.values():
            record, fault = _read_record(each.get("CloudTrailEvent", ""))
            if fault:
                gap = f"The event {each['EventId']} of account {account} {fault}and is not shown."
                self._broken[gap] = None
                continue
            if record["eventName"].startswith("POST.") or each.get("Username", "").startswith(
                ("ASIA", "AKIA")
            ):
                self._note_emulator()
                record = _as_aws_would(record, each)
            yield record

    def _pages(self, account: str, region: str, **asked: Any) -> list[dict[str, Any]]:
        """The events of one region. A company may forbid all regions but its own; the answer
        then says so.
        """
        try:
            return self._access.pages(
                account, "cloudtrail", "lookup_events", "Events", region=region, **asked
            )
        except AuditError as error:
            if region == self._access.regions(account)[0]:
                raise
            gap = f"Changes of roles are not shown, because {region} could not be asked: {error}"
            self._notes = [*(each for each in self._notes if each != gap), gap]
            return []

    def _note_emulator(self) -> None:
        # The emulator keeps data events here, so AWS's limitation does not apply to it.
        self._notes = [ACCESS_KEY_ONLY]


def _read_record(text: str) -> tuple[Record, str]:
    """A record and the reason why it cannot be used; one of the two is empty."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        return {}, f"is not JSON ({error})"
    fault = fault_of(record)
    return ({}, fault) if fault else (record, "")


def _as_aws_would(record: Record, envelope: dict[str, Any]) -> Record:
    """Move the emulator's fields to where AWS has them; a field that the emulator did not record
    stays missing.
    """
    asked: Record = dict(record.get("requestParameters") or {})
    resources = {each["ResourceType"]: each["ResourceName"] for each in envelope["Resources"]}
    moved = {
        "bucketName": resources.get("AWS::S3::Bucket"),
        "key": resources.get("AWS::S3::Object"),
        "roleArn": asked.get("RoleArn"),
        "roleSessionName": asked.get("RoleSessionName"),
    }
    identity: Record = record["userIdentity"]
    return record | {
        "eventName": asked.get("Action", record["eventName"]),
        "requestParameters": asked | {key: value for key, value in moved.items() if value},
        # The emulator takes every access key for a user's and invents the user's name.
        "userIdentity": {
            "type": "Unknown",
            "accountId": identity["accountId"],
            "accessKeyId": identity["accessKeyId"],
        },
    }
