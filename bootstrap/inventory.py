"""The resource types that the program makes in each account, and the beginnings of their names.

The types are in `recording.resource_types`. They are written down there and not recorded here, so
that a reviewer sees a new permission in a diff. A test compares them with the recorded program in
both directions.
"""

from __future__ import annotations

from dataclasses import dataclass

from recording.resource_types import TYPES

# Pulumi adds seven letters or digits to a name, so these are the beginnings of names.
NAME = "ThumbX-"
FIXED = "thumbx-"  # resources that the program names itself: trails, analyzers, dashboards


def _of(account: str) -> tuple[str, ...]:
    return tuple(token for token, kind in TYPES.items() if account in kind.accounts)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """One account's share; a deploy role can change no other role and no other bucket."""

    types: tuple[str, ...]
    worker: str  # the role that works on pictures or messages
    forwarder: str  # roles that take events from one region to another, or from B to A
    buckets: tuple[str, ...] = ()


SIDES = {
    "producer": Inventory(
        types=_of("producer"),
        worker="ThumbX-producer-",
        forwarder="ThumbX-pipeline-forwarding-",
    ),
    "storage": Inventory(
        types=_of("storage"),
        worker="ThumbXRole-",
        forwarder="ThumbX-storage-forwarding-",
        buckets=("thumbx-images-", "thumbx-logs-"),
    ),
}
