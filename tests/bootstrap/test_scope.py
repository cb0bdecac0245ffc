"""The resources of each permission of the deploy role, by equality: one letter less would
include somebody else's resources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from proof.variants import KEY
from tests.bootstrap.statements import ACCOUNTS, allowed
from tests.documents import document

if TYPE_CHECKING:
    from recording.recording import Recording

ANALYZER = "access-analyzer.amazonaws.com"


def arn(account: str, service: str, name: str, region: str = "eu-central-1") -> str:
    return f"arn:aws:{service}:{region}:{account}:{name}"


def both(account: str, worker: str, forwarder: str) -> dict[str, dict[str, Any]]:
    """The part that is the same in each account, except the account and the names of its roles."""
    roles = [arn(account, "iam", f"role/{name}-*", "") for name in (worker, forwarder)]
    boundary = arn(account, "iam", "policy/thumbx-bootstrap/thumbx-boundary-0a1b2c3", "")
    topics = arn(account, "sns", "ThumbX-*")
    return {
        "Alarms": {"Resource": arn(account, "cloudwatch", "alarm:ThumbX-*")},
        "AlarmsToTopics": {
            "Resource": arn(account, "cloudwatch", "alarm:ThumbX-*"),
            "Condition": {
                "ForAllValues:StringLike": {"cloudwatch:AlarmActions": topics},
                "Null": {"cloudwatch:AlarmActions": "false"},
            },
        },
        "AllAlarms": {"Resource": arn(account, "cloudwatch", "alarm:*")},
        "AllLogGroups": {"Resource": "*"},
        "AllTrails": {"Resource": "*"},
        "Quotas": {"Resource": "*"},
        "Analyzers": {"Resource": arn(account, "access-analyzer", "analyzer/thumbx-*")},
        "AnalyzersOwnRole": {
            "Resource": arn(account, "iam", f"role/aws-service-role/{ANALYZER}/*", ""),
            "Condition": {"StringEquals": {"iam:AWSServiceName": ANALYZER}},
        },
        "BoundedRoles": {
            "Resource": roles,
            "Condition": {"ArnEquals": {"iam:PermissionsBoundary": boundary}},
        },
        "Dashboards": {"Resource": arn(account, "cloudwatch", "dashboard/thumbx-*", "")},
        "LogGroups": {
            "Resource": [
                arn(account, "logs", "log-group:ThumbX-*"),
                arn(account, "logs", "log-group:/aws/events/ThumbX-*"),
            ]
        },
        "LogResourcePolicies": {"Resource": "*"},
        "PassedToEvents": {
            "Resource": roles[1],
            "Condition": {"StringEquals": {"iam:PassedToService": "events.amazonaws.com"}},
        },
        "Roles": {"Resource": roles},
        "Rules": {"Resource": arn(account, "events", "rule/ThumbX-*", "*")},
        "Topics": {"Resource": topics},
        "Trails": {"Resource": arn(account, "cloudtrail", "trail/thumbx-*")},
    }


A, B = ACCOUNTS["producer"], ACCOUNTS["storage"]
FEEDS = {"ArnLike": {"lambda:FunctionArn": arn(A, "lambda", "function:ThumbX-*")}}
BUCKETS = ["arn:aws:s3:::thumbx-images-*", "arn:aws:s3:::thumbx-logs-*"]
OURS = {"StringEquals": {"aws:ResourceAccount": B}}
SCOPES: dict[str, dict[str, Any]] = {
    "producer": both(A, "ThumbX-producer", "ThumbX-pipeline-forwarding")
    | {
        "EventSourceTags": {"Resource": arn(A, "lambda", "event-source-mapping:*")},
        "EventSources": {
            "Resource": arn(A, "lambda", "event-source-mapping:*"),
            "Condition": FEEDS,
        },
        "Functions": {"Resource": arn(A, "lambda", "function:ThumbX-*")},
        "Layers": {"Resource": arn(A, "lambda", "layer:ThumbX-*")},
        "NewEventSources": {"Resource": "*", "Condition": FEEDS},
        "PassedToLambda": {
            "Resource": arn(A, "iam", "role/ThumbX-producer-*", ""),
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        "Queues": {"Resource": arn(A, "sqs", "ThumbX-*")},
    },
    "storage": both(B, "ThumbXRole", "ThumbX-storage-forwarding")
    | {
        "Buckets": {"Resource": BUCKETS, "Condition": OURS},
        "Key": {"Resource": KEY},
        "NewBuckets": {"Resource": BUCKETS},
        "Queues": {"Resource": arn(B, "sqs", "ThumbX-*")},
    },
}


def test_each_right_holds_for_the_programs_own_things(widest: Recording, side: str) -> None:
    """By name, or by a condition where a name does not bind it."""
    assert {
        sid.removeprefix("Manage"): {
            key: statement[key] for key in ("Resource", "Condition") if key in statement
        }
        for sid, statement in allowed(document(widest, "thumbx-deploy-grants")).items()
        if sid.startswith("Manage")
    } == SCOPES[side]


def test_pictures_are_deleted_in_the_programs_buckets_only(widest: Recording, side: str) -> None:
    """This needs `deletable`, which no shipped stack sets."""
    granted = allowed(document(widest, "thumbx-deploy-grants"))
    expected = {
        "ListVersions": {"Action": "s3:ListBucketVersions", "Resource": BUCKETS, "Condition": OURS},
        "DeletePictures": {
            "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            "Resource": [f"{bucket}/*" for bucket in BUCKETS],
            "Condition": OURS,
        },
    }
    found = {sid: granted[sid] for sid in expected if sid in granted}
    assert found == {
        sid: {"Sid": sid, "Effect": "Allow", **statement}
        for sid, statement in (expected.items() if side == "storage" else ())
    }


def test_nobody_deletes_a_picture_unless_asked_to(bootstrap: Recording) -> None:
    granted = allowed(document(bootstrap, "thumbx-deploy-grants"))
    assert not {"ListVersions", "DeletePictures", "DeleteKey"} & set(granted)
