"""The IAM documents for trails, alarms and events; pure functions as in `components.policies`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.policies import (
    Document,
    bucket_document,
    deny_insecure_transport,
    objects,
    policy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}


def log_bucket_policy(bucket_arn: str, trails: Mapping[str, str]) -> Document:
    """Let CloudTrail write each trail's log below its account's prefix, and let nobody else write.

    `trails` maps account ids to the ARN of that account's trail. The log proves what its readers
    did only if they cannot put or delete objects in it, whatever their roles allow; a change of
    this policy raises an alarm.
    """
    arns = list(trails.values())
    return bucket_document(
        bucket_arn,
        {
            "Sid": "CheckByTrails",
            "Effect": "Allow",
            "Principal": CLOUDTRAIL,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": arns}},
        },
        *(
            {
                "Sid": f"WriteByTrailOf{account}",
                "Effect": "Allow",
                "Principal": CLOUDTRAIL,
                "Action": "s3:PutObject",
                "Resource": objects(bucket_arn, f"AWSLogs/{account}/"),
                "Condition": {
                    "ArnEquals": {"aws:SourceArn": trail},
                    # CloudTrail always sends this header, and AWS's own policy names it.
                    "StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"},
                },
            }
            for account, trail in trails.items()
        ),
        {
            # All actions except reads, because objects are also written by replication and by
            # actions that S3 adds in future. A caller that is no service has no source ARN, and
            # therefore differs from every trail. A lifecycle rule works in spite of every Deny, and
            # a destroy removes the policy first.
            "Sid": "DenyOtherChanges",
            "Effect": "Deny",
            "Principal": "*",
            "NotAction": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": objects(bucket_arn),
            "Condition": {"ArnNotEquals": {"aws:SourceArn": arns}},
        },
    )


def alert_topic_policy(topic_arn: str, account: str, alarm_arns: Sequence[str]) -> Document:
    """Let exactly these alarms publish.

    No EventBridge rule may publish. EventBridge supplies no condition keys when it publishes to
    SNS, so its statement would have to allow the rules of every account; each rule has an alarm
    instead.
    """
    return policy(
        {
            "Sid": "PublishByAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": list(alarm_arns)},
                "StringEquals": {"aws:SourceAccount": account},
            },
        },
        deny_insecure_transport("sns:Publish", topic_arn),
    )


def event_log_policy(log_group_arn: str) -> Document:
    """Let EventBridge write events into the one log group, for rules of this account only."""
    return policy(
        {
            "Sid": "WriteEvents",
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": ":".join([log_group_arn, "*"]),
        }
    )


def forwarding_trust(account: str, rule_arns: Sequence[str]) -> Document:
    """Let EventBridge assume the forwarding role for these rules only."""
    return policy(
        {
            "Sid": "AssumeByRules",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnEquals": {"aws:SourceArn": list(rule_arns)},
                "StringEquals": {"aws:SourceAccount": account},
            },
        }
    )


def forwarding_grants(bus_arn: str) -> Document:
    """Let the forwarding role put events on one bus."""
    return policy(
        {
            "Sid": "ForwardEvents",
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": bus_arn,
        }
    )
