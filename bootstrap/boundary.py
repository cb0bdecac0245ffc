"""The most that a role of the program may do, whatever is granted to it.

Made by the very functions that grant it, with the beginnings of names in place of names, so that
the two cannot fall out of step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bootstrap.made import SIDES
from bootstrap.places import account
from components import arns, key_policy, policies
from components.settings import Prefixes
from components.thumbx_role import thumbx_grants

if TYPE_CHECKING:
    from bootstrap.places import Account
    from bootstrap.settings import Settings
    from components.policies import Document


def boundary(settings: Settings) -> Document:
    """The boundary of the roles of one account."""
    ours = account(settings)
    if settings.side == "producer":
        return of_producer(ours, settings.storage_account)
    return of_storage(ours)


def of_producer(ours: Account, storage_account: str) -> Document:
    """The execution role drains and fills the program's queues, logs, and assumes ThumbXRole."""
    name = ours.made.other
    queues = ours.arn("sqs", f"{name}*")
    # Any path: which one is the storage account's own choice.
    thumbx_role = f"role*/{SIDES['storage'].role}*"
    return policies.policy(
        *policies.function_grants(
            queue_arn=queues,
            refused_queue_arn=queues,
            log_group_arn=ours.arn("logs", f"log-group:{name}*"),
        )["Statement"],
        *policies.assume_grant(
            thumbx_role_arn=f"arn:{ours.partition}:iam::{storage_account}:{thumbx_role}",
            function_arn=ours.functions,
            name_function=False,  # the grant does, and must: a boundary alone grants nothing
        )["Statement"],
    )


def of_storage(ours: Account) -> Document:
    """ThumbXRole gets and puts in the program's buckets; which prefixes is the stack's choice."""
    return policies.policy(
        *thumbx_grants(
            bucket_arn=ours.buckets,
            prefixes=Prefixes(originals="", thumbnails=""),
            storage_account=ours.id,
            region=ours.region,
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
