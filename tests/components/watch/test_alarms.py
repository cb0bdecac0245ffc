"""The alarms: what raises them, whom they notify, their text, and what each switch leaves out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.documents import document
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording, Resource

A, B = "111111111111", "222222222222"
ALARM, RULE = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/eventRule:EventRule"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
THUMBX = f"arn:aws:iam::{B}:role/ThumbXRole-0a1b2c3"
TRAIL = "arn:aws:cloudtrail:eu-central-1:{}:trail/thumbx-dev"
# Their patterns are in test_watchers.py.
NEW = ("function-changed", "rules-changed", "alarms-changed", "topic-changed", "analyzer-changed")
WATCHERS = tuple(f"ThumbX-{side}-{name}" for side in ("pipeline", "storage") for name in NEW)
SIDES = [("ThumbX-pipeline", A), ("ThumbX-storage", B)]


def calls(service: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": [f"aws.{service}"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": [f"{service}.amazonaws.com"], **detail},
    }


def refused(thing: str) -> dict[str, Any]:
    return {"errorMessage": [{"wildcard": f"*{thing}*"}]}


def role_changes(name: str) -> dict[str, Any]:
    changes = (
        "UpdateAssumeRolePolicy PutRolePolicy DeleteRolePolicy AttachRolePolicy DetachRolePolicy "
        "PutRolePermissionsBoundary DeleteRolePermissionsBoundary UpdateRole DeleteRole"
    )
    either = [{"requestParameters": {"roleName": [name]}}, refused(name)]
    return calls("iam", {"eventName": changes.split(), "$or": either})


def trail_changes(account: str) -> dict[str, Any]:
    names = ["thumbx-dev", TRAIL.format(account)]
    changes = ["StopLogging", "UpdateTrail", "DeleteTrail", "PutEventSelectors"]
    either = [{"requestParameters": {key: names}} for key in ("name", "trailName")]
    either.append(refused(TRAIL.format(account)))
    return calls("cloudtrail", {"eventName": changes, "$or": either})


def findings(account: str) -> dict[str, Any]:
    return {
        "source": ["aws.access-analyzer"],
        "detail-type": ["Access Analyzer Finding"],
        "resources": [f"arn:aws:access-analyzer:eu-central-1:{account}:analyzer/thumbx-dev"],
        "detail": {"status": ["ACTIVE"], "isDeleted": [False]},
    }


DENIED_SESSIONS = calls(
    "sts",
    {
        "eventName": ["AssumeRole"],
        "$or": [
            {"requestParameters": {"roleArn": [THUMBX]}},
            refused(THUMBX),
        ],
        "errorCode": ["AccessDenied"],
    },
)
DENIED_CALLS = calls(
    "s3",
    {
        "errorCode": ["AccessDenied"],
        "requestParameters": {"bucketName": ["thumbx-images-0a1b2c3"]},
    },
)
BUCKET_CHANGES = calls(
    "s3",
    {
        "eventName": [
            *("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLifecycle"),
            *("DeleteBucketLifecycle", "PutBucketReplication", "DeleteBucketReplication"),
            *("PutBucketVersioning", "PutBucketNotification", "PutBucketPublicAccessBlock"),
            *("DeleteBucketPublicAccessBlock", "PutBucketAcl", "PutBucketOwnershipControls"),
            *("DeleteBucketOwnershipControls", "PutBucketEncryption", "DeleteBucketEncryption"),
            "DeleteBucket",
        ],
        "requestParameters": {"bucketName": ["thumbx-images-0a1b2c3", "thumbx-logs-0a1b2c3"]},
    },
)


def test_the_rules_hear_of_exactly_these_events(dev: Recording) -> None:
    """The whole pattern is compared, because a pattern with one wrong name matches nothing, and
    nobody would notice.
    """
    rules = {
        (each.name, each.region): json.loads(each.inputs["eventPattern"])
        for each in dev.of(RULE)
        if not each.name.startswith(WATCHERS)
    }
    here, there = "eu-central-1", "us-east-1"
    assert rules == {
        ("ThumbX-pipeline-denied-sessions", here): DENIED_SESSIONS,
        ("ThumbX-pipeline-denied-sessions-there", there): DENIED_SESSIONS,
        ("ThumbX-pipeline-role-changed", here): role_changes("ThumbX-producer-0a1b2c3"),
        ("ThumbX-pipeline-role-changed-there", there): role_changes("ThumbX-producer-0a1b2c3"),
        ("ThumbX-pipeline-trail-changed", here): trail_changes(A),
        ("ThumbX-pipeline-findings", here): findings(A),
        ("ThumbX-storage-denied-calls", here): DENIED_CALLS,
        ("ThumbX-storage-role-changed", here): role_changes("ThumbXRole-0a1b2c3"),
        ("ThumbX-storage-role-changed-there", there): role_changes("ThumbXRole-0a1b2c3"),
        ("ThumbX-storage-bucket-changed", here): BUCKET_CHANGES,
        ("ThumbX-storage-trail-changed", here): trail_changes(B),
        ("ThumbX-storage-findings", here): findings(B),
    }
    assert all(len(each.inputs["eventPattern"]) <= 2048 for each in dev.of(RULE))


def test_the_rules_on_sessions_are_told_of_calls_that_only_read(dev: Recording) -> None:
    """CloudTrail counts AssumeRole as a read, and a rule with the default state does not get
    reads.
    """
    told = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    states = {each.name: each.inputs.get("state") for each in dev.of(RULE)}
    sessions = {f"ThumbX-pipeline-denied-sessions{end}" for end in ("", "-there")}
    assert {name for name, state in states.items() if state == told} == sessions
    assert set(states.values()) == {told, None}


def test_each_event_is_kept_and_rings_its_alarm(dev: Recording) -> None:
    """The rule writes to the log group, and the alarm counts the rule's invocations."""
    kept = {each.inputs["rule"]: each.inputs["arn"] for each in dev.of(TARGET)}
    for rule in filled(dev.of(RULE)):
        if rule.name.endswith("-there"):
            continue
        (side,) = [side for side, _ in SIDES if rule.name.startswith(side)]
        assert kept[rule.outputs["name"]] == dev.named(f"{side}-events").outputs["arn"]
        alarm = dev.named(rule.name, ALARM).inputs
        assert alarm["namespace"] == "AWS/Events"
        assert alarm["metricName"] == "Invocations"
        assert alarm["dimensions"] == {"RuleName": rule.outputs["name"]}
        assert (alarm["statistic"], alarm["threshold"]) == ("Sum", 1)


