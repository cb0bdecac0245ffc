"""Checks of the alarms, of the rules that trigger them, and of the topics that they notify."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import aws_errors
from audit.accounts.names import is_named
from audit.accounts.permissions import PRODUCER, STORAGE
from audit.checks.expected import differ, differences
from audit.checks.result import OFF, PUT_BACK, CheckResult, judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.checks.subject import Subject

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
# The suffix that Pulumi adds to a logical name; it is not compared here.
_DIGITS = re.compile(r"-[0-9a-f]{7}\b")


def alarms(subject: Subject, what: str) -> CheckResult:
    """Each alarm exists, is on, and has the program's settings."""
    account = _account(what)
    found = subject.access.pages(
        account, "cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix="ThumbX"
    )
    problems: list[str] = []
    for logical, inputs in _of(subject, account, ALARM):
        alarm = next((each for each in found if is_named(each["AlarmName"], logical)), None)
        if alarm is None:
            problems.append(f"{logical} does not exist")
            continue
        faults = differ(
            {
                "ActionsEnabled": (True, alarm.get("ActionsEnabled")),
                "Threshold": (inputs["threshold"], alarm.get("Threshold")),
                "ComparisonOperator": (
                    inputs["comparisonOperator"],
                    alarm.get("ComparisonOperator"),
                ),
                "EvaluationPeriods": (inputs["evaluationPeriods"], alarm.get("EvaluationPeriods")),
                "AlarmActions": (
                    _blank(inputs.get("alarmActions", [])),
                    _blank(alarm.get("AlarmActions", [])),
                ),
            }
        )
        problems += [f"{alarm['AlarmName']}: {each}" for each in faults]
    return _judged_of(subject, what, account, ALARM, problems)


def rules(subject: Subject, what: str) -> CheckResult:
    """Each rule exists, is on, and has the program's pattern and targets."""
    account = _account(what)
    problems: list[str] = []
    for logical, inputs in _of(subject, account, RULE):
        region = inputs.get("region")
        listed = subject.access.pages(
            account, "events", "list_rules", "Rules", region=region, NamePrefix=logical
        )
        rule = next((each for each in listed if is_named(each["Name"], logical)), None)
        if rule is None:
            problems.append(f"{logical} does not exist")
            continue
        targets = subject.access.pages(
            account, "events", "list_targets_by_rule", "Targets", region=region, Rule=rule["Name"]
        )
        wanted = [
            given["arn"]
            for _, given in subject.expected.of(TARGET)
            if _DIGITS.sub("", given["rule"]) == logical
        ]
        pattern = json.loads(rule.get("EventPattern", "{}"))
        faults = differ(
            {
                "State": (inputs.get("state") or "ENABLED", rule.get("State")),
                "EventPattern": (_blank(json.loads(inputs["eventPattern"])), _blank(pattern)),
                "targets": (_blank(wanted), _blank([each["Arn"] for each in targets])),
            }
        )
        problems += [f"{rule['Name']}: {each}" for each in faults]
    return _judged_of(subject, what, account, RULE, problems)


def topics(subject: Subject, what: str) -> CheckResult:
    """Each topic exists, and its policy allows exactly whom the program allows."""
    account = _account(what)
    arns = [
        each["TopicArn"] for each in subject.access.pages(account, "sns", "list_topics", "Topics")
    ]
    problems: list[str] = []
    for logical, _ in _of(subject, account, TOPIC):
        arn = next((each for each in arns if is_named(each.rpartition(":")[2], logical)), None)
        if arn is None:
            problems.append(f"{logical} does not exist")
            continue
        with aws_errors(f"reading the topic {arn}", account):
            sns = subject.access.client(account, "sns")
            policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
        wanted = json.loads(subject.expected.inputs(f"{logical}-policy", TOPIC_POLICY)["policy"])
        faults = differences(_blank(wanted), _blank(json.loads(policy)))
        problems += [f"{logical}: {each}" for each in faults]
    return _judged_of(subject, what, account, TOPIC, problems)


CHECKS: tuple[tuple[str, Callable[[Subject, str], CheckResult]], ...] = tuple(
    (f"{what}, {account}", check)
    for account in (STORAGE, PRODUCER)
    for what, check in (("alarms", alarms), ("event rules", rules), ("topics", topics))
)


def _account(what: str) -> str:
    return what.rpartition(" ")[2]


def _of(subject: Subject, account: str, token: str) -> list[tuple[str, dict[str, Any]]]:
    """Logical names and inputs of the program's resources of a type in one account."""
    number = subject.expected.accounts["ThumbXRole" if account == STORAGE else "ThumbX-producer"]
    return subject.expected.named_of(token, number)


def _judged_of(
    subject: Subject, what: str, account: str, token: str, problems: list[str]
) -> CheckResult:
    count = len(_of(subject, account, token))
    if not count:
        return CheckResult(status=OFF, what=what, evidence="the program makes none in this account")
    return judged(what, problems, f"{count} as the program says", PUT_BACK)


def _blank(value: Any) -> Any:
    return json.loads(_DIGITS.sub("", json.dumps(value)))
