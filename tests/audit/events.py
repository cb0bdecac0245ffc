"""Records and files of CloudTrail, in the form that AWS documents, from one place.

Field names and forms:
- records: docs.aws.amazon.com/awscloudtrail/latest/userguide/, page
  cloudtrail-event-reference-record-contents.html
- userIdentity: there, cloudtrail-event-reference-user-identity.html
- AssumeRole across accounts, one call and two records with one sharedEventID, of which the role's
  account has only the caller's account and principal id:
  docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
- S3's records: docs.aws.amazon.com/AmazonS3/latest/userguide/, page
  cloudtrail-logging-understanding-s3-entries.html
- files' names and folders: in CloudTrail's, cloudtrail-log-file-examples.html and
  cloudtrail-find-log-files.html

An AssumeRole that is denied is recorded in the caller's account and not in the role's, so there
is no way to make the latter here.
"""

from __future__ import annotations

import gzip
import json
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

A, B = "111111111111", "222222222222"
REGION = "eu-central-1"
BUCKET = "thumbx-images-0a1b2c3"
ORIGINALS, THUMBNAILS = "originals/", "thumbnails/"
THUMBX_ROLE = f"arn:aws:iam::{B}:role/ThumbXRole-0a1b2c3"
EXECUTION_ROLE = f"arn:aws:iam::{A}:role/ThumbX-producer-0a1b2c3"
# A role of that name in an account that has nothing to do with this.
TWIN = EXECUTION_ROLE.replace(A, "999999999999")
FUNCTION = "ThumbX-function-0a1b2c3"
UPLOADER = f"arn:aws:iam::{B}:role/uploader"
READER = f"arn:aws:iam::{B}:role/reader"
INSIDER = f"arn:aws:iam::{B}:role/insider"
STRANGER = f"arn:aws:iam::{A}:role/stranger"
DEPLOYER = f"arn:aws:iam::{B}:role/deployer"
UNIQUE_IDS = {
    THUMBX_ROLE: "AROATHUMBXROLE000000",
    EXECUTION_ROLE: "AROAPRODUCER00000000",
    TWIN: "AROATWIN000000000000",
    UPLOADER: "AROAUPLOADER00000000",
    READER: "AROAREADER0000000000",
    INSIDER: "AROAINSIDER000000000",
    STRANGER: "AROASTRANGER00000000",
    DEPLOYER: "AROADEPLOYER00000000",
}
Record = dict[str, Any]


def session_name(day: datetime, container: int) -> str:
    """As `handler.session.name_session` makes it."""
    return f"thumbx-{day:%Y%m%d}-{container:032x}"


def access_key(number: int) -> str:
    return f"ASIA{number:016X}"


def role_session(role: str, session: str, key: str) -> Record:
    """The userIdentity of a call with a role's temporary credentials."""
    account, name = role.split(":")[4], role.rpartition("/")[2]
    return {
        "type": "AssumedRole",
        "principalId": f"{UNIQUE_IDS[role]}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": UNIQUE_IDS[role],
                "arn": role,
                "accountId": account,
                "userName": name,
            },
            "attributes": {"creationDate": "2026-11-24T08:00:00Z", "mfaAuthenticated": "false"},
        },
    }


def other_account(role: str, session: str) -> Record:
    """The same caller in the record of another account, which has only these fields."""
    return {
        "type": "AWSAccount",
        "principalId": f"{UNIQUE_IDS[role]}:{session}",
        "accountId": role.split(":")[4],
    }


ANONYMOUS: Record = {
    "type": "AWSAccount",
    "principalId": "",
    "accountId": "ANONYMOUS_PRINCIPAL",
}


def service(name: str) -> Record:
    return {"type": "AWSService", "invokedBy": name}


