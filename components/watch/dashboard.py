"""A CloudWatch dashboard for each account: the page that a person opens first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.producer.function import METRICS_NAMESPACE, METRICS_SERVICE
from components.watch.pipeline_alarms import queue_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.producer.producer import UploadPipeline

Widget = dict[str, Any]

WIDTH, HEIGHT = 12, 6  # half of the 24 columns
STAGES = ("wait_ms", "read_ms", "pixels_ms", "write_ms", "check_ms")
SERVICE = ("service", METRICS_SERVICE)
DAY = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """The account's side, the widgets in reading order, two a row, and the alarms to show last."""

    side: str
    widgets: Sequence[Widget]
    alarm_arns: Sequence[pulumi.Input[str]]


class Dashboard(pulumi.ComponentResource):
    """One dashboard."""

    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create it; `opts` carries the provider of the account."""
        super().__init__("thumbx:watch:Dashboard", name, None, opts)
        widgets = list(args.widgets)
        if args.alarm_arns:
            widgets.append(_alarm_widget(args.alarm_arns))
        placed = [
            {"x": WIDTH * (index % 2), "y": HEIGHT * (index // 2), "width": WIDTH, "height": HEIGHT}
            | widget
            for index, widget in enumerate(widgets)
        ]
        dashboard = aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            # The provider does not generate names for dashboards.
            dashboard_name=f"{pulumi.get_project()}-{pulumi.get_stack()}-{args.side}",
            dashboard_body=pulumi.Output.json_dumps({"widgets": placed}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = dashboard.dashboard_name
        self.register_outputs({"name": self.name})


def producer_widgets(pipeline: UploadPipeline, region: str, memory: int) -> list[Widget]:
    """Return flow, latency by stage, refusals, dead letters and cost; `memory` is in MB."""
    uploads = queue_name(pipeline.queue_url)
    return [
        _graph(
            "Flow: pictures",
            region,
            [
                [
                    "AWS/SQS",
                    "NumberOfMessagesSent",
                    "QueueName",
                    uploads,
                    {"label": "Uploaded"},
                ],
                *(
                    [METRICS_NAMESPACE, metric, *SERVICE]
                    for metric in ("Images", "Removed", "Refused", "Failed", "Orphans")
                ),
            ],
        ),
        _graph(
            "Waiting",
            region,
            [
                [
                    "AWS/SQS",
                    "ApproximateNumberOfMessagesVisible",
                    "QueueName",
                    uploads,
                    {"label": "Messages", "stat": "Maximum"},
                ],
                [
                    "AWS/SQS",
                    "ApproximateAgeOfOldestMessage",
                    "QueueName",
                    uploads,
                    {"label": "Age of the oldest message, s", "stat": "Maximum", "yAxis": "right"},
                ],
            ],
        ),
        _graph(
            "Time for one picture, ms",
            region,
            [
                [METRICS_NAMESPACE, "Milliseconds", *SERVICE, {"label": stat, "stat": stat}]
                for stat in ("p50", "p95", "p99")
            ],
        ),
        _stages(pipeline.log_group, region),
        _graph(
            "Refused, by reason",
            region,
            [[{"expression": _by_reason(), "id": "reasons", "label": "${PROP('Dim.reason')}"}]],
        ),
        _graph(
            "Set aside: dead letters and refused",
            region,
            [
                [
                    "AWS/SQS",
                    "ApproximateNumberOfMessagesVisible",
                    "QueueName",
                    queue,
                    {"label": label, "stat": "Maximum"},
                ]
                for label, queue in (
                    ("Dead letters", queue_name(pipeline.dead_letter_queue_url)),
                    ("Refused", queue_name(pipeline.refused_queue_url)),
                )
            ],
        ),
        _graph(
            "Function",
            region,
            [
                ["AWS/Lambda", metric, "FunctionName", pipeline.function_name]
                for metric in ("Invocations", "Errors", "Throttles")
            ]
            + [
                [
                    "AWS/Lambda",
                    "ConcurrentExecutions",
                    "FunctionName",
                    pipeline.function_name,
                    {"stat": "Maximum"},
                ],
            ],
        ),
        _graph(
            "Causes of cost, a day: Lambda, SQS, logs",
            region,
            [
                [
                    "AWS/Lambda",
                    "Duration",
                    "FunctionName",
                    pipeline.function_name,
                    {"id": "ms", "visible": False},
                ],
                [{"expression": f"ms / 1000 * {memory} / 1024", "label": "GB-seconds"}],
                [
                    "AWS/SQS",
                    "NumberOfEmptyReceives",
                    "QueueName",
                    uploads,
                    {"label": "Empty receives of the queue"},
                ],
                [
                    "AWS/Logs",
                    "IncomingBytes",
                    "LogGroupName",
                    pipeline.log_group,
                    {"label": "Bytes logged", "yAxis": "right"},
                ],
            ],
            period=DAY,
        ),
    ]


def storage_widgets(buckets: Mapping[str, pulumi.Input[str]], region: str) -> list[Widget]:
    """Return the sizes of the account's buckets, by purpose; S3 reports them once a day."""
    return [
        _graph(
            title,
            region,
            [
                ["AWS/S3", metric, "BucketName", bucket, "StorageType", storage, {"label": label}]
                for label, bucket in buckets.items()
            ],
            period=DAY,
            stat="Average",
        )
        for title, metric, storage in (
            ("Stored, bytes (old versions too)", "BucketSizeBytes", "StandardStorage"),
            ("Objects (old versions too)", "NumberOfObjects", "AllStorageTypes"),
        )
    ]


def _alarm_widget(alarm_arns: Sequence[pulumi.Input[str]]) -> Widget:
    """Return the state of all alarms of the account."""
    return {"type": "alarm", "properties": {"title": "Alarms", "alarms": list(alarm_arns)}}


def _by_reason() -> str:
    where = f"{{{METRICS_NAMESPACE},service,reason}}"
    return f"SEARCH('{where} service=\"{METRICS_SERVICE}\" MetricName=\"Refused\"', 'Sum', 300)"


def _stages(log_group: pulumi.Input[str], region: str) -> Widget:
    """Return the mean time of each stage from the log lines, because metrics would cost money."""
    means = ", ".join(f"avg({stage}) as {stage.removesuffix('_ms')}" for stage in STAGES)
    query = pulumi.Output.concat(
        "SOURCE '",
        log_group,
        "' | filter message = 'upload' and outcome = 'done'",
        f" | stats {means} by bin(5m)",
    )
    return {
        "type": "log",
        "properties": {
            "title": "Time by stage, ms (mean)",
            "region": region,
            "query": query,
            "view": "timeSeries",
            "stacked": True,
        },
    }


def _graph(
    title: str, region: str, metrics: list[Any], *, period: int = 300, stat: str = "Sum"
) -> Widget:
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "region": region,
            "metrics": metrics,
            "period": period,
            "stat": stat,
            "view": "timeSeries",
        },
    }
