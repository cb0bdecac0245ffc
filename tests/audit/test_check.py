"""`check`: each line goes red when its own part of the deployment is changed, and only then."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from audit import sources
from audit.check import EXIT, Report, check
from audit.trails import find_trail, sees
from audit.window import Window
from tests.audit import aws, events

if TYPE_CHECKING:
    from pathlib import Path

    from audit.wiring import Wiring
    from sandbox.recording import Recording
    from tests.audit.aws import Aws

Change = Callable[[dict[tuple[str, str, str], Any]], None]


@pytest.fixture(scope="session")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trail of this deployment in which every permission was used."""
    folder = tmp_path_factory.mktemp("used")
    trail = events.Trail()
    now = datetime.now(UTC)
    trail.picture(now - timedelta(hours=1), "a.jpg", 1, events.access_key(1))
    text = json.dumps(trail.records).replace(aws.OLD, aws.NEW)
    trail.records = json.loads(text)
    trail.write(folder)
    return folder


def run(found: Aws, dev: Recording) -> Report:
    access = found.access()
    now = datetime.now(UTC)
    window = Window(start=now - timedelta(days=1), end=now)

    def source(wiring: Wiring) -> sources.Source:
        return sources.deployed(wiring.bucket, wiring.accounts, access, window, lambda each: each)

    return check(access, f"thumbx-images-{aws.NEW}", dev, source, window, 90)


def test_a_deployment_as_the_program_says_passes_every_line(dev: Recording, used: Path) -> None:
    """Exit code 0, so that cron is silent."""
    report = run(aws.deployed(dev, used), dev)
    assert [(line.what, line.evidence) for line in report.lines if line.status != "pass"] == []
    assert EXIT[report.status] == 0
    assert len(report.lines) == 18


def change(account: str, service: str, operation: str, value: Any) -> Change:
    return lambda answers: answers.__setitem__((account, service, operation), value)


def in_bucket_policy(edit: Callable[[list[dict[str, Any]]], Any]) -> Change:
    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        key = ("storage", "s3", "GetBucketPolicy")
        document = json.loads(answers[key]["Policy"])
        edit(document["Statement"])
        answers[key] = {"Policy": json.dumps(document)}

    return apply


def in_trust(account: str) -> Change:
    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        role = answers[account, "iam", "GetRole"]["Role"]
        role["AssumeRolePolicyDocument"]["Statement"].append(
            {"Effect": "Allow", "Principal": {"AWS": events.STRANGER}, "Action": "sts:AssumeRole"}
        )

    return apply


def in_queue(answers: dict[tuple[str, str, str], Any]) -> None:
    before = answers["producer", "sqs", "GetQueueAttributes"]

    def opened(asked: dict[str, Any]) -> dict[str, Any]:
        found = before(asked)
        open_to_all = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "sqs:*"}
        found["Attributes"]["Policy"] = json.dumps(
            {"Statement": [*json.loads(found["Attributes"]["Policy"])["Statement"], open_to_all]}
        )
        return found

    answers["producer", "sqs", "GetQueueAttributes"] = opened


def other_log(answers: dict[tuple[str, str, str], Any]) -> None:
    answers["producer", "lambda", "GetFunctionConfiguration"]["LoggingConfig"] = {
        "LogGroup": "/aws/lambda/elsewhere"
    }


def old_key(answers: dict[tuple[str, str, str], Any]) -> None:
    (key,) = answers["storage", "iam", "ListAccessKeys"]["AccessKeyMetadata"]
    answers["storage", "iam", "ListAccessKeys"] = {
        "AccessKeyMetadata": [key | {"CreateDate": datetime.now(UTC) - timedelta(days=91)}]
    }


def finding(**more: Any) -> Change:
    found = {
        "id": "f-1",
        "resource": f"arn:aws:s3:::thumbx-images-{aws.NEW}",
        "isPublic": False,
        "principal": {"AWS": events.STRANGER},
    }
    return change("storage", "accessanalyzer", "ListFindings", {"findings": [found | more]})


