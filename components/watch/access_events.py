"""Which denied calls and findings raise an alarm, as EventBridge patterns.

A pattern holds at most 2,048 characters. What to do first is in docs/runbook.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Sequence

Pattern = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Events that raise an alarm: the name of the rule, the text for people, and the pattern.

    Values of the pattern may be outputs.

    `seconds` is how often the alarm may ring. With `elsewhere`, events are also read in the region
    where IAM and the global endpoint of STS log. `reads` is for calls that CloudTrail counts as
    read-only. `changes` is for calls that a deployment makes too: a deployer's session does not
    raise the alarm.
    """

    name: str
    description: str
    pattern: Pattern
    seconds: int = 60
    elsewhere: bool = False
    reads: bool = False
    changes: bool = False


def denied_objects(bucket: pulumi.Input[str]) -> Event:
    """Calls on the bucket's objects that S3 denied."""
    return Event(
        name="denied-calls",
        description=(
            "S3 denied a call on the pictures: somebody without the right tried it, or somebody "
            "with the right is missing in uploaders or readers."
        ),
        pattern=calls("s3", errorCode=["AccessDenied"], requestParameters={"bucketName": [bucket]}),
        seconds=300,
    )


def denied_sessions(role_arn: pulumi.Input[str]) -> Event:
    """Sessions of ThumbXRole that the producer's account denied."""
    named = [{"requestParameters": {"roleArn": [role_arn]}}, refused(role_arn)]
    return Event(
        name="denied-sessions",
        description=(
            "Somebody of the producer's account was denied ThumbXRole. If it is the function "
            "itself, no thumbnails are made, because its trust or its grant was changed. If it is "
            "anybody else, it may be an attack. Calls to STS in other regions raise no alarm and "
            "are only in the trail."
        ),
        pattern=calls(
            "sts", {"eventName": ["AssumeRole"], "$or": named}, errorCode=["AccessDenied"]
        ),
        seconds=300,
        elsewhere=True,
        reads=True,
    )


def findings(analyzer_arn: pulumi.Input[str]) -> Event:
    """New findings of the analyzer; a finding that an archive rule archives is never ACTIVE."""
    return Event(
        name="findings",
        description=(
            "Access Analyzer found something that outsiders can reach and that no archive rule "
            "expects. The finding can be up to an hour old."
        ),
        pattern={
            "source": ["aws.access-analyzer"],
            "detail-type": ["Access Analyzer Finding"],
            "resources": [analyzer_arn],
            "detail": {"status": ["ACTIVE"], "isDeleted": [False]},
        },
    )


def change(name: str, description: str, pattern: Pattern, *, elsewhere: bool = False) -> Event:
    """A change that a deployment makes too, and that nobody else should make."""
    return Event(
        name=name, description=description, pattern=pattern, elsewhere=elsewhere, changes=True
    )


def refused(thing: pulumi.Input[str]) -> Pattern:
    """Match a refusal of a call on `thing`.

    Services other than S3 record null as the parameters of a call that they refused, and name its
    target in the message.
    """
    return {"errorMessage": [containing(thing)]}


def containing(text: pulumi.Input[str]) -> Pattern:
    """Match a text that contains this one, because services take a name or the ARN with it."""
    return {"wildcard": pulumi.Output.concat("*", text, "*")}


def starting(*names: str) -> list[Pattern]:
    """Match the beginning of an event's name, because some names end in an API's date."""
    return [{"prefix": name} for name in names]


def calls(service: str, detail: Pattern | None = None, **more: Any) -> Pattern:
    """Match calls to a service that a trail logged, by the host name in the records."""
    return {
        "source": [f"aws.{service}"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": [f"{service}.amazonaws.com"], **(detail or {}), **more},
    }


def by_others(pattern: Pattern, deployers: Sequence[str]) -> Pattern:
    """Restrict a pattern to callers that are no session of these roles.

    A user, root or a service has no session issuer, and a comparison never matches a missing field,
    so `exists` is used for these callers.
    """
    if not deployers:
        return pattern
    issuer = [{"exists": False}, {"anything-but": list(deployers)}]
    caller = {"userIdentity": {"sessionContext": {"sessionIssuer": {"arn": issuer}}}}
    return pattern | {"detail": pattern["detail"] | caller}
