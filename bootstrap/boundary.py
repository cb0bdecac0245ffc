"""The permissions boundary: the most that a role of the program may do, whatever is granted to it.

It is made by the same functions as the grants, with name prefixes instead of names, so the two
cannot differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.inventory import NAME, SIDES
from components import policies
from components.configuration import arns
from components.configuration.schema import Prefixes
from components.storage import key_policy
from components.storage.sender_policies import sender_grants
from components.storage.thumbx_role import thumbx_grants
from components.watch import watch_policies

if TYPE_CHECKING:
    from bootstrap.scope import Scope
    from components.policies import Document


def boundary(scope: Scope) -> Document:
    """The boundary of the roles of one account."""
    worker = of_storage(scope) if scope.buckets else of_producer(scope)
    bus = scope.arn("events", "event-bus/default")
    return policies.policy(
        *worker["Statement"], *watch_policies.forwarding_grants(bus)["Statement"]
    )


def of_producer(scope: Scope) -> Document:
    """The execution role drains and fills the program's queues, logs, and assumes ThumbXRole.

    All of these except draining need credentials of one of the program's functions, as in the
    role's grants.
    """
    # Any path, because the storage account chooses the role's path. `role*/` is not possible,
    # because IAM allows no wildcard in the resource type ("Amazon Resource Names", incorrect
    # wildcard usage); the role could then assume nothing.
    thumbx_role = f"role/*{SIDES['storage'].worker}*"
    return policies.policy(
        *policies.poller_grant(scope.queues)["Statement"],
        *policies.function_grants(
            refused_queue_arn=scope.queues,
            log_group_arn=scope.arn("logs", f"log-group:{NAME}*"),
            thumbx_role_arn=f"arn:{scope.partition}:iam::{scope.storage_account}:{thumbx_role}",
            function_arn=scope.functions,
            name_function=True,
        )["Statement"],
    )


def of_storage(scope: Scope) -> Document:
    """ThumbXRole gets, puts and deletes in the bucket of pictures, and one role sends uploads.

    The stack decides the prefixes, and whether the role deletes at all.
    """
    uploads = f"arn:{scope.partition}:sqs:{scope.region}:{scope.producer_account}:{NAME}uploads-*"
    return policies.policy(
        *thumbx_grants(
            bucket_arn=scope.pictures,
            prefixes=Prefixes(originals="", thumbnails=""),
            storage_account=scope.account,
            region=scope.region,
            follow=True,
            key_arn=None,  # see UseKey below
        )["Statement"],
        *sender_grants(uploads)["Statement"],
        {
            # The key's own policy limits its use to the bucket.
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": list(key_policy.WRITING),
            "Resource": scope.arn("kms", "key/*"),
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": f"s3.{scope.region}.{arns.dns_suffix(scope.region)}"
                }
            },
        },
    )
