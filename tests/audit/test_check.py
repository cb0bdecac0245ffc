"""`check`: each line fails if its own part of the deployment is changed, and only then."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from audit.accounts.permissions import STORAGE
from audit.checks.report import EXIT, CheckReport, check
from audit.checks.trails import UNMANAGED
from audit.evidence import sources
from audit.evidence.trails import WRITES, find_trails, logged
from audit.evidence.window import Window
from tests.audit import aws, events
from tests.recorded import record

if TYPE_CHECKING:
    from pathlib import Path

    from audit.accounts.wiring import Wiring
    from audit.checks.result import CheckResult
    from recording.recording import Recording
    from tests.audit.aws import Aws

KEY = {"storage.encryption": "kms"}
Change = Callable[[dict[tuple[str, str, str], Any]], None]


@pytest.fixture(scope="session")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trail of this deployment in which every permission was used."""
    return write(tmp_path_factory.mktemp("used"))


@pytest.fixture(scope="session")
def used_there(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trail as in `used`, but of a bucket that was there before."""
    return write(tmp_path_factory.mktemp("used-there"), bucket=aws.THEIRS)


def write(folder: Path, *, reads: bool = True, bucket: str = f"thumbx-images-{aws.NEW}") -> Path:
    """The records of one picture; without `reads`, those of a trail that logs only writes."""
    trail = events.RecordedTrail()
    now = datetime.now(UTC)
    trail.picture(now - timedelta(hours=1), "a.jpg", 1, events.access_key(1))
    text = json.dumps(trail.records).replace(events.BUCKET, bucket)
    records = json.loads(text.replace(aws.OLD, aws.NEW))
    trail.records = {
        account: [e for e in some if reads or e["managementEvent"] or not e["readOnly"]]
        for account, some in records.items()
    }
    trail.write(folder)
    return folder


def run(found: Aws, dev: Recording) -> CheckReport:
    access = found.access()
    now = datetime.now(UTC)
    window = Window(start=now - timedelta(days=1), end=now)

    def source(wiring: Wiring) -> sources.Source:
        return sources.deployed(wiring.pictures, wiring.accounts, access, window, lambda each: each)

    bucket = dev.exports["bucket"].replace(aws.OLD, aws.NEW)
    return check(access, bucket, dev, source, window, 90)


def test_a_deployment_as_the_program_says_passes_every_line(dev: Recording, used: Path) -> None:
    """The exit code is 0, so that cron sends no mail."""
    report = run(aws.deployed(dev, used), dev)
    off = [line.what for line in report.lines if line.status == "off"]
    assert [line for line in report.lines if line.status not in ("pass", "off")] == []
    assert off == ["trust of the sending role", "grants of the sending role", "key"]
    assert EXIT[report.status] == 0
    assert len(report.lines) == 35


ADOPTING = {"storage.bucket": aws.THEIRS}
OWNERS = ["bucket policy", "public access block", "ownership of uploads", "versioning"]


def test_a_bucket_that_was_there_before_is_checked_as_far_as_it_is_ours(used_there: Path) -> None:
    """Its owner's policy and settings are no fault of the deployment."""
    adopting = record("dev", ADOPTING)
    report = run(aws.deployed(adopting, used_there), adopting)
    assert [line for line in report.lines if line.status not in ("pass", "off")] == []
    off = [line.what for line in report.lines if line.status == "off"]
    assert off[:6] == [*OWNERS, "lifecycle", "encryption"]


def test_a_switch_that_somebody_turned_off_is_a_fault(used_there: Path) -> None:
    """No upload sends an event any more, and nothing else in the deployment shows it."""
    adopting = record("dev", ADOPTING)
    found = aws.deployed(adopting, used_there)
    found.answers["storage", "s3", "GetBucketNotificationConfiguration"] = {}
    wrong = [line for line in run(found, adopting).lines if line.status == "fail"]
    assert [(line.what, line.evidence) for line in wrong] == [
        ("notification", "EventBridge is off")
    ]
    assert "make adopt ARGS=enable" in wrong[0].remedy


def change(account: str, service: str, operation: str, value: Any) -> Change:
    return lambda answers: answers.__setitem__((account, service, operation), value)


def of(bucket: str, operation: str, value: Any) -> Change:
    """Another answer for one of the two buckets; `value` may be a function of the answer."""

    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        before = answers["storage", "s3", operation]

        def answer(asked: dict[str, Any]) -> Any:
            given = before(asked) if callable(before) else before
            if asked["Bucket"] != bucket:
                return given
            return value(given) if callable(value) else value

        answers["storage", "s3", operation] = answer

    return apply


def in_policy(bucket: str, edit: Callable[[list[dict[str, Any]]], Any]) -> Change:
    def edited(answer: dict[str, Any]) -> dict[str, Any]:
        document = json.loads(answer["Policy"])
        edit(document["Statement"])
        return {"Policy": json.dumps(document)}

    return of(bucket, "GetBucketPolicy", edited)


def in_trust(account: str, logical: str) -> Change:
    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        role = answers[account, "iam", "GetRole"]({"RoleName": f"{logical}-{aws.NEW}"})["Role"]
        role["AssumeRolePolicyDocument"]["Statement"].append(
            {"Effect": "Allow", "Principal": {"AWS": events.STRANGER}, "Action": "sts:AssumeRole"}
        )

    return apply


def in_queues(account: str) -> Change:
    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        before = answers[account, "sqs", "GetQueueAttributes"]

        def opened(asked: dict[str, Any]) -> dict[str, Any]:
            found = before(asked)
            open_to_all = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "sqs:*"}
            there = json.loads(found["Attributes"]["Policy"])["Statement"]
            found["Attributes"]["Policy"] = json.dumps({"Statement": [*there, open_to_all]})
            return found

        answers[account, "sqs", "GetQueueAttributes"] = opened

    return apply


