"""A queue that a service sends to accepts messages only from one source in one account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.documents import conditions, name, principals, statements
from rules.resource import PreviewedResource, ResourceRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.policies import Statement

QUEUES = ("aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy")
# Only operators that require the value; a negated operator, or IfExists, accepts every other
# request.
KEYS = {
    "aws:SourceArn": ("arnequals", "arnlike", "stringequals", "stringlike"),
    "aws:SourceAccount": ("stringequals",),
}


def source(resource: PreviewedResource) -> Iterator[str]:
    """A statement that lets a service send for a resource of anybody."""
    if resource.type in QUEUES:
        for statement in statements(resource):
            if statement["Effect"] == "Allow" and principals(statement, "Service"):
                for key in KEYS:
                    if not _bound(statement, key):
                        yield (
                            f"{name(statement)} does not bind {key}; without it the service sends "
                            "for other people's resources as well."
                        )


def _bound(statement: Statement, key: str) -> bool:
    found = conditions(statement)
    values = [value for operator in KEYS[key] for value in found.get((operator, key.lower()), [])]
    return bool(values) and all(_names_somebody(str(value)) for value in values)


def _names_somebody(value: str) -> bool:
    """Whether a value names one resource: by its account, or by the name after the account.

    `arn:aws:s3:*:*:*` matches every bucket of everybody, although it is longer than `*`.
    """
    if not value.startswith("arn:"):
        return "*" not in value
    *_, account, name = value.split(":", 5)
    return account.isdigit() or name.strip("*?/") != ""


BINDS_ITS_SOURCE = ResourceRule(
    "queue-binds-its-source", "A queue policy binds SourceArn and SourceAccount.", source
)
