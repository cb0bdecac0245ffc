"""EventBridge rules that keep events in a log group, and an alarm for each rule.

A rule does not publish to the topic itself. EventBridge supplies no condition keys to SNS, so the
topic would have to accept the rules of every account; and very many denied calls would cause as
many mails. The alarm rings once, and the events are in the log group.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.configuration import arns
from components.dependencies import after
from components.watch import watch_policies
from components.watch.access_events import by_others
from components.watch.alarm import Alarm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.accounts import Account
    from components.watch.access_events import Event


@dataclass(frozen=True, kw_only=True)
class EventRulesArgs:
    """The events to match, the account, and how long events are kept.

    `deployers` are roles whose sessions' changes raise no alarm.
    """

    events: Sequence[Event]
    account: Account
    deployers: Sequence[str]
    log_days: int


class EventRules(pulumi.ComponentResource):
    """The rules of one account, the log group of their events, and an alarm for each."""

    alarms: list[Alarm]
    log_group_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: EventRulesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create rules and log group; `opts` carries the provider of the account."""
        super().__init__("thumbx:watch:EventRules", name, None, opts)
        log_group_arn = self._log_group(name, args.log_days)
        self.alarms = []
        self._deployers = args.deployers
        for event in args.events:
            rule = self._rule(f"{name}-{event.name}", event)
            aws.cloudwatch.EventTarget(
                f"{name}-{event.name}-log",
                rule=rule.name,
                arn=log_group_arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.alarms.append(
                Alarm(
                    name=event.name,
                    description=event.description,
                    log_group=self.log_group_name,
                    notify_on_ok=False,
                    when={
                        "namespace": "AWS/Events",
                        "metric_name": "Invocations",
                        "dimensions": {"RuleName": rule.name},
                        "statistic": "Sum",
                        "period": event.seconds,
                        "evaluation_periods": 1,
                        "threshold": 1,
                    },
                )
            )
        self._forward(name, args)
        self.register_outputs({"log_group_name": self.log_group_name})

    def _log_group(self, name: str, days: int) -> pulumi.Output[str]:
        """Create the log group; return its ARN when EventBridge may write there."""
        inside = pulumi.ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(
            f"{name}-events",
            # EventBridge only accepts log groups below /aws/events/ as targets. The rule has a
            # fixed name and no prefix, because a prefix has conflicted with Pulumi's own names for
            # this resource type.
            name=f"/aws/events/{name}-{pulumi.get_stack()}",
            retention_in_days=days,
            opts=inside,
        )
        policy = aws.cloudwatch.LogResourcePolicy(
            f"{name}-events-policy",
            policy_name=f"{pulumi.get_project()}-{pulumi.get_stack()}-{name}-events",
            policy_document=policies.document(
                watch_policies.event_log_policy, log_group_arn=log_group.arn
            ),
            opts=inside,
        )
        self.log_group_name = log_group.name
        return after(log_group.arn, policy)

    def _rule(self, name: str, event: Event, region: str | None = None) -> aws.cloudwatch.EventRule:
        pattern = by_others(event.pattern, self._deployers) if event.changes else event.pattern
        return aws.cloudwatch.EventRule(
            name,
            region=region,
            description=f"Feeds thumbx's alarm {event.name}",
            event_pattern=pulumi.Output.json_dumps(pattern),
            # Otherwise a rule does not get read-only management events, and AssumeRole is one.
            state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" if event.reads else None,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _forward(self, name: str, args: EventRulesArgs) -> None:
        """Forward the events of IAM's region to the default event bus in the stack's region."""
        region = args.account.region
        iam_region = arns.iam_region(region)
        elsewhere = [event for event in args.events if event.elsewhere]
        if region == iam_region or not elsewhere:
            return
        rules = {
            event.name: self._rule(f"{name}-{event.name}-there", event, iam_region)
            for event in elsewhere
        }
        bus = args.account.arn("events", "event-bus/default")
        role = aws.iam.Role(
            f"{name}-forwarding",
            description=f"Used by EventBridge: puts events of {iam_region} on the bus of {region}",
            assume_role_policy=policies.document(
                watch_policies.forwarding_trust,
                account=args.account.id,
                rule_arns=pulumi.Output.all(*(rule.arn for rule in rules.values())),
            ),
            path=args.account.role_path,
            permissions_boundary=args.account.boundary,
            opts=pulumi.ResourceOptions(parent=self),
        )
        grants = aws.iam.RolePolicy(
            f"{name}-forwarding-grants",
            role=role.name,
            policy=policies.document(watch_policies.forwarding_grants, bus_arn=bus),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for event, rule in rules.items():
            aws.cloudwatch.EventTarget(
                f"{name}-{event}-forward",
                region=iam_region,
                rule=rule.name,
                arn=bus,
                role_arn=after(role.arn, grants),
                opts=pulumi.ResourceOptions(parent=self),
            )
