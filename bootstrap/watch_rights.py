"""Like `bootstrap.rights`, for the resource types that watch the program."""

from __future__ import annotations

from bootstrap.rights import Rights

WATCH_RIGHTS: dict[str, tuple[Rights, ...]] = {
    "aws:accessanalyzer/analyzer:Analyzer": (
        Rights(
            on="Analyzers",
            read=("access-analyzer:GetAnalyzer", "access-analyzer:ListTagsForResource"),
            write=(
                "access-analyzer:CreateAnalyzer",
                "access-analyzer:DeleteAnalyzer",
                "access-analyzer:TagResource",
                "access-analyzer:UntagResource",
                "access-analyzer:UpdateAnalyzer",
            ),
        ),
        # The first analyzer of an account makes this role.
        Rights(on="AnalyzersOwnRole", write=("iam:CreateServiceLinkedRole",)),
    ),
    "aws:accessanalyzer/archiveRule:ArchiveRule": (
        Rights(
            on="Analyzers",
            read=("access-analyzer:GetArchiveRule",),
            write=(
                "access-analyzer:CreateArchiveRule",
                "access-analyzer:DeleteArchiveRule",
                "access-analyzer:UpdateArchiveRule",
            ),
        ),
    ),
    "aws:cloudtrail/trail:Trail": (
        Rights(on="AllTrails", read=("cloudtrail:DescribeTrails",)),
        Rights(
            on="Trails",
            read=(
                "cloudtrail:GetEventSelectors",
                "cloudtrail:GetInsightSelectors",
                "cloudtrail:GetTrail",
                "cloudtrail:GetTrailStatus",
                "cloudtrail:ListTags",
            ),
            write=(
                "cloudtrail:AddTags",
                "cloudtrail:CreateTrail",
                "cloudtrail:DeleteTrail",
                "cloudtrail:PutEventSelectors",
                "cloudtrail:PutInsightSelectors",
                "cloudtrail:RemoveTags",
                "cloudtrail:StartLogging",
                "cloudtrail:StopLogging",
                "cloudtrail:UpdateTrail",
            ),
        ),
    ),
    "aws:cloudwatch/dashboard:Dashboard": (
        Rights(
            on="Dashboards",
            read=("cloudwatch:GetDashboard",),
            write=("cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"),
        ),
    ),
    "aws:cloudwatch/eventRule:EventRule": (
        Rights(
            on="Rules",
            read=("events:DescribeRule", "events:ListTagsForResource"),
            write=(
                "events:DeleteRule",
                "events:DisableRule",
                "events:EnableRule",
                "events:PutRule",
                "events:TagResource",
                "events:UntagResource",
            ),
        ),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (
        Rights(
            on="Rules",
            read=("events:ListTargetsByRule",),
            write=("events:PutTargets", "events:RemoveTargets"),
        ),
        Rights(on="PassedToEvents", write=("iam:PassRole",)),
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": (
        Rights(
            on="LogResourcePolicies",
            read=("logs:DescribeResourcePolicies",),
            write=("logs:DeleteResourcePolicy", "logs:PutResourcePolicy"),
        ),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        Rights(on="AllAlarms", read=("cloudwatch:DescribeAlarms",)),
        Rights(
            on="Alarms",
            read=("cloudwatch:ListTagsForResource",),
            write=(
                "cloudwatch:DeleteAlarms",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ),
        ),
        Rights(on="AlarmsToTopics", write=("cloudwatch:PutMetricAlarm",)),
    ),
    "aws:sns/topic:Topic": (
        Rights(
            on="Topics",
            read=("sns:GetTopicAttributes", "sns:ListTagsForResource"),
            write=(
                "sns:CreateTopic",
                "sns:DeleteTopic",
                "sns:SetTopicAttributes",
                "sns:TagResource",
                "sns:UntagResource",
            ),
        ),
    ),
    "aws:sns/topicPolicy:TopicPolicy": (
        Rights(on="Topics", read=("sns:GetTopicAttributes",), write=("sns:SetTopicAttributes",)),
    ),
    "aws:sns/topicSubscription:TopicSubscription": (
        # SNS checks a permission on a subscription against the ARN of its topic.
        Rights(
            on="Topics",
            read=("sns:GetSubscriptionAttributes", "sns:ListSubscriptionsByTopic"),
            write=("sns:SetSubscriptionAttributes", "sns:Subscribe", "sns:Unsubscribe"),
        ),
    ),
}
