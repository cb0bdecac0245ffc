"""What the program makes in each account: resource types, and how the names of its own begin.

The types stand in `recording.resource_types`, written down and not recorded while the bootstrap is
defined, so that a reviewer sees a new right in a diff. A test holds them against the recorded
program, both ways.
"""

from __future__ import annotations

from dataclasses import dataclass

from recording.resource_types import TYPES

# Pulumi appends seven letters or digits to a name, so these are beginnings.
NAME = "ThumbX-"
FIXED = "thumbx-"  # of what the program names by itself: trails, analyzers, dashboards


def _of(account: str) -> tuple[str, ...]:
    return tuple(token for token, kind in TYPES.items() if account in kind.accounts)


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """One account's share; a deploy role can touch no other role and no other bucket."""

    types: tuple[str, ...]
    worker: str  # the role that touches pictures or messages
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
