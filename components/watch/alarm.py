"""One alarm, before its account has a topic for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`description` is what a person reads in the mail: what it means.

    `log_group` is where to look, if there is one; docs/runbook.md has what to do. `when` are the
    arguments of aws.cloudwatch.MetricAlarm that say when it rings. With `notify_on_ok` the end is
    news as well.
    """

    name: str
    description: str
    when: Mapping[str, Any]
    log_group: pulumi.Input[str] | None = None
    notify_on_ok: bool = True
