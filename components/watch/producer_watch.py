"""Watches the producer's account: who assumed which role, and whether pictures get thumbnails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.watch import access_events, change_events, dashboard
from components.watch.alerts import Alerts, AlertsArgs
from components.watch.analyzer import AccessAnalyzer, AccessAnalyzerArgs
from components.watch.dashboard import Dashboard, DashboardArgs
from components.watch.pipeline_alarms import pipeline_alarms
from components.watch.trail import ProducerTrail, ProducerTrailArgs, trail_name

if TYPE_CHECKING:
    from components.configuration.accounts import Account
    from components.configuration.schema import Function
    from components.configuration.watch import Watch
    from components.producer.producer import Feeding, UploadPipeline
    from components.watch.access_events import Event


@dataclass(frozen=True, kw_only=True)
class ProducerWatchArgs:
    """The resources of the producer's account that are watched.

    `log_bucket_name` is the bucket that its trail writes to; without it there is no trail.
    """

    role_name: pulumi.Input[str]
    thumbx_role_arn: pulumi.Input[str]
    pipeline: UploadPipeline
    feeding: Feeding
    log_bucket_name: pulumi.Input[str] | None
    account: Account
    function: Function
    watch: Watch
    log_days: int


class ProducerWatch(pulumi.ComponentResource):
    """The producer's trail, analyzer, alarms and dashboard, except those that are switched off."""

    topic_arn: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: ProducerWatchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create what is not switched off; `opts` carries the provider of account A."""
        super().__init__("thumbx:watch:ProducerWatch", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        watch = args.watch
        name = f"{name}-pipeline"  # the execution role is ThumbX-producer
        self.topic_arn = None
        alarms = (
            pipeline_alarms(
                args.pipeline,
                timeout=args.function.timeout,
                refused_percent=watch.refused_percent,
            )
            if watch.alarms
            else []
        )
        events = self._events(name, args)
        alarm_arns: list[pulumi.Output[str]] = []
        if alarms or events:
            alerts = Alerts(
                name,
                AlertsArgs(
                    account=args.account,
                    alarms=alarms,
                    events=events,
                    analyzer_arn=self._analyzer_arn,
                    watch=watch,
                    log_days=args.log_days,
                ),
                inside,
            )
            self.topic_arn, alarm_arns = alerts.topic_arn, alerts.alarm_arns
        if watch.dashboards:
            widgets = dashboard.producer_widgets(
                args.pipeline, args.account.region, args.function.memory
            )
            Dashboard(
                name,
                DashboardArgs(side="producer", widgets=widgets, alarm_arns=alarm_arns),
                inside,
            )
        self.register_outputs({"topic_arn": self.topic_arn})

    def _events(self, name: str, args: ProducerWatchArgs) -> list[Event]:
        """Create trail and analyzer; return the events that they can raise alarms for."""
        inside = pulumi.ResourceOptions(parent=self)
        events: list[Event] = []
        if args.watch.access_alarms:
            events += [
                access_events.denied_sessions(args.thumbx_role_arn),
                change_events.role_changes(args.role_name),
                change_events.function_changes(
                    args.pipeline.function_name,
                    args.feeding.layer_name,
                    args.feeding.event_source_id,
                ),
            ]
        if args.log_bucket_name:
            trail = ProducerTrail(
                name, ProducerTrailArgs(log_bucket_name=args.log_bucket_name), inside
            )
            if args.watch.access_alarms:
                events.append(change_events.trail_changes(trail_name(), trail.arn))
        analyzer = AccessAnalyzer(
            name,
            AccessAnalyzerArgs(choice=args.watch.producer_analyzer, expected={}),
            inside,
        )
        self._analyzer_arn = analyzer.arn
        if analyzer.arn:
            events.append(access_events.findings(analyzer.arn))
        return events