SENDER = "ThumbX-storage-forwarding-uploads"


def wider_grant(answers: dict[tuple[str, str, str], Any]) -> None:
    """The role that EventBridge uses may send to every queue."""
    before = answers["storage", "iam", "GetRolePolicy"]

    def widened(asked: dict[str, Any]) -> dict[str, Any]:
        found = before(asked)
        if asked["RoleName"].startswith(SENDER):
            found["PolicyDocument"]["Statement"][0]["Resource"] = "*"
        return found

    answers["storage", "iam", "GetRolePolicy"] = widened


def with_managed(answers: dict[tuple[str, str, str], Any]) -> None:
    """The role has every right beside its own."""
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    answers["storage", "iam", "ListAttachedRolePolicies"] = lambda asked: {
        "AttachedPolicies": [{"PolicyArn": arn}] if asked["RoleName"].startswith(SENDER) else []
    }


def without(member: str) -> Change:
    """The rule's target without one of its members."""

    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        before = answers["storage", "events", "ListTargetsByRule"]
        answers["storage", "events", "ListTargetsByRule"] = lambda asked: {
            "Targets": [
                {key: value for key, value in each.items() if key != member}
                for each in before(asked)["Targets"]
            ]
        }

    return apply


@pytest.mark.parametrize(
    ("part", "tamper", "evidence"),
    [
        (
            "trust of the sending role",
            in_trust("storage", SENDER),
            "statement 2 is not the program's",
        ),
        ("grants of the sending role", wider_grant, "SendUploads differs"),
        (
            "grants of the sending role",
            with_managed,
            "AdministratorAccess is attached",
        ),
        (
            "queue policies",
            in_queues("storage"),
            "All is not the program's",
        ),
        ("queue policies", without("DeadLetterConfig"), "has no dead-letter queue"),
        (
            "wiring+trust of the sending role+grants of the sending role+queue policies",
            without("RoleArn"),
            "the rule's target names no role",
        ),
    ],
    ids=["trust", "grant", "managed policy", "queue policy", "no queue", "no role"],
)
def test_what_sends_the_events_of_such_a_bucket_is_compared(
    used_there: Path, part: str, tamper: Change, evidence: str
) -> None:
    """Whoever may take the role, or write to its queue, can tell account A of uploads."""
    adopting = record("dev", ADOPTING)
    found = aws.deployed(adopting, used_there)
    tamper(found.answers)
    wrong = [e for e in run(found, adopting).lines if e.status not in ("pass", "off")]
    assert "+".join(line.what for line in wrong) == part
    assert evidence in "; ".join(line.evidence for line in wrong)
    assert {line.status for line in wrong} == {"fail"}