@pytest.mark.parametrize(("side", "account"), SIDES)
def test_eventbridge_may_write_before_it_is_told_to(
    dev: Recording, side: str, account: str
) -> None:
    """A target without the permission loses events, and only a metric says so."""
    group = f"arn:aws:logs:eu-central-1:{account}:log-group:/aws/events/{side}-dev"
    assert document(dev, f"{side}-events-policy")["Statement"] == [
        {
            "Sid": "WriteEvents",
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{group}:*",
        }
    ]
    for target in dev.of(TARGET):
        if target.name.startswith(side) and target.name.endswith("-log"):
            assert f"{side}-events-policy" in target.waits_for


@pytest.mark.parametrize(("side", "account"), SIDES)
def test_what_happens_in_iams_region_is_brought_home_by_a_role_for_that_alone(
    dev: Recording, side: str, account: str
) -> None:
    """EventBridge has IAM's events only in us-east-1."""
    there = sorted(
        (
            each
            for each in dev.of(RULE)
            if each.name.startswith(side) and each.region == "us-east-1"
        ),
        key=lambda rule: rule.name,
    )
    bus = f"arn:aws:events:eu-central-1:{account}:event-bus/default"
    role = dev.named(f"{side}-forwarding")
    sent = {
        each.inputs["rule"]: (each.inputs["arn"], each.inputs["roleArn"], each.region)
        for each in dev.of(TARGET)
        if each.name.startswith(side) and each.name.endswith("-forward")
    }
    assert sent == {rule.outputs["name"]: (bus, role.outputs["arn"], "us-east-1") for rule in there}
    assert document(dev, f"{side}-forwarding")["Statement"] == [
        {
            "Sid": "AssumeByRules",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnEquals": {"aws:SourceArn": [rule.outputs["arn"] for rule in there]},
                "StringEquals": {"aws:SourceAccount": account},
            },
        }
    ]
    assert document(dev, f"{side}-forwarding-grants")["Statement"] == [
        {
            "Sid": "ForwardEvents",
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": bus,
        }
    ]


