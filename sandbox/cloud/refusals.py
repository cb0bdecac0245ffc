"""Requests to save or delete that AWS refuses, but an emulator accepts.

A rule gets the cloud and the planned resource, and yields AWS's message if AWS would refuse it; its
docstring names AWS's page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.cloud import buckets, flow, identity, watching
from sandbox.cloud.replacements import UNIQUE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.cloud.things import Cloud, Thing

SAVING = {**identity.SAVING, **buckets.SAVING, **flow.SAVING, **watching.SAVING}
DELETING = {**identity.DELETING, **buckets.DELETING, **watching.DELETING}


def to_make(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """Why it cannot be made; `UNIQUE_NAMES` has the pages about names that are taken."""
    if thing.token in UNIQUE_NAMES:
        there = cloud.find(thing.token, thing.id, thing.account, thing.region)
        # Bucket names are unique in the whole world.
        same = [each for each in cloud.of(buckets.BUCKET) if each.id == thing.id]
        if there or (thing.token == buckets.BUCKET and same):
            yield f"EntityAlreadyExists: {thing.id} exists already"
    yield from to_change(cloud, thing)


def to_change(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """Why it cannot be changed to `thing`."""
    if thing.token in SAVING:
        yield from SAVING[thing.token](cloud, thing)


def to_delete(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """Why it cannot be deleted."""
    if thing.token in DELETING:
        yield from DELETING[thing.token](cloud, thing)