def other_log(answers: dict[tuple[str, str, str], Any]) -> None:
    answers["producer", "lambda", "GetFunctionConfiguration"]["LoggingConfig"] = {
        "LogGroup": "/aws/lambda/elsewhere"
    }


def of_age(days: int) -> Change:
    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        (key,) = answers["storage", "iam", "ListAccessKeys"]["AccessKeyMetadata"]
        created = datetime.now(UTC) - timedelta(days=days)
        answers["storage", "iam", "ListAccessKeys"] = {
            "AccessKeyMetadata": [key | {"CreateDate": created}]
        }

    return apply


def finding(**more: Any) -> Change:
    found = {
        "id": "f-1",
        "resource": f"arn:aws:s3:::thumbx-images-{aws.NEW}",
        "isPublic": False,
        "principal": {"AWS": events.STRANGER},
    }
    return change("storage", "accessanalyzer", "ListFindings", {"findings": [found | more]})


OPEN = {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "sns:*"}


def in_mapping(**more: Any) -> Change:
    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        answers["producer", "lambda", "ListEventSourceMappings"]["EventSourceMappings"][0] |= more

    return apply


def in_function(**more: Any) -> Change:
    return lambda answers: answers["producer", "lambda", "GetFunctionConfiguration"].update(more)


def elsewhere(answers: dict[tuple[str, str, str], Any]) -> None:
    """Refusals, with the keys of pictures, go to a queue of that name in another account."""
    function = answers["producer", "lambda", "GetFunctionConfiguration"]
    told = function["Environment"]["Variables"]
    url = told["REFUSED_QUEUE_URL"].replace(aws.NUMBERS["producer"], "333333333333")
    function["Environment"] = {"Variables": told | {"REFUSED_QUEUE_URL": url}}


def in_attributes(**more: Any) -> Change:
    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        before = answers["producer", "sqs", "GetQueueAttributes"]
        answers["producer", "sqs", "GetQueueAttributes"] = lambda asked: {
            "Attributes": before(asked)["Attributes"] | more
        }

    return apply


def in_list(account: str, service: str, operation: str, member: str, **more: Any) -> Change:
    """Every element of an answer's list otherwise."""

    def apply(answers: dict[tuple[str, str, str], Any]) -> None:
        before = answers[account, service, operation]
        answers[account, service, operation] = lambda asked: {
            member: [
                each | more for each in (before(asked) if callable(before) else before)[member]
            ]
        }

    return apply


