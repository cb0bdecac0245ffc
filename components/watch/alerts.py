"""The topic of an account, to which only the account's alarms may publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.watch import watch_policies
from components.watch.event_rules import EventRules, EventRulesArgs
from components.watch.watcher_events import watcher_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.accounts import Account
    from components.configuration.watch import Watch
    from components.watch.access_events import Event
    from components.watch.alarm import Alarm


RUNBOOK = "docs/runbook.md"


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """The account, its alarms and events, and how long events are kept.

    `analyzer_arn` is the analyzer whose changes raise an alarm; None if there is none.
    """

    account: Account
    alarms: Sequence[Alarm]
    events: Sequence[Event]
    analyzer_arn: pulumi.Input[str] | None
    watch: Watch
    log_days: int


class Alerts(pulumi.ComponentResource):
    """The alarms of one account, the rules that feed some of them, and their topic."""

    topic_arn: pulumi.Output[str]
    alarm_arns: list[pulumi.Output[str]]

    def __init__(
        self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create topic, subscription, alarms and policy; `opts` carries the account's provider."""
        super().__init__("thumbx:watch:Alerts", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        # The topic is not encrypted at rest: no alarm can publish through the key that SNS has for
        # everybody, and a key of our own costs a dollar a month to hide what is mailed unencrypted.
        topic = aws.sns.Topic(f"{name}-alerts", opts=inside)
        if args.watch.alert_email:
            aws.sns.TopicSubscription(
                f"{name}-alerts-email",
                topic=topic.arn,
                protocol="email",
                endpoint=args.watch.alert_email,
                opts=inside,
            )
        self.topic_arn = topic.arn
        expected, events = list(args.alarms), list(args.events)
        if args.watch.access_alarms:
            events += watcher_changes(name, topic.arn, args.analyzer_arn)
        if events:
            rules = EventRulesArgs(
                events=events,
                account=args.account,
                deployers=args.watch.deployers,
                log_days=args.log_days,
            )
            expected += EventRules(name, rules, inside).alarms
        self._account = args.account
        self.alarm_arns = [self._alarm(f"{name}-{alarm.name}", alarm) for alarm in expected]
        aws.sns.TopicPolicy(
            f"{name}-alerts-policy",
            arn=topic.arn,
            policy=policies.document(
                watch_policies.alert_topic_policy,
                topic_arn=topic.arn,
                account=args.account.id,
                alarm_arns=pulumi.Output.all(*self.alarm_arns),
            ),
            opts=inside,
        )
        self.register_outputs({"topic_arn": self.topic_arn})

    def _alarm(self, name: str, alarm: Alarm) -> pulumi.Output[str]:
        return aws.cloudwatch.MetricAlarm(
            name,
            alarm_description=self._says(name, alarm),
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn] if alarm.notify_on_ok else None,
            # All of these metrics count faults, so no data means no fault.
            treat_missing_data="notBreaching",
            comparison_operator="GreaterThanOrEqualToThreshold",
            opts=pulumi.ResourceOptions(parent=self),
            **alarm.when,
        ).arn

    def _says(self, name: str, alarm: Alarm) -> pulumi.Output[str]:
        """Return the mail's text: what the alarm means, the runbook entry, and where to look."""
        where = f"Stack {pulumi.get_stack()}, account {self._account.id}, {self._account.region}"
        first = f"First: {RUNBOOK}#{entry_of(name)}"
        log_group = (", log group ", alarm.log_group) if alarm.log_group is not None else ()
        return pulumi.Output.concat(alarm.description, f" {first}. {where}", *log_group, ".")


def entry_of(alarm: str) -> str:
    """Return the heading of an alarm's entry in the runbook, by its logical name."""
    return alarm.partition("-")[2]