BLOCK = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
TAMPERED: list[tuple[str, Change, str]] = [
    ("wiring+grants of the execution role", other_log, "where the program makes ThumbX-logs"),
    ("bucket policy", in_bucket_policy(lambda all_: all_.pop()), "DenyOtherPrefixes is missing"),
    (
        "bucket policy",
        in_bucket_policy(lambda all_: all_[0].update(Effect="Allow")),
        "DenyInsecureTransport differs",
    ),
    (
        "bucket policy",
        in_bucket_policy(lambda all_: all_.append({"Sid": "Mine", "Effect": "Allow"})),
        "Mine is not the program's",
    ),
    (
        "bucket policy",
        change("storage", "s3", "GetBucketPolicy", aws.gone("NoSuchBucketPolicy", "x")),
        "there is none",
    ),
    (
        "public access block",
        change(
            "storage",
            "s3",
            "GetPublicAccessBlock",
            {"PublicAccessBlockConfiguration": BLOCK | {"BlockPublicPolicy": False}},
        ),
        "'BlockPublicPolicy': False",
    ),
    (
        "public access block",
        change(
            "storage",
            "s3",
            "GetPublicAccessBlock",
            aws.gone("NoSuchPublicAccessBlockConfiguration", "x"),
        ),
        "None, not",
    ),
    (
        "ownership of uploads",
        change(
            "storage",
            "s3",
            "GetBucketOwnershipControls",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
        ),
        "ObjectWriter",
    ),
    (
        "versioning",
        change("storage", "s3", "GetBucketVersioning", {"Status": "Suspended"}),
        "Suspended",
    ),
    ("trust of ThumbXRole", in_trust("storage"), "statement 2 is not the program's"),
    ("trust of the execution role", in_trust("producer"), "statement 2 is not the program's"),
    (
        "grants of ThumbXRole",
        change(
            "storage",
            "iam",
            "ListAttachedRolePolicies",
            {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]},
        ),
        "AdministratorAccess is attached",
    ),
    (
        "grants of the execution role",
        change("producer", "iam", "ListRolePolicies", {"PolicyNames": ["ThumbX-producer-grants"]}),
        "AssumeThumbXRole is missing",
    ),
    ("queue policies", in_queue, "All is not the program's"),
    (
        "trail",
        change("storage", "cloudtrail", "GetTrailStatus", {"IsLogging": False}),
        "was stopped",
    ),
    (
        "analyzer findings, storage",
        finding(),
        f"is open to {{'AWS': '{events.STRANGER}'}} (finding f-1)",
    ),
    (
        "analyzer findings, storage",
        finding(isPublic=True, principal={"AWS": events.READER}),
        "is open to everybody",
    ),
    (
        "trail",
        change(
            "storage",
            "cloudtrail",
            "GetTrailStatus",
            {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"},
        ),
        "cannot deliver: NoSuchBucket",
    ),
    (
        "trail",
        lambda answers: answers["storage", "cloudtrail", "DescribeTrails"]["trailList"][0].update(
            LogFileValidationEnabled=False
        ),
        "has no log file validation",
    ),
    (
        "analyzer findings, producer",
        change("producer", "accessanalyzer", "ListAnalyzers", {"analyzers": []}),
        "no analyzer of external access is active",
    ),
    ("key ages", old_key, "key …1234 of alice is 91 days old"),
]


@pytest.mark.parametrize(("what", "tamper", "evidence"), TAMPERED)
def test_each_line_fails_for_its_own_part_alone(
    dev: Recording, used: Path, what: str, tamper: Change, evidence: str
) -> None:
    """A line that passes whatever is deployed is worse than none; exit code 1 wakes somebody."""
    found = aws.deployed(dev, used)
    tamper(found.answers)
    report = run(found, dev)
    failed = [line for line in report.lines if line.status != "pass"]
    assert [(line.what, line.status) for line in failed] == [
        (each, "fail") for each in what.split("+")
    ]
    assert evidence in failed[0].evidence
    assert failed[0].remedy
    assert EXIT[report.status] == 1


