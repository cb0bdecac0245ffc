"""Watches the storage account: who accessed what, and whether somebody is notified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi

from components.configuration.watch import CREATE
from components.watch import access_events, change_events, dashboard
from components.watch.alerts import Alerts, AlertsArgs
from components.watch.dashboard import Dashboard, DashboardArgs
from components.watch.sender_alarms import sender_alarms
from components.watch.trail import StorageTrail, StorageTrailArgs, trail_name

if TYPE_CHECKING:
    from components.configuration.accounts import Storage
    from components.configuration.schema import Retention
    from components.configuration.watch import Watch
    from components.storage.store import Bucket
    from components.watch.access_events import Event


@dataclass(frozen=True, kw_only=True)
class StorageWatchArgs:
    """The resources of the storage account that are watched.

    `analyzer_arn` is None if there is no analyzer. `trail_accounts` are the accounts whose trails
    write to the log bucket.
    """

    bucket: Bucket
    thumbx_role_arn: pulumi.Input[str]
    analyzer_arn: pulumi.Input[str] | None
    account: Storage
    trail_accounts: tuple[str, ...]
    watch: Watch
    retention: Retention


class StorageWatch(pulumi.ComponentResource):
    """The storage account's trail, alarms and dashboard, except those that are switched off."""

    trail_arn: pulumi.Output[str] | None
    log_bucket_name: pulumi.Output[str] | None
    """The bucket of the trail's files, ours or the existing trail's; None if there is no trail."""
    topic_arn: pulumi.Output[str] | None

    def __init__(
        self, name: str, args: StorageWatchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create what is not switched off; `opts` carries the provider of account B."""
        super().__init__("thumbx:watch:StorageWatch", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        watch = args.watch
        self.trail_arn = self.log_bucket_name = self.topic_arn = None
        buckets = {"Pictures": pulumi.Output.from_input(args.bucket.name)}
        if watch.trail == CREATE:
            trail = StorageTrail(
                name,
                StorageTrailArgs(
                    pictures=args.bucket.pictures,
                    account=args.account,
                    trail_accounts=args.trail_accounts,
                    data_events=watch.data_events,
                    management_events=watch.management_events == CREATE,
                    log_days=args.retention.trail_days,
                ),
                inside,
            )
            self.trail_arn, self.log_bucket_name = trail.arn, trail.log_bucket_name
            buckets["Trail"] = trail.log_bucket_name
        elif watch.trail_bucket:
            self.trail_arn = pulumi.Output.from_input(watch.trail)
            self.log_bucket_name = pulumi.Output.from_input(watch.trail_bucket)
        events = self._events(args, buckets)
        side = f"{name}-storage"
        alarm_arns: list[pulumi.Output[str]] = []
        sender = args.bucket.sender if watch.alarms else None
        alarms = sender_alarms(sender) if sender else []
        if events or alarms:
            alerts = Alerts(
                side,
                AlertsArgs(
                    account=args.account,
                    alarms=alarms,
                    events=events,
                    analyzer_arn=args.analyzer_arn,
                    watch=watch,
                    log_days=args.retention.log_days,
                ),
                inside,
            )
            self.topic_arn, alarm_arns = alerts.topic_arn, alerts.alarm_arns
        if watch.dashboards:
            widgets = dashboard.storage_widgets(buckets, args.account.region)
            Dashboard(
                side,
                DashboardArgs(side="storage", widgets=widgets, alarm_arns=alarm_arns),
                inside,
            )
        self.register_outputs(
            {
                "trail_arn": self.trail_arn,
                "log_bucket_name": self.log_bucket_name,
                "topic_arn": self.topic_arn,
            }
        )

    def _events(
        self, args: StorageWatchArgs, buckets: dict[str, pulumi.Output[str]]
    ) -> list[Event]:
        events: list[Event] = []
        if args.watch.access_alarms:
            events += [
                access_events.denied_objects(args.bucket.name),
                change_events.role_changes(_name_of(args.thumbx_role_arn)),
            ]
            ours = dict(buckets)
            if args.bucket.sender:  # because every change by its owner would raise the alarm
                events.append(change_events.notification_changes(ours.pop("Pictures")))
            if ours:
                events.append(change_events.bucket_changes(list(ours.values())))
            if args.bucket.key_arn is not None:
                events.append(change_events.key_changes(args.bucket.key_arn))
            if args.watch.trail == CREATE and self.trail_arn:
                events.append(change_events.trail_changes(trail_name(), self.trail_arn))
        if args.analyzer_arn:
            events.append(access_events.findings(args.analyzer_arn))
        return events


def _name_of(role_arn: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the name at the end of a role's ARN, after its path."""
    return pulumi.Output.from_input(role_arn).apply(lambda known: known.rpartition("/")[2])
