"""Outputs that mean "usable" and not only "created"."""

from __future__ import annotations

from typing import TypeVar

import pulumi

T = TypeVar("T")


def after(value: pulumi.Input[T], *gates: pulumi.CustomResource) -> pulumi.Output[T]:
    """Return `value`, so that a resource that uses it also waits for the gates.

    For example, S3 may use a queue's ARN only when the queue has its policy; the code that takes
    the ARN need not remember a `depends_on`. A gate's URN is known in a preview, so the value is
    known in a preview too if it was known before.
    """
    return pulumi.Output.all(value, *(gate.urn for gate in gates)).apply(lambda known: known[0])