def test_a_trail_that_does_not_see_the_bucket_is_no_trail(dev: Recording, used: Path) -> None:
    """It is on, it delivers, and nobody's reading of a picture is ever in it."""
    found = aws.deployed(dev, used)
    answer = found.answers["storage", "cloudtrail", "GetEventSelectors"]
    answer["AdvancedEventSelectors"] = answer["AdvancedEventSelectors"][:1]
    failed = {line.what for line in run(found, dev).lines if line.status == "fail"}
    assert failed == {"trail", "trail's selectors"}


@pytest.mark.parametrize("basic", [False, True])
def test_a_trail_of_writes_alone_is_known_as_such(dev: Recording, used: Path, basic: bool) -> None:
    """It cannot say who saw a picture; neither form of selector may pass for one that can."""
    found = aws.deployed(dev, used)
    bucket, key = f"thumbx-images-{aws.NEW}", ("storage", "cloudtrail", "GetEventSelectors")
    if basic:
        objects = {"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{bucket}/"]}
        selector = {"IncludeManagementEvents": True, "DataResources": [objects]}
        found.answers[key] = {"EventSelectors": [selector | {"ReadWriteType": "WriteOnly"}]}
    else:
        (objects,) = (
            each
            for each in found.answers[key]["AdvancedEventSelectors"]
            if len(each["FieldSelectors"]) > 1
        )
        objects["FieldSelectors"].append({"Field": "readOnly", "Equals": ["false"]})
    trail = find_trail(found.access(), bucket)
    assert trail is not None
    assert not sees(trail, bucket)
    failed = [line.what for line in run(found, dev).lines if line.status == "fail"]
    assert failed == ["trail's selectors"]
    now = datetime.now(UTC)
    window = Window(start=now - timedelta(days=1), end=now)
    accounts = (events.A, events.B)
    source = sources.deployed(bucket, accounts, found.access(), window, lambda each: each)
    assert source.gaps == [sources.PARTLY]


def test_a_permission_that_nobody_used_is_named(dev: Recording, tmp_path: Path) -> None:
    """What nobody needs is only there for whoever steals it."""
    trail = events.Trail()
    thumbx = events.role_session(events.THUMBX_ROLE, "s", "ASIA1")
    now = datetime.now(UTC) - timedelta(hours=1)
    trail.object(now, "PutObject", "thumbnails/a.jpg/small.jpg", thumbx)
    trail.object(now, "GetObject", "originals/a.jpg", thumbx, "AccessDenied")
    trail.records = json.loads(json.dumps(trail.records).replace(aws.OLD, aws.NEW))
    trail.write(tmp_path)
    (line,) = [
        line
        for line in run(aws.deployed(dev, tmp_path), dev).lines
        if line.what == "unused permissions"
    ]
    role = events.THUMBX_ROLE.replace(aws.OLD, aws.NEW)
    assert line.status == "fail"
    assert line.evidence.split("; ") == [
        f"{role} never used s3:GetObject",
        f"{events.UPLOADER} never used s3:PutObject",
        f"{events.READER} never used s3:GetObject",
    ]


def test_what_cannot_be_read_is_unknown_and_neither_pass_nor_fail(
    dev: Recording, used: Path
) -> None:
    """Exit code 2, and the line says which right is missing."""
    found = aws.deployed(dev, used)
    found.answers["storage", "accessanalyzer", "ListAnalyzers"] = aws.denied("ListAnalyzers")
    report = run(found, dev)
    (line,) = [line for line in report.lines if line.status != "pass"]
    assert (line.what, line.status) == ("analyzer findings, storage", "unknown")
    assert "python -m audit policy storage" in line.evidence
    assert EXIT[report.status] == 2


def test_a_bucket_that_tells_nobody_is_a_failure(dev: Recording) -> None:
    """There is nothing to follow, and that is the finding."""
    found = aws.deployed(dev)
    found.answers["storage", "s3", "GetBucketNotificationConfiguration"] = {}
    report = run(found, dev)
    assert [(line.what, line.status) for line in report.lines] == [("wiring", "fail")]
    assert "who --changes" in report.lines[0].evidence
