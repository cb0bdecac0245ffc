"""The alarms on the way from EventBridge to account A, for an existing bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.watch.alarm import Alarm
from components.watch.pipeline_alarms import MINUTES

if TYPE_CHECKING:
    from components.storage.upload_events import UploadSender


def sender_alarms(sender: UploadSender) -> list[Alarm]:
    """Return what should ring when uploads do not get from EventBridge to account A."""
    return [
        Alarm(
            name="uploads-not-sent",
            description=(
                "EventBridge could not send uploads to account A: the queue there, its policy or "
                "the role that sends was changed."
            ),
            when=_rule(sender, "FailedInvocations"),
        ),
        Alarm(
            name="uploads-set-aside",
            description=(
                "Uploads have no thumbnails: EventBridge gave up sending them to account A and "
                "put them into the queue of undelivered events. The attribute ERROR_MESSAGE of "
                "each message gives the reason; `python -m reconcile run` makes the missing "
                "thumbnails."
            ),
            when=_rule(sender, "InvocationsSentToDlq"),
        ),
        Alarm(
            name="uploads-lost",
            description=(
                "Uploads are lost: EventBridge could neither send them to account A nor put them "
                "into the queue of undelivered events. `python -m reconcile run` makes the "
                "missing thumbnails."
            ),
            when=_rule(sender, "InvocationsFailedToBeSentToDlq"),
        ),
    ]


def _rule(sender: UploadSender, metric: str) -> dict[str, Any]:
    return {
        "namespace": "AWS/Events",
        "metric_name": metric,
        "dimensions": {"RuleName": sender.rule_name},
        "statistic": "Sum",
        "period": 5 * MINUTES,
        "evaluation_periods": 1,
        "threshold": 1,
    }
