"""Which API calls and findings are news, as EventBridge patterns.

A pattern holds at most 2,048 characters. Each alarm's text says what it means and what to do first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Sequence

Pattern = dict[str, Any]

ROLE_CHANGES = (
    *("UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy"),
    *("DetachRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"),
    *("UpdateRole", "DeleteRole"),
)
# By CloudTrail's names, some of which differ from the API's (PutBucketLifecycleConfiguration).
BUCKET_CHANGES = (
    *("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLifecycle", "DeleteBucketLifecycle"),
    *("PutBucketReplication", "DeleteBucketReplication", "PutBucketVersioning"),
    *("PutBucketNotification", "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"),
    *("PutBucketAcl", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"),
    *("PutBucketEncryption", "DeleteBucketEncryption", "DeleteBucket"),
)
TRAIL_CHANGES = ("StopLogging", "UpdateTrail", "DeleteTrail", "PutEventSelectors")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Events that ring an alarm: how the rule is named, what a person reads, what matches.

    Values of the pattern may still be outputs.

    `seconds` are how often it may ring. `elsewhere` also hears the events of the region where IAM
    and the global endpoint of STS log. `reads` is for calls that CloudTrail says only read.
    """

    name: str
    description: str
    pattern: Pattern
    seconds: int = 60
    elsewhere: bool = False
    reads: bool = False


def denied_objects(bucket: pulumi.Input[str]) -> Event:
    """Calls on the bucket's objects that S3 denied."""
    return Event(
        name="denied-calls",
        description=(
            "S3 denied a call on the pictures: somebody who may not tried, or somebody who should "
            "was forgotten in uploaders or readers. The calls are in the log group of the "
            "storage account's alarms. First: `.venv/bin/python -m audit who --since 1h` says who "
            "it was and how often."
        ),
        pattern=_calls(
            "s3", errorCode=["AccessDenied"], requestParameters={"bucketName": [bucket]}
        ),
        seconds=300,
    )


def denied_sessions(role_arn: pulumi.Input[str]) -> Event:
    """Sessions of ThumbXRole that the producer's account was denied."""
    named = [{"requestParameters": {"roleArn": [role_arn]}}, _refused(role_arn)]
    return Event(
        name="denied-sessions",
        description=(
            "Somebody of the producer's account was denied ThumbXRole. If it is the function "
            "itself, no thumbnails are made: its trust or its grant was changed. If it is anybody "
            "else, they are looking for a way in. First: see userIdentity of the event in the "
            "log group of the producer account's alarms. Calls to STS in other regions are in the "
            "trail only."
        ),
        pattern=_calls(
            "sts", {"eventName": ["AssumeRole"], "$or": named}, errorCode=["AccessDenied"]
        ),
        seconds=300,
        elsewhere=True,
        reads=True,
    )


def _put_back() -> str:
    """What to run in a checkout of the deployed commit: `up` refreshes, so it sees the change."""
    stack = pulumi.get_stack()
    return (
        f"Then `make drift STACK={stack}` shows what is different, and `make up STACK={stack}` "
        "puts the program's back."
    )


def role_changes(role_name: pulumi.Input[str]) -> Event:
    """Changes of who may take the role and of what it may do."""
    either = [{"requestParameters": {"roleName": [role_name]}}, _refused(role_name)]
    return Event(
        name="role-changed",
        description=(
            "Trust or grants of the pipeline's role in this account were changed, or somebody "
            "tried. Your own deployment does it too. First: if nobody deployed, see who it was in "
            "the log group of this account's alarms. "
            f"{_put_back()}"
        ),
        pattern=_calls("iam", {"eventName": list(ROLE_CHANGES), "$or": either}),
        elsewhere=True,
    )


def bucket_changes(buckets: Sequence[pulumi.Input[str]]) -> Event:
    """Changes of who may read a bucket, of what is deleted by age, of where else objects go."""
    return Event(
        name="bucket-changed",
        description=(
            "A policy or setting of the pictures' or the log's bucket was changed, or somebody "
            "tried: no refusal holds against these calls. A lifecycle can delete every picture. "
            "Your own deployment does it too. First: if nobody deployed, see who it was in the "
            f"log group of this account's alarms. {_put_back()}"
        ),
        pattern=_calls(
            "s3", eventName=list(BUCKET_CHANGES), requestParameters={"bucketName": list(buckets)}
        ),
    )


def trail_changes(trail_name: str, trail_arn: pulumi.Input[str]) -> Event:
    """Changes of what is logged; CloudTrail takes name and ARN, under one of two parameters."""
    names = [trail_name, trail_arn]
    either = [
        *({"requestParameters": {key: names}} for key in ("name", "trailName")),
        _refused(trail_arn),
    ]
    return Event(
        name="trail-changed",
        description=(
            "The trail was stopped, changed or deleted, or somebody tried: from then on nobody "
            "may be able to say who saw which picture. Your own deployment does it too. First: if "
            "nobody deployed, see in the log group of this account's alarms who it was. "
            f"{_put_back()}"
        ),
        pattern=_calls("cloudtrail", {"eventName": list(TRAIL_CHANGES), "$or": either}),
    )


def findings(analyzer_arn: pulumi.Input[str]) -> Event:
    """New findings of the analyzer; those that an archive rule takes are never ACTIVE."""
    return Event(
        name="findings",
        description=(
            "Access Analyzer found something that outsiders may reach and that no archive rule "
            "expects. It can be up to an hour old. First: read the finding in the log group of "
            "this account's alarms (resource and principal), and close it at the resource. If it "
            "is meant, name it in the configuration or archive it."
        ),
        pattern={
            "source": ["aws.access-analyzer"],
            "detail-type": ["Access Analyzer Finding"],
            "resources": [analyzer_arn],
            "detail": {"status": ["ACTIVE"], "isDeleted": [False]},
        },
    )


def _refused(thing: pulumi.Input[str]) -> Pattern:
    """Match a refusal of a call on `thing`.

    Services but S3 record null for the parameters of a call that they refused, and its target in
    the message.
    """
    return {"errorMessage": [{"wildcard": pulumi.Output.concat("*", thing, "*")}]}


def _calls(service: str, detail: Pattern | None = None, **more: Any) -> Pattern:
    """Match calls to a service that a trail logged."""
    return {
        "source": [f"aws.{service}"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": [f"{service}.amazonaws.com"], **(detail or {}), **more},
    }
