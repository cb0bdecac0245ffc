"""The most that a role of the program may do, whatever is granted to it.

Made by the very functions that grant it, with the beginnings of names in place of names, so that
the two cannot fall out of step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.made import NAME, SIDES
from bootstrap.places import account
from components import policies
from components.configuration import arns
from components.configuration.settings import Prefixes
from components.storage import key_policy
from components.storage.thumbx_role import thumbx_grants
from components.watch import watch_policies

if TYPE_CHECKING:
    from bootstrap.places import Account
    from bootstrap.settings import Settings
    from components.policies import Document


def boundary(settings: Settings) -> Document:
    """The boundary of the roles of one account."""
    ours = account(settings)
    if settings.side == "producer":
        worker = of_producer(ours, settings.storage_account)
    else:
        worker = of_storage(ours)
    bus = ours.arn("events", "event-bus/default")
    return policies.policy(
        *worker["Statement"], *watch_policies.forwarding_grants(bus)["Statement"]
    )


def of_producer(ours: Account, storage_account: str) -> Document:
    """The execution role drains and fills the program's queues, logs, and assumes ThumbXRole."""
    # Any path: which one is the storage account's own choice. Not `role*/`: IAM takes no wildcard
    # in the type of a resource ("Amazon Resource Names", incorrect wildcard usage), and the role
    # could assume nothing.
    thumbx_role = f"role/*{SIDES['storage'].worker}*"
    return policies.policy(
        *policies.poller_grant(ours.queues)["Statement"],
        *policies.function_grants(
            refused_queue_arn=ours.queues,
            log_group_arn=ours.arn("logs", f"log-group:{NAME}*"),
            thumbx_role_arn=f"arn:{ours.partition}:iam::{storage_account}:{thumbx_role}",
            function_arn=ours.functions,
            name_function=False,  # the grants do, and must: a boundary alone grants nothing
        )["Statement"],
    )


def of_storage(ours: Account) -> Document:
    """ThumbXRole gets and puts in the bucket of pictures; which prefixes is the stack's choice."""
    pictures = ours.buckets[0]
    return policies.policy(
        *thumbx_grants(
            bucket_arn=pictures,
            prefixes=Prefixes(originals="", thumbnails=""),
            storage_account=ours.id,
            region=ours.region,
            key_arn=None,  # see UseKey below
        )["Statement"],
        {
            # The key's own policy binds it to the bucket.
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": list(key_policy.WRITING),
            "Resource": ours.arn("kms", "key/*"),
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": f"s3.{ours.region}.{arns.dns_suffix(ours.region)}"
                }
            },
        },
    )
