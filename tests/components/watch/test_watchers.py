"""The rules on the key, the function and the watchers: whole patterns, and which callers are
exempt.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

A, B = "111111111111", "222222222222"
RULE = "aws:cloudwatch/eventRule:EventRule"
ALARMS = ("PutMetricAlarm", "DeleteAlarms", "DisableAlarmActions", "SetAlarmState")
TOPIC = (
    "Subscribe ConfirmSubscription Unsubscribe SetSubscriptionAttributes SetTopicAttributes "
    "DeleteTopic AddPermission RemovePermission"
)
ANALYZER = (
    "DeleteAnalyzer UpdateAnalyzer CreateArchiveRule UpdateArchiveRule DeleteArchiveRule "
    "ApplyArchiveRule UpdateFindings"
)
SIDES = [("ThumbX-pipeline", A), ("ThumbX-storage", B)]
DEPLOYERS = [f"arn:aws:iam::{each}:role/thumbx-bootstrap/thumbx-deploy-0a1b2c3" for each in (A, B)]


def patterns(program: Recording) -> dict[str, dict[str, Any]]:
    return {each.name: json.loads(each.inputs["eventPattern"]) for each in program.of(RULE)}


def calls(service: str, names: list[Any], *either: dict[str, Any]) -> dict[str, Any]:
    detail = {"eventSource": [f"{service}.amazonaws.com"], "eventName": names, "$or": list(either)}
    return {
        "source": [f"aws.{service}"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": detail,
    }


def prefixes(names: str) -> list[dict[str, str]]:
    return [{"prefix": name} for name in names.split()]


def asked(**parameters: Any) -> dict[str, Any]:
    return {"requestParameters": parameters}


def refused(*things: str) -> dict[str, Any]:
    return {"errorMessage": [{"wildcard": f"*{thing}*"} for thing in things]}


@pytest.mark.parametrize(("side", "account"), SIDES)
def test_the_rules_on_the_watchers_hear_of_exactly_these_events(
    dev: Recording, side: str, account: str
) -> None:
    """There is one rule for each service; a missing event name is a way to act unnoticed."""
    begins = [{"prefix": f"{side}-"}]
    mine = refused(f"/{side}-", f":{side}-")
    topic = f"arn:aws:sns:eu-central-1:{account}:{side}-alerts-0a1b2c3"
    analyzer = f"arn:aws:access-analyzer:eu-central-1:{account}:analyzer/thumbx-dev"
    found = patterns(dev)
    rules = calls(
        "events",
        ["PutRule", "DisableRule", "DeleteRule", "PutTargets", "RemoveTargets"],
        asked(name=begins),
        asked(rule=begins),
        mine,
    )
    assert found[f"{side}-rules-changed"] == rules
    assert found[f"{side}-rules-changed-there"] == rules
    alarms = calls(
        "monitoring",
        [
            "PutMetricAlarm",
            "DeleteAlarms",
            "DisableAlarmActions",
            "SetAlarmState",
            "PutAlarmMuteRule",
        ],
        asked(alarmName=begins),
        asked(alarmNames=begins),
        asked(muteTargets={"alarmNames": begins}),
        mine,
    ) | {"source": ["aws.monitoring", "aws.cloudwatch"]}
    assert found[f"{side}-alarms-changed"] == alarms
    assert found[f"{side}-topic-changed"] == calls(
        "sns",
        [
            "Subscribe",
            "ConfirmSubscription",
            "Unsubscribe",
            "SetSubscriptionAttributes",
            "SetTopicAttributes",
            "DeleteTopic",
            "AddPermission",
            "RemovePermission",
        ],
        asked(topicArn=[topic]),
        asked(subscriptionArn=[{"prefix": f"{topic}:"}]),
        refused(topic),
    )
    assert found[f"{side}-analyzer-changed"] == calls(
        "access-analyzer",
        [
            "DeleteAnalyzer",
            "UpdateAnalyzer",
            "CreateArchiveRule",
            "UpdateArchiveRule",
            "DeleteArchiveRule",
            "ApplyArchiveRule",
            "UpdateFindings",
        ],
        asked(analyzerName=["thumbx-dev"]),
        asked(analyzerArn=[analyzer]),
        refused(analyzer),
    )


def test_the_rule_on_the_function_hears_of_its_code_and_of_what_feeds_it(dev: Recording) -> None:
    """CloudTrail's event names contain an API date, so names are matched by their beginning."""
    function = "ThumbX-function-0a1b2c3"
    mapping = dev.named("ThumbX-uploads-to-function").outputs["id"]
    assert patterns(dev)["ThumbX-pipeline-function-changed"] == calls(
        "lambda",
        prefixes(
            "UpdateFunction DeleteFunction PutFunction CreateFunctionUrl AddPermission "
            "RemovePermission CreateEventSource UpdateEventSource DeleteEventSource "
            "PublishLayerVersion DeleteLayerVersion AddLayerVersion RemoveLayerVersion"
        ),
        asked(functionName=[{"wildcard": f"*{function}*"}]),
        asked(layerName=["ThumbX-dev", {"wildcard": "*:layer:ThumbX-dev*"}]),
        asked(uUID=[mapping]),
        refused(function),
        refused(mapping),
    )


def test_a_key_of_ones_own_rings_when_it_is_to_end_or_is_opened() -> None:
    """Without a key there is no such rule."""
    program = record("dev", {"storage.encryption": "kms"})
    key = program.named("thumbx-images-key").outputs["arn"]
    assert patterns(program)["ThumbX-storage-key-changed"] == calls(
        "kms",
        prefixes("ScheduleKeyDeletion DisableKey PutKeyPolicy CreateGrant"),
        {"resources": {"ARN": [key]}},
        refused(key),
    )
    assert "ThumbX-storage-key-changed" not in patterns(record("dev"))


def test_a_deployers_session_is_left_out_of_changes_and_of_nothing_else() -> None:
    """Denied calls raise an alarm for every caller, because a deployment makes no denied calls."""
    program = record("dev", {"storage.encryption": "kms", "watch.deployers": DEPLOYERS})
    issuer = [{"exists": False}, {"anything-but": DEPLOYERS}]
    for name, pattern in filled(patterns(program).items()):
        caller = pattern["detail"].get("userIdentity")
        if "-changed" in name:
            assert caller == {"sessionContext": {"sessionIssuer": {"arn": issuer}}}, name
        else:
            assert caller is None, name
    assert all(len(each.inputs["eventPattern"]) <= 2048 for each in filled(program.of(RULE)))