def expiring(answer: dict[str, Any]) -> dict[str, Any]:
    """A lifecycle that deletes the pictures: no Deny stops it, and no trail records it."""
    rule = {"ID": "mine", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    return {"Rules": [*answer["Rules"], rule]}


def in_trail(account: str, **more: Any) -> Change:
    made = aws.trail(aws.NUMBERS[account], **more)
    return change(account, "cloudtrail", "DescribeTrails", {"trailList": [made]})


PRODUCER = events.EXECUTION_ROLE.replace(aws.OLD, aws.NEW)
IMAGES = f"thumbx-images-{aws.NEW}"
BLOCK = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
TAMPERED: list[tuple[str, Change, str]] = [
    ("wiring+grants of the execution role", other_log, "but the program makes ThumbX-logs"),
    ("bucket policy", in_policy(IMAGES, lambda all_: all_.pop()), "DenyOtherKeys is missing"),
    (
        "bucket policy",
        in_policy(IMAGES, lambda all_: all_[0].update(Effect="Allow")),
        "DenyInsecureTransport differs",
    ),
    (
        "bucket policy",
        in_policy(IMAGES, lambda all_: all_.append({"Sid": "Mine", "Effect": "Allow"})),
        "Mine is not the program's",
    ),
    (
        "bucket policy",
        of(IMAGES, "GetBucketPolicy", aws.gone("NoSuchBucketPolicy", "x")),
        "there is no such policy",
    ),
    (
        "public access block",
        of(
            IMAGES,
            "GetPublicAccessBlock",
            {"PublicAccessBlockConfiguration": BLOCK | {"BlockPublicPolicy": False}},
        ),
        "'BlockPublicPolicy': False",
    ),
    (
        "public access block",
        of(IMAGES, "GetPublicAccessBlock", aws.gone("NoSuchPublicAccessBlockConfiguration", "x")),
        "None, not",
    ),
    (
        "ownership of uploads",
        of(
            IMAGES,
            "GetBucketOwnershipControls",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
        ),
        "ObjectWriter",
    ),
    (
        "versioning",
        of(IMAGES, "GetBucketVersioning", {"Status": "Suspended"}),
        "Suspended",
    ),
    (
        "log bucket",
        in_policy(aws.LOG_BUCKET, lambda all_: all_.pop()),
        "DenyOtherChanges is missing",
    ),
    ("log bucket", of(aws.LOG_BUCKET, "GetBucketPolicy", aws.gone("NoSuchBucketPolicy", "x")), ""),
    (
        "log bucket",
        of(aws.LOG_BUCKET, "GetBucketVersioning", {"Status": "Suspended"}),
        "versioning: Suspended, not Enabled",
    ),
    (
        "log bucket",
        of(aws.LOG_BUCKET, "GetPublicAccessBlock", {"PublicAccessBlockConfiguration": {}}),
        "public access block: {}, not",
    ),
    (
        "trust of ThumbXRole",
        in_trust("storage", "ThumbXRole"),
        "statement 2 is not the program's",
    ),
    (
        "trust of the execution role",
        in_trust("producer", "ThumbX-producer"),
        "statement 2 is not the program's",
    ),
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
        change("producer", "iam", "ListRolePolicies", {"PolicyNames": ["ThumbX-producer-poller"]}),
        "AssumeThumbXRole is missing",
    ),
    ("queue policies", in_queues("producer"), "All is not the program's"),
    *(
        (
            f"trail, {account}",
            change(account, "cloudtrail", "GetTrailStatus", {"IsLogging": False}),
            "was stopped",
        )
        for account in aws.NUMBERS
    ),
    (
        "trail, producer+trail's selectors, producer",
        change("producer", "cloudtrail", "DescribeTrails", {"trailList": []}),
        "the program's trail thumbx-dev does not exist",
    ),
    (
        "trail, producer",
        in_trail("producer", S3BucketName="elsewhere"),
        "writes to elsewhere, but the program makes thumbx-logs",
    ),
    (
        "trail's selectors, producer",
        change("producer", "cloudtrail", "GetEventSelectors", {"AdvancedEventSelectors": []}),
        "no trail of the account has all management events",
    ),
    (
        "analyzer findings, storage",
        finding(),
        f"is open to {{'AWS': '{events.STRANGER}'}} (finding f-1)",
    ),
    (
        "analyzer findings, storage",
        finding(principal={"AWS": PRODUCER}),
        f"thumbx-images-{aws.NEW} is open to {{'AWS': '{PRODUCER}'}}",
    ),
    (
        "analyzer findings, storage",
        finding(resource=f"arn:aws:s3:::{aws.LOG_BUCKET}", principal={"AWS": PRODUCER}),
        f"{aws.LOG_BUCKET} is open to",
    ),
    (
        "analyzer findings, storage",
        finding(isPublic=True, principal={"AWS": events.READER}),
        "is open to everybody",
    ),
    (
        "trail, storage",
        change(
            "storage",
            "cloudtrail",
            "GetTrailStatus",
            {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"},
        ),
        "cannot deliver: NoSuchBucket",
    ),
    (
        "trail, storage",
        in_trail("storage", LogFileValidationEnabled=False),
        "has no log file validation",
    ),
    (
        "analyzer findings, producer",
        change("producer", "accessanalyzer", "ListAnalyzers", {"analyzers": []}),
        "no analyzer of external access is active",
    ),
    ("event source", in_mapping(State="Disabled"), "State is Disabled, not Enabled"),
    ("event source", in_mapping(BatchSize=1), "BatchSize is 1, not 10"),
    ("function", in_function(MemorySize=128), "MemorySize is 128"),
    ("function", in_function(Runtime="python3.9"), "Runtime is python3.9"),
    ("function", elsewhere, "333333333333/ThumbX-refused"),
    ("queues", in_attributes(MessageRetentionPeriod="60"), "MessageRetentionPeriod is 60"),
    ("queues", in_attributes(SqsManagedSseEnabled="false"), "SqsManagedSseEnabled is false"),
    ("lifecycle", of(IMAGES, "GetBucketLifecycleConfiguration", expiring), "'Days': 1"),
    (
        "lifecycle",
        of(IMAGES, "GetBucketLifecycleConfiguration", aws.gone("NoSuchLifecycleConfiguration", "")),
        "None, not",
    ),
    (
        "log bucket",
        of(aws.LOG_BUCKET, "GetBucketLifecycleConfiguration", expiring),
        "lifecycle: ",
    ),
    (
        "replication",
        change(
            "storage",
            "s3",
            "GetBucketReplication",
            {
                "ReplicationConfiguration": {
                    "Rules": [{"ID": "mine", "Destination": {"Bucket": "arn:aws:s3:::elsewhere"}}]
                }
            },
        ),
        "rule mine copies to arn:aws:s3:::elsewhere",
    ),
    *(
        case
        for account in aws.NUMBERS
        for case in (
            (
                f"alarms, {account}",
                in_list(
                    account, "cloudwatch", "DescribeAlarms", "MetricAlarms", ActionsEnabled=False
                ),
                "ActionsEnabled is False, not True",
            ),
            (
                f"alarms, {account}",
                in_list(account, "cloudwatch", "DescribeAlarms", "MetricAlarms", Threshold=1e9),
                "Threshold is 1000000000.0",
            ),
            (
                f"alarms, {account}",
                change(account, "cloudwatch", "DescribeAlarms", {"MetricAlarms": []}),
                "does not exist",
            ),
            (
                f"event rules, {account}",
                in_list(account, "events", "ListRules", "Rules", State="DISABLED"),
                "State is DISABLED, not ENABLED",
            ),
            (
                f"event rules, {account}",
                change(account, "events", "ListTargetsByRule", {"Targets": []}),
                "targets is []",
            ),
            (
                f"topics, {account}",
                change(account, "sns", "ListTopics", {"Topics": []}),
                "does not exist",
            ),
            (
                f"topics, {account}",
                change(
                    account,
                    "sns",
                    "GetTopicAttributes",
                    {"Attributes": {"Policy": json.dumps({"Statement": [OPEN]})}},
                ),
                "All is not the program's",
            ),
        )
    ),
    ("key ages", of_age(91), "key …1234 of alice is 91 days old"),
]


@pytest.mark.parametrize(("what", "tamper", "evidence"), TAMPERED)
def test_each_line_fails_for_its_own_part_alone(
    dev: Recording, used: Path, what: str, tamper: Change, evidence: str
) -> None:
    """A line that passes for any deployment is worse than none; exit code 1 raises an alarm."""
    found = aws.deployed(dev, used)
    tamper(found.answers)
    report = run(found, dev)
    failed = [line for line in report.lines if line.status not in ("pass", "off")]
    assert [(line.what, line.status) for line in failed] == [
        (each, "fail") for each in what.split("+")
    ]
    assert evidence in failed[0].evidence
    assert failed[0].remedy
    assert EXIT[report.status] == 1


def test_a_key_as_old_as_the_limit_passes(dev: Recording, used: Path) -> None:
    """The limit is the oldest age that is allowed, as the evidence says."""
    found = aws.deployed(dev, used)
    of_age(90)(found.answers)
    assert line_of(run(found, dev), "key ages").status == "pass"


def test_a_trail_that_does_not_see_the_bucket_is_no_trail(dev: Recording, used: Path) -> None:
    """The trail is on and delivers files, but no call on a picture is ever in them."""
    found = aws.deployed(dev, used)
    answer = found.answers["storage", "cloudtrail", "GetEventSelectors"]
    answer["AdvancedEventSelectors"] = answer["AdvancedEventSelectors"][:1]
    failed = {line.what for line in run(found, dev).lines if line.status == "fail"}
    assert failed == {"trail's selectors, storage"}


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
    (trail,) = find_trails(found.access(), STORAGE)
    assert logged(trail, (f"{bucket}/",)) == {WRITES}
    failed = [line.what for line in run(found, dev).lines if line.status == "fail"]
    assert failed == ["trail's selectors, storage"]
    now = datetime.now(UTC)
    window = Window(start=now - timedelta(days=1), end=now)
    accounts = (events.A, events.B)
    source = sources.deployed((f"{bucket}/",), accounts, found.access(), window, lambda each: each)
    # A basic event selector then selects no reads of the management events, and AssumeRole is a
    # read.
    assert source.gaps == [sources.PARTLY, *([sources.ONLY_KEPT] if basic else [])]


def test_a_permission_that_nobody_used_is_named(dev: Recording, tmp_path: Path) -> None:
    """A permission that nobody needs only serves a thief."""
    trail = events.RecordedTrail()
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
    (line,) = [line for line in report.lines if line.status not in ("pass", "off")]
    assert (line.what, line.status) == ("analyzer findings, storage", "unknown")
    assert "python -m audit policy storage" in line.evidence
    assert EXIT[report.status] == 2


def test_a_bucket_that_tells_nobody_is_a_failure(dev: Recording) -> None:
    """Without a notification there is nothing to follow, and this is the finding."""
    found = aws.deployed(dev)
    found.answers["storage", "s3", "GetBucketNotificationConfiguration"] = {}
    report = run(found, dev)
    assert [(line.what, line.status) for line in report.lines] == [("wiring", "fail")]
    assert "who --changes" in report.lines[0].evidence


def line_of(report: CheckReport, what: str) -> CheckResult:
    return next(line for line in report.lines if line.what == what)


def test_half_a_trail_judges_half_of_the_permissions(tmp_path: Path) -> None:
    """Reads may not be logged, to save the cost; that does not prove that nobody reads."""
    program = record("dev", {"watch.dataEvents": "writes"})
    report = run(aws.deployed(program, write(tmp_path, reads=False)), program)
    assert [line for line in report.lines if line.status not in ("pass", "off")] == []
    evidence = line_of(report, "unused permissions").evidence
    assert evidence.endswith("; thumbx-dev does not log the use of s3:GetObject")


def own_key(found: aws.Aws, program: Recording) -> str:
    """Let the pictures' bucket encrypt with a key of the account, as KMS names one."""
    key = f"arn:aws:kms:{events.REGION}:{events.B}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    encrypts = program.named("thumbx-images-encryption").inputs["rules"][0]
    if encrypts["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms":
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms",
                                                       "KMSMasterKeyID": key}}  # fmt: skip
        answer = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
        of(IMAGES, "GetBucketEncryption", answer)(found.answers)
    policy = found.answers["storage", "s3", "GetBucketPolicy"]
    recorded = f"arn:aws:kms:{events.REGION}:{events.B}:key/thumbx-images-key-{aws.NEW}"
    found.answers["storage", "s3", "GetBucketPolicy"] = lambda asked: {
        "Policy": policy(asked)["Policy"].replace(recorded, key)
    }
    (made,) = program.of("aws:kms/key:Key")
    found.answers |= {
        ("storage", "kms", "DescribeKey"): {"KeyMetadata": {"KeyId": key, "KeyState": "Enabled"}},
        ("storage", "kms", "GetKeyPolicy"): {
            "Policy": made.inputs["policy"]
            .replace(aws.OLD, aws.NEW)
            .replace("AROATHUMBXROLE000000", aws.ROLE_ID)
        },
        ("storage", "kms", "GetKeyRotationStatus"): {"KeyRotationEnabled": True},
    }
    for call in (("storage", "iam", "GetRolePolicy"), ("storage", "events", "ListRules")):
        found.answers[call] = functools.partial(
            lambda answer, asked: json.loads(json.dumps(answer(asked)).replace(recorded, key)),
            found.answers[call],
        )
    return key


