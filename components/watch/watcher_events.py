"""Which changes of the watchers themselves raise an alarm: rules, alarms, topic and analyzer.

If somebody deletes all of them at once, no alarm in this account reports it. The trail's files and
the other account's alarms remain, and `audit check` compares each with the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from components.watch.access_events import Event, calls, change, containing, refused

if TYPE_CHECKING:
    from collections.abc import Sequence

ANALYZER_CHANGES = (
    *("DeleteAnalyzer", "UpdateAnalyzer", "CreateArchiveRule", "UpdateArchiveRule"),
    *("DeleteArchiveRule", "ApplyArchiveRule", "UpdateFindings"),
)
RULE_CHANGES = ("PutRule", "DisableRule", "DeleteRule", "PutTargets", "RemoveTargets")
ALARM_CHANGES = ("PutMetricAlarm", "DeleteAlarms", "DisableAlarmActions", "SetAlarmState")
MUTES = "PutAlarmMuteRule"
TOPIC_CHANGES = (
    *("Subscribe", "ConfirmSubscription", "Unsubscribe", "SetSubscriptionAttributes"),
    *("SetTopicAttributes", "DeleteTopic", "AddPermission", "RemovePermission"),
)


def watcher_changes(
    side: str, topic_arn: pulumi.Input[str], analyzer_arn: pulumi.Input[str] | None
) -> list[Event]:
    """One event for each service; rules and alarms are matched by the beginning of their names."""
    events = [_rules(side), _alarms(side), _topic(topic_arn)]
    return events if analyzer_arn is None else [*events, _analyzer(analyzer_arn)]


def _rules(side: str) -> Event:
    # This is also needed where IAM's events are forwarded from, because EventBridge logs a change
    # where the rule is.
    return change(
        "rules-changed",
        "Somebody changed, switched off or deleted a rule that feeds the alarms, or its target, "
        "or tried to. The alarm behind the rule may then stay silent.",
        _named("events", RULE_CHANGES, side, {"name": [_begins(side)]}, {"rule": [_begins(side)]}),
        elsewhere=True,
    )


def _alarms(side: str) -> Event:
    pattern = _named(
        "monitoring",
        (*ALARM_CHANGES, MUTES),
        side,
        {"alarmName": [_begins(side)]},
        {"alarmNames": [_begins(side)]},
        {"muteTargets": {"alarmNames": [_begins(side)]}},
    )
    return change(
        "alarms-changed",
        "Somebody changed, silenced or deleted an alarm of this account, or tried to. If it was "
        "not done on purpose, somebody may want to act without being seen.",
        # By the service's name or by its host name, because CloudWatch uses both.
        pattern | {"source": ["aws.monitoring", "aws.cloudwatch"]},
    )


def _topic(topic_arn: pulumi.Input[str]) -> Event:
    subscription = {"prefix": pulumi.Output.concat(topic_arn, ":")}
    either: list[dict[str, Any]] = [
        {"requestParameters": {"topicArn": [topic_arn]}},
        {"requestParameters": {"subscriptionArn": [subscription]}},
        refused(topic_arn),
    ]
    return change(
        "topic-changed",
        "Somebody changed who gets the alarms, or tried to: a subscriber was added or removed, or "
        "the topic was changed. Compare the subscribers with those that you know.",
        calls("sns", {"eventName": list(TOPIC_CHANGES), "$or": either}),
    )


def _analyzer(analyzer_arn: pulumi.Input[str]) -> Event:
    name = pulumi.Output.from_input(analyzer_arn).apply(lambda known: known.rpartition("/")[2])
    either: list[dict[str, Any]] = [
        {"requestParameters": {"analyzerName": [name]}},
        {"requestParameters": {"analyzerArn": [analyzer_arn]}},
        refused(analyzer_arn),
    ]
    return change(
        "analyzer-changed",
        "Somebody changed the analyzer, its archive rules or its findings, or tried to. Nobody is "
        "told of a finding that is archived.",
        calls("access-analyzer", {"eventName": list(ANALYZER_CHANGES), "$or": either}),
    )


def _named(
    service: str, names: Sequence[str], side: str, *parameters: dict[str, Any]
) -> dict[str, Any]:
    """Match these calls on resources that are named for the side, successful or refused."""
    either: list[dict[str, Any]] = [{"requestParameters": each} for each in parameters]
    either.append({"errorMessage": [containing(f"/{side}-"), containing(f":{side}-")]})
    return calls(service, {"eventName": list(names), "$or": either})


def _begins(side: str) -> dict[str, str]:
    return {"prefix": f"{side}-"}
