"""The most that a role of the program may do, whatever is granted to it.

Made by the very functions that grant it, with the beginnings of names in place of names, so that
the two cannot fall out of step.
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

    All but the first with credentials of a function of the program only, as its grants say.
    """
    # Any path: which one is the storage account's own choice. Not `role*/`: IAM takes no wildcard
    # in the type of a resource ("Amazon Resource Names", incorrect wildcard usage), and the role
    # could assume nothing.
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

    Which prefixes, and whether it deletes at all, is the stack's choice.
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
            # The key's own policy binds it to the bucket.
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