def test_a_stack_in_iams_own_region_forwards_nothing() -> None:
    """Its rules would send each event to the bus that it came from, in an endless loop."""
    program = record("dev", {"region": "us-east-1"})
    assert {each.region for each in program.of(RULE)} == {"us-east-1"}
    assert not [each for each in program.resources if "forward" in each.name]
    assert not [each for each in program.of(RULE) if each.name.endswith("-there")]


@pytest.mark.parametrize(("side", "account"), SIDES)
def test_only_the_accounts_own_alarms_publish_to_its_topic(
    dev: Recording, side: str, account: str
) -> None:
    """No rule may publish: EventBridge supplies no condition key, so every account's rules could
    publish.
    """
    topic = f"arn:aws:sns:eu-central-1:{account}:{side}-alerts-0a1b2c3"
    alarms = [each for each in dev.of(ALARM) if each.account == account]
    policy = document(dev, f"{side}-alerts-policy")["Statement"]
    listed = policy[0]["Condition"]["ArnEquals"].pop("aws:SourceArn")
    assert sorted(listed) == sorted(each.outputs["arn"] for each in alarms)
    assert policy == [
        {
            "Sid": "PublishByAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"ArnEquals": {}, "StringEquals": {"aws:SourceAccount": account}},
        },
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": [topic],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    for each in alarms:
        assert each.inputs["alarmActions"] == [topic], each.name


def pipeline(dev: Recording) -> dict[str, dict[str, Any]]:
    start = "ThumbX-pipeline-"
    names = ("dead-letters", "oldest-message", "errors", "throttles", "refused")
    return {name: dev.named(start + name, ALARM).inputs for name in names}


def test_the_pipelines_alarms_are_on_what_stops_a_picture(dev: Recording) -> None:
    """Metric, dimensions, threshold and period are compared, because a wrong name is a metric
    without data.
    """
    shown = {
        name: (
            *(alarm.get(key) for key in ("namespace", "metricName", "statistic", "threshold")),
            (alarm["evaluationPeriods"] * alarm["period"]) // 60,
            *alarm["dimensions"].items(),
        )
        for name, alarm in pipeline(dev).items()
        if name != "refused"
    }
    function = ("FunctionName", "ThumbX-function-0a1b2c3")
    assert shown == {
        "dead-letters": (
            *("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 1, 5),
            ("QueueName", "ThumbX-dead-letters-0a1b2c3"),
        ),
        "oldest-message": (
            *("AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", 3 * 360, 5),
            ("QueueName", "ThumbX-uploads-0a1b2c3"),
        ),
        "errors": ("AWS/Lambda", "Errors", "Sum", 1, 5, function),
        "throttles": ("AWS/Lambda", "Throttles", "Sum", 1, 15, function),
    }


def test_a_share_of_refused_pictures_rings_and_one_bad_upload_does_not(dev: Recording) -> None:
    """One refused picture of one is 100 %; the share means something from ten pictures an hour."""
    alarm = pipeline(dev)["refused"]
    ended = "(FILL(refused, 0) + FILL(images, 0))"
    assert alarm["metricQueries"][2] == {
        "id": "share",
        "label": "Refused, % of all",
        "expression": f"IF({ended} >= 10, 100 * FILL(refused, 0) / {ended}, 0)",
        "returnData": True,
    }
    assert [each["metric"] for each in alarm["metricQueries"][:2]] == [
        {
            "namespace": "ThumbX",
            "metricName": name,
            "dimensions": {"service": "thumbx"},
            "stat": "Sum",
            "period": 3600,
        }
        for name in ("Refused", "Images")
    ]
    assert alarm["threshold"] == 20


def test_every_alarm_says_what_it_means_and_what_to_do_first(dev: Recording) -> None:
    """The mail has nothing else, and it may come at night: it has the entry, the log group and
    the account.
    """
    for each in filled(dev.of(ALARM)):
        says = each.inputs["alarmDescription"]
        entry = each.name.removeprefix("ThumbX-")
        assert f" First: docs/runbook.md#{entry}. Stack dev, account {each.account}," in says
        (group,) = [one for one in dev.of(GROUP) if says.endswith(f"log group {_named(one)}.")]
        assert group.account == each.account
        assert 150 < len(says) <= 1024, each.name
        assert each.inputs["treatMissingData"] == "notBreaching"
        assert each.inputs["comparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_the_end_is_told_of_a_state_and_not_of_an_event(dev: Recording) -> None:
    """When a queue is empty again, a mail says so. No mail says that denied calls have ended."""
    ended = {each.name for each in dev.of(ALARM) if each.inputs.get("okActions")}
    assert ended == {f"ThumbX-pipeline-{name}" for name in pipeline(dev)}


def test_one_address_gets_the_mails_of_both_accounts(dev: Recording) -> None:
    """Without an address nobody is subscribed."""
    kind = "aws:sns/topicSubscription:TopicSubscription"
    assert not dev.of(kind)
    program = record("dev", {"watch.alertEmail": "pictures@example.com"})
    assert {
        each.account: (each.inputs["protocol"], each.inputs["endpoint"])
        for each in program.of(kind)
    } == dict.fromkeys((A, B), ("email", "pictures@example.com"))


def gone(dev: Recording, **options: Any) -> set[tuple[str, str]]:
    """The resources that the options leave out; the options must not add any."""
    program = record("dev", {f"watch.{key}": value for key, value in options.items()})
    before, after = (
        {(_kind(each), each.name) for each in every.resources if each.token.startswith("aws:")}
        for every in (dev, program)
    )
    assert after <= before
    return before - after


def test_without_alarms_only_the_pipelines_are_gone(dev: Recording) -> None:
    assert gone(dev, alarms=False) == {
        ("MetricAlarm", f"ThumbX-pipeline-{name}") for name in pipeline(dev)
    }


def test_without_access_alarms_only_rules_on_calls_are_gone(dev: Recording) -> None:
    """The findings of the analyzers still ring: no trail is needed for those."""
    left = {("MetricAlarm", f"{side}-findings") for side, _ in SIDES}
    left |= {("EventRule", f"{side}-findings") for side, _ in SIDES}
    left |= {("EventTarget", f"{side}-findings-log") for side, _ in SIDES}
    left |= {("MetricAlarm", f"ThumbX-pipeline-{name}") for name in pipeline(dev)}
    made = {
        (_kind(each), each.name)
        for each in dev.resources
        if each.token in {ALARM, RULE, TARGET} or "-forwarding" in each.name
    }
    assert gone(dev, accessAlarms=False) == made - left


def test_without_dashboards_only_they_are_gone(dev: Recording) -> None:
    assert gone(dev, dashboards=False) == {("Dashboard", f"{side}-dashboard") for side, _ in SIDES}


def test_with_nothing_to_tell_there_is_no_topic() -> None:
    """An account that is not watched gets no topic."""
    off = {"alarms": False, "accessAlarms": False}
    off |= {"storageAnalyzer": "off", "producerAnalyzer": "off"}
    program = record("dev", {f"watch.{key}": value for key, value in off.items()})
    kinds = {_kind(each) for each in program.resources}
    assert not kinds & {"Topic", "TopicPolicy", "MetricAlarm", "EventRule", "LogResourcePolicy"}


def _named(group: Resource) -> str:
    return str(group.outputs["name"])


def _kind(resource: Resource) -> str:
    return resource.token.rpartition(":")[2]
