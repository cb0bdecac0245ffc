"""The documents for sending from EventBridge in account B to the queue in A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.policies import deny_insecure_transport, policy

if TYPE_CHECKING:
    from components.policies import Document, Statement


def sender_trust(rule_arn: str, account: str) -> Document:
    """Let EventBridge assume the role for one rule of account B only."""
    return policy(
        _by_rule("AssumeByRule", rule_arn, account, {"Action": "sts:AssumeRole"}),
    )


def sender_grants(queue_arn: str) -> Document:
    """Let the role send to account A's upload queue, and nothing else."""
    return policy(
        {
            "Sid": "SendUploads",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
        }
    )


def sent_queue_policy(queue_arn: str, sender_role_arn: str) -> Document:
    """Let one role of account B send to the queue in A, and nobody else.

    The call is the role's own session: it carries no `aws:SourceArn`, and the condition that names
    the rule stands in the role's trust policy.
    """
    return policy(
        {
            "Sid": "BucketEvents",
            "Effect": "Allow",
            "Principal": {"AWS": sender_role_arn},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
        },
        deny_insecure_transport("sqs:*", queue_arn),
    )


def undelivered_queue_policy(queue_arn: str, rule_arn: str, account: str) -> Document:
    """Let EventBridge store the events that it could not deliver for one rule of account B."""
    sent = {"Action": "sqs:SendMessage", "Resource": queue_arn}
    return policy(
        _by_rule("Undelivered", rule_arn, account, sent),
        deny_insecure_transport("sqs:*", queue_arn),
    )


def _by_rule(sid: str, rule_arn: str, account: str, what: Statement) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        **what,
        "Condition": {
            "ArnEquals": {"aws:SourceArn": rule_arn},
            "StringEquals": {"aws:SourceAccount": account},
        },
    }
