"""The text that the commands print for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from adopt.check import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from adopt.check import Line
    from adopt.policy import Loss

# S3 sends every event of the bucket to EventBridge, which bills them as opt-in events [believed:
# AWS's price list].
PRICE = (
    "about $1 for a million events, of all objects of the bucket, including those that no rule "
    "matches"
)


def lines(out: Console, found: Sequence[Line]) -> None:
    """A line for each thing, with what must be done below it."""
    # No table: a command that is broken over lines cannot be copied.
    for line in found:
        out.print(Text(f"{line.what}: {line.status.value}: {line.found}"), soft_wrap=True)
        if line.remedy:
            out.print(Text(f"    {line.remedy}"), soft_wrap=True)
    stops = sum(line.status is Status.STOP for line in found)
    todo = sum(line.status is Status.DO for line in found)
    out.print(f"{stops} stop a deployment, {todo} must be done.")


def infrastructure_as_code(out: Console, bucket: str) -> None:
    """The code that the bucket's manager must add, because their next apply would otherwise
    revert the switch.
    """
    out.print("If the bucket is managed by Terraform or CDK, its next apply reverts this unless:")
    out.print(
        Text(
            f'  Terraform: eventbridge = true   in "aws_s3_bucket_notification" of {bucket}\n'
            "  CDK:       bucket.enableEventBridgeNotification()\n"
            "  Pulumi:    eventbridge=True   in aws.s3.BucketNotification"
        )
    )


def note_is_gone(out: Console, bucket: str) -> None:
    """The reason why `release` leaves the switch on after the stack is gone, and what to do."""
    out.print(
        f"{bucket} sends its events to EventBridge, and it stays so: whether it was off before "
        "`enable` was noted on thumbx's rule, and the rule is gone with the stack (or was never "
        "there). If it was off, and no other rule needs the events:"
    )
    out.print(
        Text(
            "  aws events list-rules --event-bus-name default    # who else listens\n"
            '  make adopt ARGS="release --was-off"               # turns it off; asks first'
        )
    )


def losses(out: Console, found: Sequence[Loss]) -> None:
    """The principals that could do less with our refusals."""
    if not found:
        out.print("Nobody whom the policy names would lose access.")
        return
    table = Table("who", "would no longer", "because of", box=None)
    for loss in found:
        table.add_row(Text(loss.principal), Text(loss.request), Text(", ".join(loss.sids)))
    out.print(table)
    out.print(
        "If a service must keep its access, list its role in thumbx:access (scanners, copiers, "
        "originalReaders)."
    )
