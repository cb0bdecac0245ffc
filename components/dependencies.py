"""Outputs that mean "usable", not merely "created"."""

from __future__ import annotations

from typing import TypeVar

import pulumi

T = TypeVar("T")


def after(gate: pulumi.CustomResource, value: pulumi.Input[T]) -> pulumi.Output[T]:
    """Return `value`, so that what is built from it also waits for `gate`.

    A queue's ARN behind the queue's policy is one that S3 may be told about; whoever takes it
    need not remember a `depends_on`. The gate's URN is known in a preview, so the value stays
    as known as it was.
    """
    return pulumi.Output.all(gate.urn, value).apply(lambda both: both[1])
