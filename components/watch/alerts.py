"""Where alarms go: one topic in an account, which its alarms and nobody else may publish to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components import policies
from components.watch import watch_policies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm before it has a topic.

    `says` is what a person reads in the mail: what it means, and what to do first. `when` are the
    arguments of aws.cloudwatch.MetricAlarm that say when it rings. `ends` tells whether the end of
    it is news as well.
    """

    name: str
    says: pulumi.Input[str]
    when: Mapping[str, Any]
    ends: bool = True


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """The account, the mail address if there is one, and what may ring."""

    account_id: str
    email: str | None
    alarms: Sequence[Alarm] = field(default_factory=tuple)


class Alerts(pulumi.ComponentResource):
    """The alarms of one account and the topic that they ring."""

    topic_arn: pulumi.Output[str]
    alarm_arns: list[pulumi.Output[str]]

    def __init__(
        self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create topic, subscription, alarms and policy; `opts` carries the account's provider."""
        super().__init__("thumbx:alerts:Alerts", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
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
        alarms = [self._alarm(f"{name}-{alarm.name}", alarm, topic) for alarm in args.alarms]
        self.alarm_arns = [alarm.arn for alarm in alarms]
        aws.sns.TopicPolicy(
            f"{name}-alerts-policy",
            arn=topic.arn,
            policy=policies.document(
                watch_policies.alert_topic_policy,
                topic_arn=topic.arn,
                account=args.account_id,
                alarm_arns=pulumi.Output.all(*self.alarm_arns),
            ),
            opts=inside,
        )
        self.topic_arn = topic.arn
        self.register_outputs({"topic_arn": self.topic_arn})

    def _alarm(self, name: str, alarm: Alarm, topic: aws.sns.Topic) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            name,
            alarm_description=alarm.says,
            alarm_actions=[topic.arn],
            ok_actions=[topic.arn] if alarm.ends else None,
            # All of them count what should not happen: nothing counted is nothing wrong.
            treat_missing_data="notBreaching",
            comparison_operator="GreaterThanOrEqualToThreshold",
            opts=pulumi.ResourceOptions(parent=self),
            **alarm.when,
        )
