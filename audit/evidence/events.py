"""One CloudTrail record, reduced to the fields that the audit uses.

Sources of the field names: "CloudTrail record contents" and "CloudTrail userIdentity element" in
the CloudTrail user guide, and "Logging IAM and AWS STS API calls with AWS CloudTrail" in the IAM
user guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import unquote

from recording.denials import DENIALS

Record = dict[str, Any]

# The error codes of S3 and STS for a missing permission. "User: <arn> is not authorized to perform:
# <action> on resource: <arn, or `role <name>`>", and with some services why.
_REFUSED = re.compile(r" on resource: (.+?)(?: because | with an explicit deny|$)")


# "The date and time the request was completed, in coordinated universal time (UTC)".
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_OR_NULL = (str, type(None))
_FIELDS = {
    **dict.fromkeys(("eventID", "eventName", "eventSource"), (str,)),
    "userIdentity": (dict,),
    "requestParameters": (dict, type(None)),
    **dict.fromkeys(("errorCode", "errorMessage"), _OR_NULL),
}
_FIELDS_ASKED_FOR = {
    "s3.amazonaws.com": dict.fromkeys(("bucketName", "key", "x-amz-copy-source"), _OR_NULL),
    "sts.amazonaws.com": dict.fromkeys(("roleArn", "roleSessionName"), _OR_NULL),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who called. `arn` is the ARN of a role or user, never of a session. It is empty if CloudTrail
    gives the owner of a bucket or role only the caller's account and unique id."""

    kind: str
    arn: str = ""
    id: str = ""
    """The unique id of the role or user (AROA…, AIDA…)."""
    session: str = ""
    account: str = ""
    service: str = ""
    access_key: str = ""

    @property
    def name(self) -> str:
        """The caller's name for a table."""
        if self.kind == "Anonymous":
            return "anonymous"
        if self.arn or self.service:
            return self.arn or self.service
        words = f"{self.id or self.access_key or self.kind}"
        return f"{words} of account {self.account}" if self.account else words


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailEvent:
    """One call. `error` is empty if the call succeeded."""

    id: str
    time: datetime
    source: str
    name: str
    principal: Caller
    error: str
    message: str
    bucket: str
    key: str
    role_arn: str
    """The role that an AssumeRole call asked for."""
    session: str
    """The session name that an AssumeRole call asked for; not recorded for a refused call."""
    issued_key: str
    """The access key id that STS issued in AssumeRole; later calls carry it."""
    shared_id: str
    account: str
    """The account whose trail logged the event."""
    address: str
    agent: str
    copied_from: str
    """The `bucket/key` that a copy read."""
    request_id: str
    data: bool
    """Whether it is a data event, as calls on objects are."""

    @property
    def refused(self) -> bool:
        """Whether the caller lacked the permission."""
        return self.error in DENIALS

    @property
    def outcome(self) -> str:
        """`ok`, or the error code."""
        return self.error or "ok"


def fault_of(record: Any) -> str:
    """The reason why the record cannot be used; empty if it can.

    Only the fields that the answers depend on are checked. Any other field may be missing, and then
    counts as empty.
    """
    if not isinstance(record, dict):
        return "is not an object"
    known = cast("Record", record)
    fault = _fault_of_time(known.get("eventTime"))
    if fault or known.get("eventCategory") == "Insight":  # which is no call
        return fault
    asked = _object(known.get("requestParameters"))
    for holder, fields in (
        (known, _FIELDS),
        (asked, _FIELDS_ASKED_FOR.get(str(known.get("eventSource")), {})),
    ):
        for field, kinds in fields.items():
            if not isinstance(holder.get(field), kinds):
                return f"has the {field} {_short(holder.get(field))}, which cannot be"
    return ""


def _fault_of_time(time: Any) -> str:
    """Only CloudTrail's time format is accepted, because times in that format can be compared as
    text.
    """
    if isinstance(time, str) and _TIME.fullmatch(time):
        try:
            datetime.fromisoformat(time)
        except ValueError:
            pass
        else:
            return ""
    return f"has the eventTime {_short(time)}, which is not YYYY-MM-DDTHH:MM:SSZ"


def read_event(record: Record) -> TrailEvent:
    """Read one valid record; missing fields become empty."""
    asked = asked_of(record)
    answered = _object(record.get("responseElements"))
    return TrailEvent(
        id=record["eventID"],
        time=datetime.fromisoformat(record["eventTime"]),
        source=record["eventSource"],
        name=record["eventName"],
        principal=read_principal(_object(record.get("userIdentity"))),
        error=record.get("errorCode") or "",
        message=record.get("errorMessage") or "",
        bucket=_text(asked.get("bucketName")),
        key=_text(asked.get("key")),
        role_arn=role_asked_for(record),
        session=_text(asked.get("roleSessionName")),
        issued_key=_text(_object(answered.get("credentials")).get("accessKeyId")),
        shared_id=_text(record.get("sharedEventID")),
        account=_text(record.get("recipientAccountId")),
        address=_text(record.get("sourceIPAddress")),
        agent=_text(record.get("userAgent")),
        copied_from=unquote(_text(asked.get("x-amz-copy-source")).lstrip("/").partition("?")[0]),
        request_id=_text(record.get("requestID")),
        data=record.get("eventCategory") == "Data",
    )


def asked_of(record: Record) -> Record:
    """The request's parameters; empty if CloudTrail has null."""
    return _object(record.get("requestParameters"))


def role_asked_for(record: Record) -> str:
    """The ARN in an AssumeRole call, refused or not; empty for another call."""
    if record.get("eventName") != "AssumeRole":
        return ""
    return _text(asked_of(record).get("roleArn")) or refused_resource(record)


def refused_resource(record: Record) -> str:
    """The resource of a refused call, from its message; empty if the message does not name it.

    STS, IAM and CloudTrail record null as the parameters of a call that they refused, so only the
    message names its target (cartography-cncf/cartography#1740, about AssumeRole).
    """
    found = _REFUSED.search(record.get("errorMessage") or "")
    return found[1] if found else ""


def read_principal(identity: Record) -> Caller:
    """Read a userIdentity; a session becomes its role."""
    kind = _text(identity.get("type")) or "Unknown"
    unique, _, session = _text(identity.get("principalId")).partition(":")
    account, arn = _text(identity.get("accountId")), _text(identity.get("arn"))
    service = _text(identity.get("invokedBy"))
    if kind == "AssumedRole":
        issuer = _object(_object(identity.get("sessionContext")).get("sessionIssuer"))
        arn = _text(issuer.get("arn")) or _role_of(arn)
    elif kind == "AWSAccount" and account.lower().startswith("anonymous"):
        kind, account = "Anonymous", ""
    if kind != "AWSService":
        service = ""
    return Caller(
        kind=kind,
        arn=arn,
        id=unique,
        session=session,
        account=account,
        service=service,
        access_key=_text(identity.get("accessKeyId")),
    )


def _role_of(session_arn: str) -> str:
    """The role's ARN from a session's ARN, which lacks the role's path."""
    start, found, rest = session_arn.partition(":assumed-role/")
    return f"{start.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}" if found else ""


def _object(value: Any) -> Record:
    return cast("Record", value) if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _short(value: Any) -> str:
    """A value for a sentence: its own text, or its type if it contains other values."""
    if isinstance(value, (dict, list)):
        return "that is an object" if isinstance(value, dict) else "that is a list"
    return repr(value)[:80]
