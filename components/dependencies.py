"""Outputs that mean "usable", not merely "created"."""

from __future__ import annotations

from typing import TypeVar

import pulumi

T = TypeVar("T")


def after(value: pulumi.Input[T], *gates: pulumi.CustomResource) -> pulumi.Output[T]:
    """Return `value`, so that what is built from it also waits for the gates.

    A queue's ARN behind the queue's policy is one that S3 may be told about; whoever takes it
    need not remember a `depends_on`. A gate's URN is known in a preview, so the value stays
    as known as it was.
    """
    return pulumi.Output.all(value, *(gate.urn for gate in gates)).apply(lambda known: known[0])
