"""Where alarms go: one topic in an account, which its alarms and nobody else may publish to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.watch import watch_policies
from components.watch.event_rules import EventRules, EventRulesArgs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.accounts import Account
    from components.watch.access_events import Event
    from components.watch.alarm import Alarm


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """The account, the mail address if there is one, and what may ring.

    `log_days` is how long events are kept.
    """

    account: Account
    email: str | None
    alarms: Sequence[Alarm]
    events: Sequence[Event]
    log_days: int


class Alerts(pulumi.ComponentResource):
    """The alarms of one account, the rules that feed some of them, and the topic that they ring."""

    topic_arn: pulumi.Output[str]
    alarm_arns: list[pulumi.Output[str]]

    def __init__(
        self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create topic, subscription, alarms and policy; `opts` carries the account's provider."""
        super().__init__("thumbx:watch:Alerts", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        expected = list(args.alarms)
        if args.events:
            rules = EventRulesArgs(events=args.events, account=args.account, log_days=args.log_days)
            expected += EventRules(name, rules, inside).alarms
        # Not encrypted at rest: no alarm can publish through the key that SNS has for everybody,
        # and a key of one's own costs a dollar a month to hide what is mailed in the clear.
        topic = aws.sns.Topic(f"{name}-alerts", opts=inside)
        if args.email:
            aws.sns.TopicSubscription(
                f"{name}-alerts-email",
                topic=topic.arn,
                protocol="email",
                endpoint=args.email,
                opts=inside,
            )
        self.topic_arn = topic.arn
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
            alarm_description=alarm.description,
            alarm_actions=[self.topic_arn],
            ok_actions=[self.topic_arn] if alarm.notify_on_ok else None,
            # All of them count what should not happen: nothing counted is nothing wrong.
            treat_missing_data="notBreaching",
            comparison_operator="GreaterThanOrEqualToThreshold",
            opts=pulumi.ResourceOptions(parent=self),
            **alarm.when,
        ).arn
