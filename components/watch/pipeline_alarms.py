"""The alarms about processing: queue, function, dead letters and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.producer.function import METRICS_NAMESPACE, METRICS_SERVICE
from components.producer.queues import TRIES, VISIBILITY_TIMEOUTS
from components.watch.alarm import Alarm

if TYPE_CHECKING:
    import pulumi

    from components.producer.producer import UploadPipeline

MINUTES = 60
# The share counts only from this many pictures in an hour, because one bad upload at night would be
# a large share.
FEWEST_PICTURES = 10


def pipeline_alarms(pipeline: UploadPipeline, *, timeout: int, refused_percent: int) -> list[Alarm]:
    """Return the alarms for pictures that get no thumbnails; `timeout` is in seconds."""
    oldest = 3 * VISIBILITY_TIMEOUTS * timeout
    return [
        Alarm(
            name="dead-letters",
            description=(
                f"Pictures have no thumbnails: their messages failed {TRIES} times. The messages "
                "are among the dead letters until 14 days after the upload."
            ),
            log_group=pipeline.log_group,
            when=_queue(pipeline.dead_letter_queue_url, "ApproximateNumberOfMessagesVisible", 1),
        ),
        Alarm(
            name="oldest-message",
            description=(
                f"Uploads wait: the oldest message is {oldest // MINUTES} minutes old, three "
                "times as long as one try may take. Either very many uploads came at once, or "
                "failures bring the same messages back."
            ),
            log_group=pipeline.log_group,
            when=_queue(pipeline.queue_url, "ApproximateAgeOfOldestMessage", oldest),
        ),
        Alarm(
            name="errors",
            description=(
                "The function itself failed: it ran out of time or memory, or could not start. A "
                "bad picture never causes this. The messages are tried again, up to five times."
            ),
            log_group=pipeline.log_group,
            when=_function(pipeline.function_name, "Errors", periods=1),
        ),
        Alarm(
            name="throttles",
            description=(
                "Lambda has refused to run the function for 15 minutes: the account's quota of "
                "concurrent runs is used up, by this function or by others. No upload is lost, "
                "because uploads wait in the queue."
            ),
            log_group=pipeline.log_group,
            when=_function(pipeline.function_name, "Throttles", periods=3),
        ),
        Alarm(
            name="refused",
            description=(
                f"At least {refused_percent} % of the pictures of an hour were refused, because "
                "they are no pictures, too large or broken. Retrying does not help. Usually one "
                "client sends something else."
            ),
            log_group=pipeline.log_group,
            when=_refused_share(refused_percent),
        ),
    ]


def queue_name(url: pulumi.Output[str]) -> pulumi.Output[str]:
    """Return a queue's name, which metrics use: the end of its URL."""
    return url.apply(lambda known: known.rpartition("/")[2])


def _queue(url: pulumi.Output[str], metric: str, threshold: int) -> dict[str, Any]:
    return {
        "namespace": "AWS/SQS",
        "metric_name": metric,
        "dimensions": {"QueueName": queue_name(url)},
        "statistic": "Maximum",
        "period": 5 * MINUTES,
        "evaluation_periods": 1,
        "threshold": threshold,
    }


def _function(name: pulumi.Input[str], metric: str, *, periods: int) -> dict[str, Any]:
    return {
        "namespace": "AWS/Lambda",
        "metric_name": metric,
        "dimensions": {"FunctionName": name},
        "statistic": "Sum",
        "period": 5 * MINUTES,
        "evaluation_periods": periods,
        "threshold": 1,
    }


def _refused_share(percent: int) -> dict[str, Any]:
    """The share of refused pictures among all finished in an hour, from the function's metrics."""
    query = aws.cloudwatch.MetricAlarmMetricQueryArgs
    counts = [
        query(
            id=metric.lower(),
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=METRICS_NAMESPACE,
                metric_name=metric,
                dimensions={"service": METRICS_SERVICE},
                stat="Sum",
                period=60 * MINUTES,
            ),
        )
        for metric in ("Refused", "Images")
    ]
    ended = "(FILL(refused, 0) + FILL(images, 0))"
    share = query(
        id="share",
        label="Refused, % of all",
        expression=f"IF({ended} >= {FEWEST_PICTURES}, 100 * FILL(refused, 0) / {ended}, 0)",
        return_data=True,
    )
    return {"metric_queries": [*counts, share], "evaluation_periods": 1, "threshold": percent}
