"""Who touched what, and is anyone watching: what each account gets of it, as configured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

from components.configuration.watch import CREATE, OFF
from components.watch import access_events, dashboard
from components.watch.alerts import Alarm, Alerts, AlertsArgs
from components.watch.analyzer import AccessAnalyzer, AccessAnalyzerArgs
from components.watch.dashboard import Dashboard, DashboardArgs
from components.watch.event_rules import EventRules, EventRulesArgs
from components.watch.pipeline_alarms import Pipeline, pipeline_alarms
from components.watch.trail import (
    ProducerTrail,
    ProducerTrailArgs,
    StorageTrail,
    StorageTrailArgs,
    has_producer_trail,
    trail_name,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.settings import Account, Settings
    from components.producer.producer import ProducerRole, ThumbProducer
    from components.storage.store import ThumbStore
    from components.watch.access_events import Event


@dataclass(frozen=True, kw_only=True)
class StorageAuditArgs:
    """What of the storage account is watched."""

    store: ThumbStore
    analyzer: AccessAnalyzer
    settings: Settings


class StorageAudit(pulumi.ComponentResource):
    """The storage account's trail, alarms and dashboard."""

    trail_arn: pulumi.Output[str] | None
    log_bucket_name: pulumi.Output[str] | None
    """Where the trail's files are, whether ours or adopted; None where there is no trail."""
    topic_arn: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: StorageAuditArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create what is not switched off; `opts` carries the provider of account B."""
        super().__init__("thumbx:audit:StorageAudit", name, None, opts)
        settings, audit = args.settings, args.settings.audit
        side = f"{name}-storage"
        self.trail_arn = self.log_bucket_name = None
        buckets = {"Pictures": pulumi.Output.from_input(args.store.bucket_name)}
        if audit.trail == CREATE:
            trail = StorageTrail(
                name,
                StorageTrailArgs(bucket_arn=args.store.bucket_arn, settings=settings),
                pulumi.ResourceOptions(parent=self),
            )
            self.trail_arn, self.log_bucket_name = trail.arn, trail.log_bucket_name
            buckets["Trail"] = trail.log_bucket_name
        elif audit.adopted_log_bucket:
            self.trail_arn = pulumi.Output.from_input(audit.trail)
            self.log_bucket_name = pulumi.Output.from_input(audit.adopted_log_bucket)
        events: list[Event] = []
        if audit.access_alarms:
            events += [
                access_events.denied_objects(args.store.bucket_name),
                access_events.role_changes(_last(args.store.role_arn)),
                access_events.bucket_changes(list(buckets.values())),
            ]
            if audit.trail == CREATE and self.trail_arn:
                events.append(access_events.trail_changes(trail_name(), self.trail_arn))
        if args.analyzer.arn:
            events.append(access_events.findings(args.analyzer.arn))
        alerts = _alerts(side, [], events, settings.storage, settings, parent=self)
        self.topic_arn = alerts.topic_arn if alerts else None
        if audit.dashboards:
            widgets = dashboard.storage_widgets(buckets, settings.region)
            _dashboard(side, "storage", widgets, alerts, parent=self)
        self.register_outputs(
            {
                "trail_arn": self.trail_arn,
                "log_bucket_name": self.log_bucket_name,
                "topic_arn": self.topic_arn,
            }
        )


@dataclass(frozen=True, kw_only=True)
class ProducerAuditArgs:
    """What of the producer's account is watched, and where its trail writes to."""

    role: ProducerRole
    store: ThumbStore
    producer: ThumbProducer
    audit: StorageAudit
    settings: Settings


class ProducerAudit(pulumi.ComponentResource):
    """The producer's trail, alarms and dashboard."""

    topic_arn: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: ProducerAuditArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create what is not switched off; `opts` carries the provider of account A."""
        super().__init__("thumbx:audit:ProducerAudit", name, None, opts)
        settings, audit = args.settings, args.settings.audit
        name = f"{name}-pipeline"  # the execution role is ThumbX-producer
        events: list[Event] = []
        if audit.access_alarms:
            events += [
                access_events.denied_sessions(args.store.role_arn),
                access_events.role_changes(args.role.name),
            ]
        if has_producer_trail(settings) and args.audit.log_bucket_name:
            trail = ProducerTrail(
                name,
                ProducerTrailArgs(log_bucket_name=args.audit.log_bucket_name),
                pulumi.ResourceOptions(parent=self),
            )
            if audit.access_alarms:
                events.append(access_events.trail_changes(trail_name(), trail.arn))
        analyzer = AccessAnalyzer(
            name,
            AccessAnalyzerArgs(
                choice=OFF if settings.one_account else audit.producer_analyzer, expected={}
            ),
            pulumi.ResourceOptions(parent=self),
        )
        if analyzer.arn:
            events.append(access_events.findings(analyzer.arn))
        pipeline = Pipeline.of(args.producer)
        alarms = pipeline_alarms(pipeline, settings) if audit.alarms else []
        alerts = _alerts(name, alarms, events, settings.producer, settings, parent=self)
        self.topic_arn = alerts.topic_arn if alerts else None
        if audit.dashboards:
            widgets = dashboard.producer_widgets(
                pipeline, settings.region, settings.function.memory
            )
            _dashboard(name, "producer", widgets, alerts, parent=self)
        self.register_outputs({"topic_arn": self.topic_arn})


def _alerts(
    name: str,
    alarms: Sequence[Alarm],
    events: Sequence[Event],
    account: Account,
    settings: Settings,
    *,
    parent: pulumi.Resource,
) -> Alerts | None:
    """Create the alarms of one account and the rules that feed some of them; None without any."""
    inside = pulumi.ResourceOptions(parent=parent)
    if events:
        rules = EventRules(
            name, EventRulesArgs(events=events, account=account, settings=settings), inside
        )
        alarms = [*alarms, *rules.alarms]
    if not alarms:
        return None
    args = AlertsArgs(account_id=account.id, email=settings.audit.alert_email, alarms=alarms)
    return Alerts(name, args, inside)


def _dashboard(
    name: str,
    side: str,
    widgets: list[dict[str, Any]],
    alerts: Alerts | None,
    *,
    parent: pulumi.Resource,
) -> None:
    if alerts:
        widgets = [*widgets, dashboard.alarm_widget(alerts.alarm_arns)]
    Dashboard(
        name, DashboardArgs(side=side, widgets=widgets), pulumi.ResourceOptions(parent=parent)
    )


def _last(arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the name at the end of a role's ARN, behind its path."""
    return pulumi.Output.from_input(arn).apply(lambda known: known.rpartition("/")[2])
