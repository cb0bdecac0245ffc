"""Alarms and dashboards."""

from __future__ import annotations

from typing import Any

from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest


def alarm(request: ResourceRequest) -> Created:
    """An alarm on one metric, or on an expression of several."""
    name = request.need("name")
    settings = request.present(
        AlarmActions="alarmActions",
        AlarmDescription="alarmDescription",
        ComparisonOperator="comparisonOperator",
        EvaluationPeriods="evaluationPeriods",
        MetricName="metricName",
        Namespace="namespace",
        OKActions="okActions",
        Period="period",
        Statistic="statistic",
        Threshold="threshold",
        TreatMissingData="treatMissingData",
    )
    dimensions = request.take("dimensions")
    if dimensions:
        settings["Dimensions"] = _dimensions(dimensions)
    queries = request.take("metricQueries")
    if queries:
        settings["Metrics"] = [_query(query) for query in queries]
    request.target.client("cloudwatch").put_metric_alarm(AlarmName=name, **settings)
    arn = f"arn:aws:cloudwatch:{request.target.region}:{request.target.account}:alarm:{name}"
    return Created(id=name, outputs={"name": name, "arn": arn})


def dashboard(request: ResourceRequest) -> Created:
    """A dashboard; a message of CloudWatch about its widgets is an error here."""
    name = request.need("dashboardName")
    request.target.client("cloudwatch").put_dashboard(
        DashboardName=name, DashboardBody=request.need("dashboardBody")
    )
    return Created(id=name)


def _query(query: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Id": query["id"], "ReturnData": query.get("returnData", False)}
    if "metric" in query:
        metric = query["metric"]
        found["MetricStat"] = {
            "Metric": {
                "Namespace": metric["namespace"],
                "MetricName": metric["metricName"],
                "Dimensions": _dimensions(metric["dimensions"]),
            },
            "Period": metric["period"],
            "Stat": metric["stat"],
        }
    for name, key in (("Expression", "expression"), ("Label", "label")):
        if key in query:
            found[name] = query[key]
    return found


def _dimensions(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in given.items()]


DEFINITIONS = {
    "aws:cloudwatch/dashboard:Dashboard": Definition(
        create=dashboard,
        read=(Call("cloudwatch", "get_dashboard", ("DashboardName",)),),
        delete=Call("cloudwatch", "delete_dashboards", ("DashboardNames",), many=True),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Definition(
        create=alarm,
        read=(
            Call(
                "cloudwatch", "describe_alarms", ("AlarmNames",), many=True, expects="MetricAlarms"
            ),
        ),
        delete=Call("cloudwatch", "delete_alarms", ("AlarmNames",), many=True),
    ),
}
