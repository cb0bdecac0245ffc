"""One alarm, before it is connected to its account's topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`description` is the text of the mail: what the alarm means.

    `log_group` is where to look, if there is one; docs/runbook.md has what to do. `when` are the
    arguments of aws.cloudwatch.MetricAlarm that define when it rings. With `notify_on_ok`, a mail
    is sent when the alarm ends too.
    """

    name: str
    description: str
    when: Mapping[str, Any]
    log_group: pulumi.Input[str] | None = None
    notify_on_ok: bool = True
