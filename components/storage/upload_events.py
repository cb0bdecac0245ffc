"""Sends events about uploads to a bucket that existed before the program, through EventBridge.

The bucket has only one notification configuration, which belongs to its owner. EventBridge allows
many rules, so the program makes its own rule on the default bus and changes nothing of the bucket.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after
from components.storage import sender_policies

if TYPE_CHECKING:
    from components.configuration.accounts import Storage
    from components.configuration.schema import Prefixes

# Undelivered events wait for a person, for the longest time that SQS keeps a message.
RETENTION_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class UploadSender:
    """How one rule sends to account A: the rule, its role, and the queue for failures."""

    rule_name: pulumi.Output[str]
    role_name: pulumi.Output[str]
    role_arn: pulumi.Output[str]
    undelivered_arn: pulumi.Output[str]
    """The dead-letter queue's ARN, once EventBridge may send to it."""
    undelivered_url: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class UploadRuleArgs:
    """The bucket whose events are used, and the prefix."""

    bucket_name: str
    prefixes: Prefixes
    account: Storage


class UploadRule(pulumi.ComponentResource):
    """The rule, its role, and the queue for events that could not be sent.

    The rule has no target yet, because the queue in account A must first name this role in its
    policy.
    """

    sender: UploadSender

    def __init__(
        self, name: str, args: UploadRuleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create rule, role and queue; `opts` carries the provider of account B."""
        super().__init__("thumbx:storage:UploadRule", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        rule = aws.cloudwatch.EventRule(
            f"{name}-uploads-rule",
            description=f"Uploads to {args.bucket_name}, for thumbx",
            event_pattern=pulumi.Output.json_dumps(pattern(args.bucket_name, args.prefixes)),
            opts=inside,
        )
        role = aws.iam.Role(
            # The name is like those of the other forwarding roles, because the deploy role may only
            # make roles with such names.
            f"{name}-storage-forwarding-uploads",
            description="Assumed by EventBridge: sends uploads to thumbx's queue in account A",
            assume_role_policy=policies.document(
                sender_policies.sender_trust, rule_arn=rule.arn, account=args.account.id
            ),
            path=args.account.role_path,
            permissions_boundary=args.account.boundary,
            opts=inside,
        )
        # Both are necessary, because EventBridge does not try again if a permission or the target
        # is missing.
        undelivered = aws.sqs.Queue(
            f"{name}-uploads-undelivered",
            message_retention_seconds=RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=inside,
        )
        allowed = aws.sqs.QueuePolicy(
            f"{name}-uploads-undelivered-policy",
            queue_url=undelivered.url,
            policy=policies.document(
                sender_policies.undelivered_queue_policy,
                queue_arn=undelivered.arn,
                rule_arn=rule.arn,
                account=args.account.id,
            ),
            opts=inside,
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-uploads-undelivered-redrive-allow",
            queue_url=undelivered.url,
            redrive_allow_policy=json.dumps({"redrivePermission": "denyAll"}),
            opts=inside,
        )
        self.sender = UploadSender(
            rule_name=rule.name,
            role_name=role.name,
            role_arn=role.arn,
            undelivered_arn=after(undelivered.arn, allowed),
            undelivered_url=undelivered.url,
        )
        self.register_outputs(vars(self.sender))


@dataclass(frozen=True, kw_only=True)
class UploadTargetArgs:
    """The rule, and the queue that it sends to."""

    sender: UploadSender
    queue_arn: pulumi.Input[str]


class UploadTarget(pulumi.ComponentResource):
    """The rule's only target, made last and removed first: uploads are sent from here on."""

    def __init__(
        self, name: str, args: UploadTargetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create grant and target; `opts` carries the provider of account B."""
        super().__init__("thumbx:storage:UploadTarget", name, None, opts)
        inside, sender = pulumi.ResourceOptions(parent=self), args.sender
        grant = aws.iam.RolePolicy(
            f"{name}-storage-forwarding-uploads-grants",
            role=sender.role_name,
            policy=policies.document(sender_policies.sender_grants, queue_arn=args.queue_arn),
            opts=inside,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-uploads-target",
            rule=sender.rule_name,
            arn=args.queue_arn,
            role_arn=after(sender.role_arn, grant),
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(
                arn=sender.undelivered_arn
            ),
            opts=inside,
        )
        self.register_outputs({})


def pattern(bucket: str, prefixes: Prefixes) -> dict[str, object]:
    """The uploads and removals of originals, and never of thumbnails.


    A removal may make an older version current again. For a lifecycle's expirations, only the
    events about markers are used, because the other events are also sent for each noncurrent
    version that it deletes. Several matchers on one field are ORed, so a prefix and an exclusion
    cannot be combined. If originals have a prefix, the prefix alone excludes thumbnails, because
    the two do not overlap.
    """
    key = (
        {"prefix": prefixes.originals}
        if prefixes.originals
        else {"anything-but": {"prefix": prefixes.thumbnails}}
    )
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {
            "bucket": {"name": [bucket]},
            "object": {"key": [key]},
            "$or": [
                {"reason": [{"anything-but": ["Lifecycle Expiration"]}]},
                {"deletion-type": ["Delete Marker Created"]},
            ],
        },
    }
