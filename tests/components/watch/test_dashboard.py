"""The dashboards: every metric that they and the alarms use is really written."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics

from handler.report import OUTCOMES, Journal, Report
from tests.filled import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording.recording import Recording

DASHBOARDS = ["ThumbX-pipeline-dashboard", "ThumbX-storage-dashboard"]
NAMESPACE = "ThumbX"
# What a metric of AWS is about, and the program's resources that it may be about.
ABOUT = {
    "BucketName": "aws:s3/bucket:Bucket",
    "FunctionName": "aws:lambda/function:Function",
    "LogGroupName": "aws:cloudwatch/logGroup:LogGroup",
    "QueueName": "aws:sqs/queue:Queue",
}


@pytest.fixture(scope="module")
def lines(dev: Recording) -> list[dict[str, Any]]:
    """The lines that the function writes, in the program's own environment, of every outcome."""
    variables = dev.named("ThumbX-function").inputs["environment"]["variables"]
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as environment, contextlib.redirect_stdout(written):
        for name, value in variables.items():
            if name.startswith("POWERTOOLS_"):
                environment.setenv(name, value)
        logger = Logger(utc=True)
        for handler in logging.getLogger(logger.service).handlers:
            # The logger lives longer than a test, but the stream with which it was made does not.
            handler.setStream(written)
        journal = Journal(logger, Metrics())
        for outcome in OUTCOMES:
            reason = "not-an-image" if outcome == "refused" else None
            journal.write(Report(outcome=outcome, reason=reason))
        journal.flush()
    return [json.loads(line) for line in written.getvalue().splitlines()]


def emitted(lines: list[dict[str, Any]]) -> set[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Namespace, metric and dimensions with their values, by the embedded metric format."""
    return {
        (directive["Namespace"], metric["Name"], tuple((name, line[name]) for name in dimensions))
        for line in lines
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", [])
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


def widgets(program: Recording, dashboard: str) -> list[dict[str, Any]]:
    return json.loads(program.named(dashboard).inputs["dashboardBody"])["widgets"]


def drawn(program: Recording, dashboard: str) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Namespace, metric and dimensions of each line of each graph; expressions have none."""
    for widget in widgets(program, dashboard):
        for metric in widget["properties"].get("metrics", []):
            texts = [each for each in metric if isinstance(each, str)]
            if texts:
                namespace, name, *dimensions = texts
                pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
                yield namespace, name, tuple(pairs)


def test_each_graph_of_the_function_shows_a_metric_that_it_writes(
    dev: Recording, lines: list[dict[str, Any]]
) -> None:
    """A metric that was renamed leaves an empty graph, which looks like a quiet day."""
    ours = {each for each in drawn(dev, DASHBOARDS[0]) if each[0] == NAMESPACE}
    assert {name for _, name, _ in ours} >= {"Images", "Refused", "Milliseconds"}
    assert ours <= emitted(lines)


def test_the_alarm_on_refusals_counts_metrics_that_are_written(
    dev: Recording, lines: list[dict[str, Any]]
) -> None:
    """One that counts nothing never rings."""
    queries = dev.named("ThumbX-pipeline-refused").inputs["metricQueries"]
    metrics = [query["metric"] for query in queries if "metric" in query]
    for each in filled(metrics):
        written = (each["namespace"], each["metricName"], tuple(each["dimensions"].items()))
        assert written in emitted(lines)


def test_the_search_by_reason_finds_the_metric_of_each_reason(
    dev: Recording, lines: list[dict[str, Any]]
) -> None:
    """CloudWatch searches by the exact set of dimensions, and by names in the expression."""
    (search,) = [
        metric[0]["expression"]
        for widget in widgets(dev, DASHBOARDS[0])
        for metric in widget["properties"].get("metrics", [])
        if "SEARCH" in str(metric)
    ]
    found = re.fullmatch(
        r"SEARCH\('\{(\w+),([\w,]+)\} service=\"(\w+)\" MetricName=\"(\w+)\"', 'Sum', 300\)", search
    )
    assert found
    namespace, dimensions, service, metric = found.groups()
    reasons = (("service", service), ("reason", "not-an-image"))
    assert (namespace, metric, reasons) in emitted(lines)
    assert dimensions.split(",") == [name for name, _ in reasons]


def test_the_stages_are_fields_of_the_functions_lines(
    dev: Recording, lines: list[dict[str, Any]]
) -> None:
    """A query on a field that is not there answers with nothing, and no error."""
    (query,) = [
        widget["properties"]["query"]
        for widget in widgets(dev, DASHBOARDS[0])
        if widget["type"] == "log"
    ]
    (done,) = [line for line in lines if line.get("outcome") == "done"]
    assert set(re.findall(r"avg\((\w+)\)", query)) == {
        key for key in done if key.endswith("_ms") and key != "total_ms"
    }
    for field, value in re.findall(r"(\w+) = '(\w+)'", query):
        assert done[field] == value
    assert query.startswith(f"SOURCE '{dev.named('ThumbX-logs').outputs['name']}' | ")


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_each_graph_of_aws_is_about_something_that_the_program_makes(
    dev: Recording, dashboard: str
) -> None:
    """The metric must be in the dashboard's own account, because another account's metrics are
    not visible there.
    """
    account = dev.named(dashboard).account
    for namespace, name, dimensions in filled(drawn(dev, dashboard)):
        if namespace == NAMESPACE:
            continue
        kind, value = dimensions[0]
        made = {
            each.outputs.get("name") or each.outputs["bucket"]
            for each in dev.of(ABOUT[kind])
            if each.account == account
        }
        assert value in made, f"{namespace} {name}"


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_all_alarms_of_the_account_are_shown_and_no_widget_covers_another(
    dev: Recording, dashboard: str
) -> None:
    """A person who opens the dashboard first asks which alarm rang."""
    account = dev.named(dashboard).account
    shown = widgets(dev, dashboard)
    alarms = dev.of("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert sorted(shown[-1]["properties"]["alarms"]) == sorted(
        each.outputs["arn"] for each in alarms if each.account == account
    )
    places = [(each["x"], each["y"]) for each in shown]
    assert len(set(places)) == len(places)
    assert all((x % each["width"], y % each["height"]) == (0, 0) for each, (x, y) in
               zip(shown, places, strict=True))  # fmt: skip
    assert all(each["x"] + each["width"] <= 24 for each in shown)
