"""The deploy role's permissions that the sandbox does not try: all of them are named here, with the
reason.

An action that is missing from the role is refused on AWS halfway through a deployment. If the role
lacks an action that the sandbox calls, the sandbox's tests fail; for the other actions, this list
makes a test fail.
"""

from __future__ import annotations

# Statements that the emulator never checks.
UNCHECKED = {
    "ManagePassedToLambda": "it lets anybody pass any role",
    "ManagePassedToEvents": "it lets anybody pass any role",
    "ManageAnalyzers": "it has no Access Analyzer",
    "ManageAnalyzersOwnRole": "it has no Access Analyzer",
    "ManageTrails": "it delivers no trail files, so the sandbox makes none",
    "ManageAllTrails": "the same",
    "ManageQuotas": "the preflight asks, and an emulator has no quotas",
    "ManageRules": "no API call becomes an event there, so the sandbox makes none",
    "ManageLogResourcePolicies": "they are for the events of those rules",
    "ManageLayers": "the sandbox makes no layers",
    "ManageEventSourceTags": "the sandbox makes no tags",
}
# By statement, all actions that the provider calls and the sandbox does not.
UNCALLED = {
    "ManagePassedToLambda": {"iam:PassRole"},
    "ManagePassedToEvents": {"iam:PassRole"},
    "ManageAnalyzers": {
        "access-analyzer:CreateAnalyzer",
        "access-analyzer:CreateArchiveRule",
        "access-analyzer:DeleteAnalyzer",
        "access-analyzer:DeleteArchiveRule",
        "access-analyzer:GetAnalyzer",
        "access-analyzer:GetArchiveRule",
        "access-analyzer:ListTagsForResource",
        "access-analyzer:TagResource",
        "access-analyzer:UntagResource",
        "access-analyzer:UpdateAnalyzer",
        "access-analyzer:UpdateArchiveRule",
    },
    "ManageAnalyzersOwnRole": {"iam:CreateServiceLinkedRole"},
    "ManageTrails": {
        "cloudtrail:AddTags",
        "cloudtrail:CreateTrail",
        "cloudtrail:DeleteTrail",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetInsightSelectors",
        "cloudtrail:GetTrail",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:ListTags",
        "cloudtrail:PutEventSelectors",
        "cloudtrail:PutInsightSelectors",
        "cloudtrail:RemoveTags",
        "cloudtrail:StartLogging",
        "cloudtrail:StopLogging",
        "cloudtrail:UpdateTrail",
    },
    "ManageAllTrails": {"cloudtrail:DescribeTrails"},
    "ManageQuotas": {
        "access-analyzer:ListAnalyzers",
        "cloudtrail:DescribeTrails",
        "logs:DescribeResourcePolicies",
    },
    "ManageRules": {
        "events:DeleteRule",
        "events:DescribeRule",
        "events:DisableRule",
        "events:EnableRule",
        "events:ListTagsForResource",
        "events:ListTargetsByRule",
        "events:PutRule",
        "events:PutTargets",
        "events:RemoveTargets",
        "events:TagResource",
        "events:UntagResource",
    },
    "ManageLogResourcePolicies": {
        "logs:DeleteResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:PutResourcePolicy",
    },
    "ManageLayers": {
        "lambda:DeleteLayerVersion",
        "lambda:GetLayerVersion",
        "lambda:PublishLayerVersion",
    },
    "ManageEventSourceTags": {"lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"},
    # For the other statements: the sandbox makes no tags, and makes and deletes but never updates.
    "ManageAlarms": {
        "cloudwatch:ListTagsForResource",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
    },
    "ManageBoundedRoles": {"iam:PutRolePermissionsBoundary"},
    "ManageBuckets": {
        # Settings that the program does not use, but that a refresh of a bucket reads.
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketWebsite",
        "s3:GetReplicationConfiguration",
        "s3:GetBucketTagging",
        "s3:ListTagsForResource",
        "s3:PutBucketTagging",
        "s3:TagResource",
        "s3:UntagResource",
    },
    "ManageEventSources": {"lambda:UpdateEventSourceMapping"},
    "ManageFunctions": {
        "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetFunctionConfiguration",  # how the provider waits for an update
        "lambda:ListTags",
        "lambda:TagResource",
        "lambda:UntagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
    },
    "ManageLogGroups": {
        "logs:DeleteRetentionPolicy",
        "logs:ListTagsForResource",
        "logs:TagResource",
        "logs:UntagResource",
    },
    "ManageQueues": {"sqs:GetQueueUrl", "sqs:TagQueue", "sqs:UntagQueue"},
    "ManageRoles": {
        "iam:ListInstanceProfilesForRole",  # before a role is deleted
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
        "iam:UpdateRoleDescription",
    },
    "ManageTopics": {
        # The sandbox subscribes no address.
        "sns:GetSubscriptionAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:SetSubscriptionAttributes",
        "sns:Subscribe",
        "sns:Unsubscribe",
        "sns:TagResource",
        "sns:UntagResource",
    },
}