def test_a_key_that_pictures_are_leaving_is_known_by_the_role(used: Path) -> None:
    """The bucket no longer encrypts with this key, but the key opens pictures as long as it
    exists.
    """
    program = record("dev", {"storage.encryption": "kms-to-s3"})
    found = aws.deployed(program, used)
    key = own_key(found, program)
    report = run(found, program)
    assert [line for line in report.lines if line.status not in ("pass", "off")] == []
    assert line_of(report, "key").evidence == f"{key} is enabled and rotates"
    found.answers["storage", "kms", "GetKeyPolicy"] = {"Policy": json.dumps({"Statement": [OPEN]})}
    assert line_of(run(found, program), "key").status == "fail"


def test_the_buckets_own_key_is_known_by_the_bucket(used: Path) -> None:
    """A key's ARN does not say whose key it is, and a grant on it to a stranger opens pictures."""
    program = record("dev", KEY | {"access.readers": [events.READER, events.STRANGER]})
    found = aws.deployed(program, used)
    key = own_key(found, program)
    finding(resource=key)(found.answers)
    assert [line for line in run(found, program).lines if line.status not in ("pass", "off")] == []
    finding(resource=key, principal={"AWS": PRODUCER})(found.answers)
    line = line_of(run(found, program), "analyzer findings, storage")
    assert f"{key} is open to {{'AWS': '{PRODUCER}'}}" in line.evidence