@dataclass
class RecordedTrail:
    """Gathers records of both accounts and writes them as CloudTrail delivers them."""

    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def _add(
        self, account: str, time: datetime, source: str, name: str, identity: Record, **more: Any
    ) -> Record:
        self._count += 1
        record: Record = {
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": REGION,
            "sourceIPAddress": identity.get("invokedBy", "192.0.2.10"),
            "userAgent": "[Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux lang/python#3.13.7]",
            "requestParameters": None,
            "responseElements": None,
            "requestID": f"R{self._count:015X}",
            "eventID": str(uuid.UUID(int=self._count)),
            "readOnly": name.startswith(("Get", "Head", "List", "Assume")),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account,
            "eventCategory": "Management",
        } | more
        self.records[account].append(record)
        return record

    def object(
        self,
        time: datetime,
        name: str,
        key: str,
        identity: Record,
        error: str = "",
        bucket: str = BUCKET,
    ) -> Record:
        """A data event of S3 in account B."""
        failed = {"errorCode": error, "errorMessage": "Access Denied"} if error else {}
        host = f"{bucket}.s3.{REGION}.amazonaws.com"
        return self._add(
            B,
            time,
            "s3",
            name,
            identity,
            **failed,
            requestParameters={"bucketName": bucket, "Host": host, "key": key},
            responseElements=(
                {"x-amz-server-side-encryption": "AES256"} if name == "PutObject" else None
            ),
            additionalEventData={
                "SignatureVersion": "SigV4",
                "CipherSuite": "TLS_AES_128_GCM_SHA256",
                "bytesTransferredIn": 11437 if name == "PutObject" else 0,
                "AuthenticationMethod": "AuthHeader",
                "x-amz-id-2": "mX2kRnR5V0hHq1wZ0lq2o7VtXo0mSg6m8Qf9y0z7Jk3b1c5d7e9f1a3b5c7d9e1f",
                "bytesTransferredOut": 271 if error else 0,
            },
            resources=[
                {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
                {"accountId": B, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
            ],
            managementEvent=False,
            eventCategory="Data",
            tlsDetails={
                "tlsVersion": "TLSv1.3",
                "cipherSuite": "TLS_AES_128_GCM_SHA256",
                "clientProvidedHostHeader": host,
            },
        )

    def assume_role(
        self,
        time: datetime,
        session: str,
        issued: str,
        *,
        role: str = THUMBX_ROLE,
        caller: str = EXECUTION_ROLE,
        caller_session: str = FUNCTION,
    ) -> tuple[Record, Record]:
        """One call from A into B: A's record, and B's with the same sharedEventID."""
        name = role.rpartition("/")[2]
        shared = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{issued}{time}"))
        common: Record = {
            "requestParameters": {
                "roleArn": role,
                "roleSessionName": session,
                "durationSeconds": 3600,
            },
            "responseElements": {
                "credentials": {
                    "accessKeyId": issued,
                    "sessionToken": "<encoded session token blob>",
                    "expiration": f"{time + timedelta(hours=1):%b %d, %Y, %I:%M:%S %p}",
                },
                "assumedRoleUser": {
                    "assumedRoleId": f"{UNIQUE_IDS[role]}:{session}",
                    "arn": f"arn:aws:sts::{B}:assumed-role/{name}/{session}",
                },
            },
            "resources": [{"accountId": B, "type": "AWS::IAM::Role", "ARN": role}],
            "sharedEventID": shared,
        }
        in_a = self._add(
            A, time, "sts", "AssumeRole", role_session(caller, caller_session, access_key(1)),
            **common,
        )  # fmt: skip
        in_b = self._add(
            B, time, "sts", "AssumeRole", other_account(caller, caller_session), **common
        )
        return in_a, in_b

    def denied_assume_role(
        self, time: datetime, caller: str = STRANGER, session: str = "intruder"
    ) -> Record:
        """This record exists in account A only, because the role's account does not get it."""
        identity = role_session(caller, session, access_key(2))
        return self._denied(A, time, "sts", "AssumeRole", identity, THUMBX_ROLE)

    def denied_on_role(self, time: datetime, name: str, caller: str) -> Record:
        """IAM's form of a refusal, which names the role and not its ARN."""
        identity = role_session(caller, "alice", access_key(3))
        role = f"role {THUMBX_ROLE.rpartition('/')[2]}"
        return self._denied(B, time, "iam", name, identity, role, awsRegion="us-east-1")

    def denied_on_trail(self, time: datetime, name: str, caller: str) -> Record:
        """CloudTrail's form."""
        identity = role_session(caller, "alice", access_key(3))
        trail = f"arn:aws:cloudtrail:{REGION}:{B}:trail/thumbx-dev"
        return self._denied(B, time, "cloudtrail", name, identity, trail)

    def _denied(
        self,
        account: str,
        time: datetime,
        source: str,
        name: str,
        identity: Record,
        resource: str,
        **more: Any,
    ) -> Record:
        """What every service but S3 records of a call that it denied: null for the parameters,
        and the resource in the message (cartography-cncf/cartography#1740)."""
        action = f"{source}:{name}"
        return self._add(
            account,
            time,
            source,
            name,
            identity,
            errorCode="AccessDenied",
            errorMessage=f"User: {identity['arn']} is not authorized to perform: {action} on "
            f"resource: {resource} because no identity-based policy allows the {action} action",
            **more,
        )

    def service_assume_role(self, time: datetime) -> Record:
        """Lambda taking the execution role for a new container."""
        return self._add(
            A,
            time,
            "sts",
            "AssumeRole",
            service("lambda.amazonaws.com"),
            requestParameters={"roleArn": EXECUTION_ROLE, "roleSessionName": FUNCTION},
            responseElements={"credentials": {"accessKeyId": access_key(1)}},
        )

    def log_delivery(self, time: datetime) -> Record:
        """CloudTrail looking at its own log bucket."""
        return self._add(
            B,
            time,
            "s3",
            "GetBucketAcl",
            service("cloudtrail.amazonaws.com"),
            requestParameters={"bucketName": "thumbx-logs-0a1b2c3", "acl": ""},
        )

    def on_bucket(self, time: datetime, name: str, caller: str, error: str = "") -> Record:
        """A management event of S3, such as PutBucketPolicy."""
        failed = {"errorCode": error, "errorMessage": "Access Denied"} if error else {}
        return self._add(
            B,
            time,
            "s3",
            name,
            role_session(caller, "alice", access_key(3)),
            **failed,
            requestParameters={"bucketName": BUCKET, "policy": ""},
        )

    def on_role(self, time: datetime, name: str, caller: str) -> Record:
        """A management event of IAM, such as UpdateAssumeRolePolicy; IAM records in us-east-1."""
        return self._add(
            B,
            time,
            "iam",
            name,
            role_session(caller, "alice", access_key(3)),
            awsRegion="us-east-1",
            requestParameters={"roleName": THUMBX_ROLE.rpartition("/")[2], "policyDocument": "{}"},
        )

    def picture(self, time: datetime, name: str, container: int, issued: str) -> str:
        """All records of one picture, from the upload to a reader; returns the session's name."""
        session = session_name(time, container)
        thumbx = role_session(THUMBX_ROLE, session, issued)
        self.object(
            time,
            "PutObject",
            f"{ORIGINALS}{name}",
            role_session(UPLOADER, "app", access_key(4)),
        )
        self.assume_role(time + timedelta(seconds=1), session, issued)
        self.object(time + timedelta(seconds=1), "GetObject", f"{ORIGINALS}{name}", thumbx)
        for size in ("large", "medium", "small"):
            self.object(
                time + timedelta(seconds=1), "PutObject", f"{THUMBNAILS}{name}/{size}.jpg", thumbx
            )
        self.object(time + timedelta(seconds=1), "HeadObject", f"{ORIGINALS}{name}", thumbx)
        self.object(
            time + timedelta(minutes=3),
            "GetObject",
            f"{THUMBNAILS}{name}/small.jpg",
            role_session(READER, "site", access_key(5)),
        )
        return session

    def write(self, folder: Path) -> int:
        """Write all records below the folder as CloudTrail does, a file for each five minutes of
        an account; returns how many there are."""
        for account, records in self.records.items():
            periods: dict[datetime, list[Record]] = defaultdict(list)
            for record in records:
                time = datetime.fromisoformat(record["eventTime"])
                periods[time - timedelta(minutes=time.minute % 5, seconds=time.second)].append(
                    record
                )
            for period, some in periods.items():
                _write_file(folder, account, period + timedelta(minutes=7), some)
        return sum(map(len, self.records.values()))


def _write_file(folder: Path, account: str, delivered: datetime, records: list[Record]) -> None:
    where = folder / "AWSLogs" / account / "CloudTrail" / REGION / f"{delivered:%Y/%m/%d}"
    where.mkdir(parents=True, exist_ok=True)
    name = f"{account}_CloudTrail_{REGION}_{delivered:%Y%m%dT%H%MZ}_Mu0KsOhtH1ar15ZZ.json.gz"
    # Level 1: how well it is packed is no matter here, and CloudTrail does not say its own.
    with gzip.open(where / name, "wt", encoding="utf-8", compresslevel=1) as file:
        json.dump({"Records": records}, file, separators=(",", ":"))
    # CloudTrail's digests lie beside the files and are no records.
    digests = folder / "AWSLogs" / account / "CloudTrail-Digest" / REGION
    digests.mkdir(parents=True, exist_ok=True)
    (
        digests / f"{account}_CloudTrail-Digest_{REGION}_x_{delivered:%Y%m%dT%H%M%SZ}.json.gz"
    ).write_bytes(gzip.compress(b'{"awsAccountId": "222222222222", "logFiles": []}'))


def log_line(time: datetime, key: str, session: str, message_id: str, request_id: str) -> Record:
    """One line as `handler.report` writes it; `test_logs` compares the two."""
    fields = {
        "level": "INFO",
        "message": "upload",
        "outcome": "done",
        "key": key,
        "message_id": message_id,
        "request_id": request_id,
        "session": session,
    }
    day, container = session.split("-")[1:]
    return {
        "logStreamName": f"{day[:4]}/{day[4:6]}/{day[6:]}/{FUNCTION}[$LATEST][{container}]",
        "timestamp": int(time.timestamp() * 1000),
        "message": json.dumps(fields),
    }
