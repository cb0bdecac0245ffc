"""One record of CloudTrail, reduced to what the audit asks of it.

Field names: "CloudTrail record contents" and "CloudTrail userIdentity element" in the CloudTrail
user guide, and "Logging IAM and AWS STS API calls with AWS CloudTrail" in IAM's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from recording.denials import DENIALS

Record = dict[str, Any]

# What S3 and STS answer to somebody who may not.
# "User: <arn> is not authorized to perform: <action> on resource: <arn, or `role <name>`>", and
# with some services why.
_REFUSED = re.compile(r" on resource: (.+?)(?: because | with an explicit deny|$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who called. `arn` is a role's or user's, never a session's; it is empty where CloudTrail
    tells the owner of a bucket or role only the caller's account and unique id."""

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
        """What to call it in a table."""
        if self.kind == "Anonymous":
            return "anonymous"
        if self.arn or self.service:
            return self.arn or self.service
        words = f"{self.id or self.access_key or self.kind}"
        return f"{words} of account {self.account}" if self.account else words


@dataclass(frozen=True, kw_only=True, slots=True)
class TrailEvent:
    """One call. `error` is empty where it succeeded."""

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
    """Of AssumeRole: the role asked for."""
    session: str
    """Of AssumeRole: the session name asked for; a refused call's is not recorded."""
    issued_key: str
    """Of AssumeRole: the access key id that STS gave out, which later calls carry."""
    shared_id: str
    account: str
    """Whose trail it is from."""
    address: str
    request_id: str
    data: bool
    """Whether it is a data event, as calls on objects are."""

    @property
    def refused(self) -> bool:
        """Whether the caller was not allowed to."""
        return self.error in DENIALS

    @property
    def outcome(self) -> str:
        """`ok`, or the error's code."""
        return self.error or "ok"


def time_of(record: Record) -> datetime:
    """When the call was complete; CloudTrail has whole seconds, in UTC."""
    return datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def read_event(record: Record) -> TrailEvent:
    """Read one record; absent fields become empty."""
    asked = asked_of(record)
    answered = _object(record.get("responseElements"))
    return TrailEvent(
        id=record.get("eventID", ""),
        time=time_of(record),
        source=record.get("eventSource", ""),
        name=record.get("eventName", ""),
        principal=read_principal(_object(record.get("userIdentity"))),
        error=record.get("errorCode") or "",
        message=record.get("errorMessage") or "",
        bucket=str(asked.get("bucketName", "")),
        key=str(asked.get("key", "")),
        role_arn=role_asked_for(record),
        session=str(asked.get("roleSessionName", "")),
        issued_key=str(_object(answered.get("credentials")).get("accessKeyId", "")),
        shared_id=record.get("sharedEventID", ""),
        account=record.get("recipientAccountId", ""),
        address=record.get("sourceIPAddress", ""),
        request_id=record.get("requestID", ""),
        data=record.get("eventCategory") == "Data",
    )


def asked_of(record: Record) -> Record:
    """The request's parameters; empty where CloudTrail has null."""
    return _object(record.get("requestParameters"))


def role_asked_for(record: Record) -> str:
    """The ARN in an AssumeRole, refused or not; empty for another call."""
    if record.get("eventName") != "AssumeRole":
        return ""
    return str(asked_of(record).get("roleArn", "")) or refused_resource(record)


def refused_resource(record: Record) -> str:
    """What a refused call was about, by its message; empty where that does not say.

    STS, IAM and CloudTrail record null for the parameters of a call that they refused, so the
    message is all that names its target (cartography-cncf/cartography#1740, of AssumeRole).
    """
    found = _REFUSED.search(record.get("errorMessage") or "")
    return found[1] if found else ""


def read_principal(identity: Record) -> Caller:
    """Read a userIdentity; a session is reduced to its role."""
    kind = str(identity.get("type", "Unknown"))
    unique, _, session = str(identity.get("principalId", "")).partition(":")
    account, arn = str(identity.get("accountId", "")), str(identity.get("arn", ""))
    service = str(identity.get("invokedBy", ""))
    if kind == "AssumedRole":
        issuer = _object(_object(identity.get("sessionContext")).get("sessionIssuer"))
        arn = str(issuer.get("arn", "")) or _role_of(arn)
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
        access_key=str(identity.get("accessKeyId", "")),
    )


def _role_of(session_arn: str) -> str:
    """The role's ARN in that of a session, which lacks the role's path."""
    start, found, rest = session_arn.partition(":assumed-role/")
    return f"{start.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}" if found else ""


def _object(value: Any) -> Record:
    return cast("Record", value) if isinstance(value, dict) else {}