@pytest.mark.parametrize(
    ("operation", "answer", "evidence"),
    [
        ("DescribeKey", {"KeyMetadata": {"KeyId": "k", "KeyState": "PendingDeletion"}}, "Pending"),
        ("GetKeyRotationStatus", {"KeyRotationEnabled": False}, "KeyRotationEnabled is False"),
        ("GetKeyPolicy", {"Policy": json.dumps({"Statement": [OPEN]})}, "All is not the program's"),
    ],
)
def test_a_key_that_was_tampered_with_fails(
    used: Path, operation: str, answer: dict[str, Any], evidence: str
) -> None:
    """Policy, state and rotation are checked: if the key is deleted, every picture is
    unreadable.
    """
    program = record("dev", KEY)
    found = aws.deployed(program, used)
    own_key(found, program)
    assert line_of(run(found, program), "key").status == "pass"
    found.answers["storage", "kms", operation] = answer
    failed = [line for line in run(found, program).lines if line.status == "fail"]
    assert [line.what for line in failed] == ["key"]
    assert evidence in failed[0].evidence


def test_what_is_off_by_configuration_is_no_fault(used: Path) -> None:
    """A line that always fails is ignored."""
    program = record("dev", {"watch.storageAnalyzer": "off", "watch.producerAnalyzer": "off"})
    found = aws.deployed(program, used)
    for account in aws.NUMBERS:
        del found.answers[account, "accessanalyzer", "ListAnalyzers"]
    report = run(found, program)
    assert line_of(report, "key").evidence == "the program makes no key of its own"
    assert {
        line.what: line.evidence
        for line in report.lines
        if line.status != "pass" and line.what != "key" and "sending role" not in line.what
    } == {
        f"analyzer findings, {account}": f"thumbx:watch.{account}Analyzer is off"
        for account in aws.NUMBERS
    }
    assert {line.status for line in report.lines} == {"pass", "off"}
    assert EXIT[report.status] == 0


