"""Alarms and dashboards."""

from __future__ import annotations

from typing import Any

from sandbox.providers.request import Created, Order


def alarm(order: Order) -> Created:
    """An alarm on one metric, or on an expression of several."""
    name = order.physical_name()
    settings = order.present(
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
    dimensions = order.take("dimensions")
    if dimensions:
        settings["Dimensions"] = _dimensions(dimensions)
    queries = order.take("metricQueries")
    if queries:
        settings["Metrics"] = [_query(query) for query in queries]
    order.target.client("cloudwatch").put_metric_alarm(AlarmName=name, **settings)
    arn = f"arn:aws:cloudwatch:{order.target.region}:{order.target.account}:alarm:{name}"
    return Created(id=name, outputs={"name": name, "arn": arn})


def dashboard(order: Order) -> Created:
    """A dashboard; what CloudWatch says against its widgets is an error here."""
    name = order.need("dashboardName")
    order.target.client("cloudwatch").put_dashboard(
        DashboardName=name, DashboardBody=order.need("dashboardBody")
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
