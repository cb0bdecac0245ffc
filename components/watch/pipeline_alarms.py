"""The alarms on the way of a picture: queue, function, dead letters and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws

from components.producer.function import METRICS_NAMESPACE, METRICS_SERVICE
from components.producer.producer import TRIES, VISIBILITY_TIMEOUTS
from components.watch.alerts import Alarm

if TYPE_CHECKING:
    import pulumi

    from components.configuration.settings import Settings
    from components.producer.producer import ThumbProducer

MINUTES = 60
# Of as many pictures in an hour a share means something; one bad upload at night is no share.
FEWEST_PICTURES = 10


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """The physical names that metrics go by."""

    uploads_queue: pulumi.Input[str]
    dead_letter_queue: pulumi.Input[str]
    refused_queue: pulumi.Input[str]
    function: pulumi.Input[str]
    log_group: pulumi.Input[str]

    @classmethod
    def of(cls, producer: ThumbProducer) -> Pipeline:
        """The names of the producer's parts; a queue's is the end of its URL."""

        def name(url: pulumi.Output[str]) -> pulumi.Output[str]:
            return url.apply(lambda known: known.rpartition("/")[2])

        return cls(
            uploads_queue=name(producer.queue_url),
            dead_letter_queue=name(producer.dead_letter_queue_url),
            refused_queue=name(producer.refused_queue_url),
            function=producer.function_name,
            log_group=producer.log_group_name,
        )


def pipeline_alarms(pipeline: Pipeline, settings: Settings) -> list[Alarm]:
    """Return what should ring when pictures get no thumbnails."""
    oldest = 3 * VISIBILITY_TIMEOUTS * settings.function.timeout
    percent = settings.audit.refused_percent
    return [
        Alarm(
            name="dead-letters",
            says=(
                f"Pictures without thumbnails: messages failed {TRIES} times and lie among the "
                "dead letters, where they stay for 14 days. First: take the message id of one and "
                "look for it in the function's log, which has the error in a sentence. When the "
                "cause is gone, redrive them (SQS console, Start DLQ redrive): thumbnails are "
                "made anew."
            ),
            when=_queue(pipeline.dead_letter_queue, "ApproximateNumberOfMessagesVisible", 1),
        ),
        Alarm(
            name="oldest-message",
            says=(
                f"Uploads wait: the oldest message is {oldest // MINUTES} minutes old, three times "
                "as long as a try may take. First: see in the dashboard whether uploads came in "
                "a flood (thumbx:concurrency bounds how fast they are worked off) or whether "
                "failures bring the same ones back; the log has the reason of each."
            ),
            when=_queue(pipeline.uploads_queue, "ApproximateAgeOfOldestMessage", oldest),
        ),
        Alarm(
            name="errors",
            says=(
                "The function itself broke: out of time, out of memory or a fault at its start; a "
                "bad picture never does that. First: look for REPORT lines with Status in the "
                "log, then at what was deployed last. The messages come again, up to five times."
            ),
            when=_function(pipeline.function, "Errors", periods=1),
        ),
        Alarm(
            name="throttles",
            says=(
                "Lambda refused to run the function for 15 minutes on end: the account's quota of "
                "concurrent runs is used up, by this function or by others. Nothing is lost, "
                "uploads wait. First: see ConcurrentExecutions of the account; lower "
                "thumbx:concurrency or ask AWS for a higher quota."
            ),
            when=_function(pipeline.function, "Throttles", periods=3),
        ),
        Alarm(
            name="refused",
            says=(
                f"At least {percent} % of the pictures of an hour were refused: not pictures, too "
                "large, broken. Retrying does not help. First: read some messages of the refused "
                "queue; each names the object and the reason. Mostly one client sends something "
                "else."
            ),
            when=_refused_share(percent),
        ),
    ]


def _queue(name: pulumi.Input[str], metric: str, threshold: int) -> dict[str, Any]:
    return {
        "namespace": "AWS/SQS",
        "metric_name": metric,
        "dimensions": {"QueueName": name},
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
    """Refused of all that came to an end in an hour, from the metrics that the function writes."""
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