def test_an_account_whose_trails_have_no_sessions_fails(used: Path) -> None:
    """With `adopt`, another trail is assumed to have the sessions, and nothing else would notice
    that it has none.
    """
    program = record("dev", {"watch.managementEvents": "adopt"})
    failed = [
        (line.what, line.evidence)
        for line in run(aws.deployed(program, used), program).lines
        if line.status not in ("pass", "off")
    ]
    nobody = "no trail logs sessions, so a session that this account refused would be unknown"
    assert failed == [
        ("trail's selectors, storage", UNMANAGED),
        ("trail, producer", nobody),
        ("trail's selectors, producer", nobody),
    ]


def test_an_adopted_trail_that_cannot_be_read_is_unknown(used: Path) -> None:
    """The trail may log what it should, but only its own account can tell."""
    arn = f"arn:aws:cloudtrail:{events.REGION}:999999999999:trail/everything"
    options = {"watch.trail": arn, "watch.trailBucket": aws.LOG_BUCKET}
    program = record("dev", options | {"watch.managementEvents": "adopt"})
    found = aws.deployed(program, used)
    for account in aws.NUMBERS:
        described = aws.trail("", Name="everything", TrailARN=arn, IsOrganizationTrail=True)
        found.answers[account, "cloudtrail", "DescribeTrails"] = {"trailList": [described]}
        found.answers[account, "cloudtrail", "GetEventSelectors"] = aws.gone(
            "TrailNotFoundException", "GetEventSelectors"
        )
    report = run(found, program)
    assert [
        (line.what, line.status) for line in report.lines if line.status not in ("pass", "off")
    ] == [
        ("trail's selectors, storage", "unknown"),
        ("trail's selectors, producer", "unknown"),
        ("unused permissions", "unknown"),
    ]
    assert line_of(report, "trail's selectors, producer").remedy.endswith(arn)
    assert EXIT[report.status] == 2
