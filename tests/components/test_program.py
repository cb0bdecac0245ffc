"""The registered program: accounts, order, protection, and what each side is given."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from proof.variants import STACKS
from recording.errors import RecordingError
from recording.program import PROJECT
from recording.recording import UNKNOWN, Recording, Resource
from tests.filled import filled
from tests.recorded import configuration, record

A, B = "111111111111", "222222222222"
CLASS = re.compile(r"^class (\w+)\(pulumi.ComponentResource\)", re.MULTILINE)


def custom(program: Recording) -> list[Resource]:
    """The resources that exist in AWS."""
    return [each for each in program.resources if each.token.startswith("aws:")]


def waits(program: Recording, name: str) -> set[str]:
    """Everything that a resource waits for, directly or not."""
    known: set[str] = set()
    new = set(program.named(name).waits_for)
    while new:
        known |= new
        new = {
            gate
            for each in program.resources
            if each.name in new and each.token.startswith("aws:")
            for gate in each.waits_for
        } - known
    return known


def test_every_resource_is_in_the_account_of_its_side(program: Recording) -> None:
    """A bucket in the producer's account would give the pictures to the wrong account."""
    for each in custom(program):
        in_storage = each.token.startswith("aws:s3/") or each.name.startswith(
            ("ThumbXRole", "ThumbX-storage-")
        )
        assert each.account == (B if in_storage else A), f"{each.token} {each.name}"
    roles = {each.name: each.account for each in program.of("aws:iam/role:Role")}
    forwarding = {"ThumbX-pipeline-forwarding": A, "ThumbX-storage-forwarding": B}
    assert roles == {"ThumbX-producer": A, "ThumbXRole": B} | (
        forwarding if program.stack == "dev" else {}
    )


def test_no_resource_lacks_an_explicit_provider(program: Recording) -> None:
    """Without one the resource uses whatever account the shell's credentials belong to."""
    assert {each.provider for each in custom(program)} == {"producer", "storage"}


def test_default_providers_are_disabled_for_every_stack() -> None:
    """The engine enforces this; mocks do not."""
    for stack in ("dev", "sandbox"):
        assert json.loads(configuration(stack)["pulumi:disable-default-providers"]) == ["*"]


def test_a_provider_works_in_its_account_only(dev: Recording) -> None:
    """A profile that points at the wrong account fails before it changes anything."""
    providers = {each.name: each.inputs for each in dev.of("pulumi:providers:aws")}
    for name, account in {"producer": A, "storage": B}.items():
        provider = providers[name]
        assert json.loads(provider["allowedAccountIds"]) == [account]
        assert provider["region"] == "eu-central-1"
        assert provider["profile"] == f"thumbx-dev-{name}"
        assert "accessKey" not in provider
        assert "endpoints" not in provider


def test_everything_says_whose_it_is_and_which_stack_made_it(dev: Recording) -> None:
    """The tags come through the providers, so that no resource can be forgotten; bills are
    sorted by these tags.
    """
    tags = {"cost-centre": "4711", "environment": "dev", "owner": "pictures"}
    for provider in filled(dev.of("pulumi:providers:aws")):
        assert json.loads(provider.inputs["defaultTags"]) == {
            "tags": tags | {"project": "thumbx", "stack": "dev"}
        }


@pytest.mark.parametrize(
    ("waiting", "gate"),
    [
        ("ThumbXRole", "ThumbX-producer"),
        ("thumbx-images-notification", "ThumbX-uploads-policy"),
        ("ThumbX-function", "ThumbX-producer-poller"),
        ("ThumbX-function", "ThumbX-logs"),
        ("ThumbX-function", "ThumbXRole-grants"),
        ("ThumbX-function", "thumbx-images-policy"),
        ("ThumbX-producer-grants", "ThumbX-function"),
        ("ThumbX-uploads-to-function", "ThumbX-producer-grants"),
        ("thumbx-images-lifecycle", "thumbx-images-versioning"),
    ],
)
def test_nothing_is_made_before_it_can_be_used(program: Recording, waiting: str, gate: str) -> None:
    """Each of these fails, or silently loses the first pictures, when made the other way round."""
    assert gate in program.named(waiting, _token(program, waiting)).waits_for or gate in waits(
        program, waiting
    )


@pytest.mark.parametrize(
    ("waiting", "gate"),
    [
        ("ThumbX-uploads-to-function", "ThumbX-producer-grants"),
        ("thumbx-images-notification", "ThumbX-uploads-policy"),
        ("ThumbX-function", "ThumbX-producer-poller"),
    ],
)
def test_an_output_carries_its_gate_itself(program: Recording, waiting: str, gate: str) -> None:
    """The wait must not depend on another dependency that a later change may remove."""
    assert gate in program.named(waiting, _token(program, waiting)).waits_for


def test_nothing_waits_for_a_component(program: Recording) -> None:
    """The resource would wait for all of the component's descendants, including future ones."""
    components = {each.name for each in program.resources if each.token.startswith("thumbx:")}
    for each in filled(custom(program)):
        assert not components & set(each.waits_for), each.name


def test_the_bucket_and_its_settings_are_protected_and_the_roles_are_not(dev: Recording) -> None:
    """A protected role cannot be replaced; an unprotected setting would be deleted before the
    bucket.
    """
    protected = {each.name for each in custom(dev) if each.protect}
    settings = {
        each.name
        for each in custom(dev)
        if each.token.startswith("aws:s3/") and "Notification" not in each.token
    }
    assert protected == settings
    assert not dev.named("thumbx-images").inputs["forceDestroy"]


def test_one_option_makes_everything_deletable() -> None:
    """To delete on purpose: `thumbx:storage.deletable`, up, destroy; an incomplete option would
    leave a bucket.
    """
    program = record("dev", {"storage.deletable": True})
    assert not [each.name for each in program.resources if each.protect]
    assert program.named("thumbx-images").inputs["forceDestroy"] is True


NAMES = frozenset(
    [
        *("name", "namePrefix", "bucketPrefix", "analyzerName", "dashboardName", "layerName"),
        *("policyName", "ruleName"),
    ]
)
NAMED_BY_ANOTHER = "aws:accessanalyzer/archiveRule:ArchiveRule"  # analyzerName is its analyzer's


def test_the_types_of_components_stay_what_they_are(dev: Recording) -> None:
    """A component's type is part of every URN below it. If it were renamed, Pulumi would make the
    bucket again, and delete the old one with its contents. (Use `aliases` to rename a type.)"""
    tokens = {each.token for each in dev.resources if each.token.startswith("thumbx:")}
    assert {
        "thumbx:producer:ProducerRole",
        "thumbx:producer:Queues",
        "thumbx:producer:ThumbFunction",
        "thumbx:producer:ThumbProducer",
        "thumbx:storage:PrivateBucket",
        "thumbx:storage:ThumbStore",
        "thumbx:storage:UploadNotification",
        "thumbx:watch:StorageTrail",
    } <= tokens


def test_the_type_of_each_component_is_its_folder_and_class(dev: Recording) -> None:
    """So that a URN leads to the code, and no second pattern grows beside the first."""
    bootstrap = record("dev-storage", {"thumbx-bootstrap:stateBucket": True}, project="bootstrap")
    adopting = record("dev", {"storage.bucket": "their-pictures"})
    tokens = {
        each.token
        for program in (dev, adopting, bootstrap)
        for each in program.resources
        if each.token.startswith("thumbx:")
    }
    expected = {
        f"thumbx:{file.parent.name}:{found}"
        for folder in ("components", "bootstrap")
        for file in (PROJECT / folder).rglob("*.py")
        for found in CLASS.findall(file.read_text())
    }
    assert tokens == expected


@pytest.mark.parametrize(
    ("stack", "options", "project"),
    [("dev", {}, "."), ("dev-storage", {"thumbx-bootstrap:stateBucket": True}, "bootstrap")],
)
def test_every_bucket_is_closed_versioned_encrypted_and_cleaned(
    stack: str, options: dict[str, Any], project: str
) -> None:
    """A bucket that is put together by hand lacks settings: the state bucket once lacked three."""
    program = record(stack, options, project=project)
    buckets = program.of("aws:s3/bucket:Bucket")
    assert buckets
    for bucket in buckets:
        settings = {
            each.token.rpartition(":")[2]: each.inputs
            for each in program.resources
            if each.inputs.get("bucket") == bucket.outputs["bucket"]
        }
        assert settings["BucketVersioning"]["versioningConfiguration"] == {"status": "Enabled"}
        assert set(settings["BucketPublicAccessBlock"].values()) == {bucket.outputs["bucket"], True}
        assert settings["BucketOwnershipControls"]["rule"] == {
            "objectOwnership": "BucketOwnerEnforced"
        }
        (encryption,) = settings["BucketServerSideEncryptionConfiguration"]["rules"]
        assert encryption["blockedEncryptionTypes"] == ["SSE-C"]
        rules = settings["BucketLifecycleConfiguration"]["rules"]
        assert [rule for rule in rules if "abortIncompleteMultipartUpload" in rule]
        assert [rule for rule in rules if "noncurrentVersionExpiration" in rule]
        first, second, *_ = json.loads(settings["BucketPolicy"]["policy"])["Statement"]
        assert (first["Sid"], second["Sid"]) == ("DenyInsecureTransport", "DenyOldTls")


def test_what_a_bucket_has_once_keeps_its_name(dev: Recording) -> None:
    """If it is renamed, the engine makes the new one, which replaces the old one on the bucket, and
    then deletes it: the bucket has no policy, no encryption or no public access block."""
    once = {each.name for each in custom(dev) if each.token.startswith("aws:s3/bucket")}
    assert {
        "thumbx-images",
        "thumbx-images-encryption",
        "thumbx-images-lifecycle",
        "thumbx-images-notification",
        "thumbx-images-ownership",
        "thumbx-images-policy",
        "thumbx-images-public-access",
        "thumbx-images-versioning",
    } <= once


def test_a_session_of_thumbxrole_lasts_an_hour(dev: Recording) -> None:
    """This is the longest that STS allows for a role that another role assumes; the handler asks
    for exactly that.
    """
    assert dev.named("ThumbXRole").inputs["maxSessionDuration"] == 3600


def test_no_role_of_the_program_gives_a_session_of_more_than_an_hour(dev: Recording) -> None:
    """An hour is IAM's default. A stolen session of twelve hours outlives the night."""
    roles = dev.of("aws:iam/role:Role")
    assert len(roles) >= 2
    longest = {each.name: each.inputs.get("maxSessionDuration", 3600) for each in roles}
    assert {name: seconds for name, seconds in longest.items() if seconds > 3600} == {}


def test_the_function_expects_the_storage_account_to_own_the_bucket(dev: Recording) -> None:
    """With the producer's id every call would be refused; without any, a bucket of the same name
    that somebody else made would get the thumbnails."""
    variables = dev.named("ThumbX-function").inputs["environment"]["variables"]
    assert variables["BUCKET_OWNER"] == "222222222222"
    assert variables["BUCKET"] == dev.named("thumbx-images").outputs["bucket"]


def test_physical_names_are_left_to_pulumi_but_for_these(dev: Recording) -> None:
    """A fixed name would leave B trusting the dead role's internal id after a replacement. The log
    bucket's policy names the trail before the trail exists; for the other types the provider
    generates no name.
    """
    fixed = {
        each.name: {key: value for key, value in each.inputs.items() if key in NAMES}
        for each in custom(dev)
        if each.token != NAMED_BY_ANOTHER
    }
    assert {name: given for name, given in fixed.items() if given} == {
        "ThumbX-layer": {"layerName": "ThumbX-dev"},
        "ThumbX-pipeline-analyzer": {"analyzerName": "thumbx-dev"},
        "ThumbX-pipeline-dashboard": {"dashboardName": "thumbx-dev-producer"},
        "ThumbX-pipeline-events": {"name": "/aws/events/ThumbX-pipeline-dev"},
        "ThumbX-pipeline-events-policy": {"policyName": "thumbx-dev-ThumbX-pipeline-events"},
        "ThumbX-pipeline-trail": {"name": "thumbx-dev"},
        "ThumbX-storage-analyzer": {"analyzerName": "thumbx-dev"},
        "ThumbX-storage-dashboard": {"dashboardName": "thumbx-dev-storage"},
        "ThumbX-storage-events": {"name": "/aws/events/ThumbX-storage-dev"},
        "ThumbX-storage-events-policy": {"policyName": "thumbx-dev-ThumbX-storage-events"},
        "ThumbX-storage-trail": {"name": "thumbx-dev"},
    }


@pytest.mark.parametrize("kind", ["iam/role:Role", "sqs/queue:Queue", "s3/bucket:Bucket"])
def test_what_policies_are_bound_to_has_no_name_of_ours(program: Recording, kind: str) -> None:
    """A role that is made again under its old name would look the same, but IAM treats it as
    another role.
    """
    for each in filled(program.of(f"aws:{kind}")):
        assert not NAMES & set(each.inputs), each.name
        assert "bucket" not in each.inputs, each.name


@pytest.mark.parametrize("bucket", ["thumbx-images", "thumbx-logs"])
def test_the_public_access_block_is_on(dev: Recording, bucket: str) -> None:
    """This is the second protection: without it one wrong policy opens every picture, or the
    evidence.
    """
    block = dict(dev.named(f"{bucket}-public-access").inputs)
    assert block.pop("bucket") == f"{bucket}-0a1b2c3"
    assert block == {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }


def test_the_bucket_is_owned_encrypted_versioned_and_cleaned(dev: Recording) -> None:
    """The settings that every audit asks for first."""
    inputs = {
        each.token.partition(":")[2].partition(":")[2]: each.inputs
        for each in custom(dev)
        if each.name.startswith("thumbx-images")
    }
    assert inputs["BucketOwnershipControls"]["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert inputs["BucketVersioning"]["versioningConfiguration"] == {"status": "Enabled"}
    assert inputs["BucketServerSideEncryptionConfiguration"]["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"},
            "blockedEncryptionTypes": ["SSE-C"],
        }
    ]
    assert inputs["BucketLifecycleConfiguration"]["rules"] == [
        {
            "id": "unfinished-uploads",
            "status": "Enabled",
            "filter": {},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
        },
        {
            "id": "old-versions",
            "status": "Enabled",
            "filter": {},
            "noncurrentVersionExpiration": {"noncurrentDays": 30},
            "expiration": {"expiredObjectDeleteMarker": True},
        },
    ]


def test_the_queues_outlast_the_function_and_keep_what_failed(dev: Recording) -> None:
    """A message that comes back while it is still being processed makes each picture twice."""
    uploads = dev.named("ThumbX-uploads").inputs
    assert uploads["visibilityTimeoutSeconds"] == 6 * dev.named("ThumbX-function").inputs["timeout"]
    assert uploads["messageRetentionSeconds"] == 10 * 24 * 3600
    (age,) = [
        each.inputs
        for each in dev.of("aws:cloudwatch/metricAlarm:MetricAlarm")
        if each.inputs.get("metricName") == "ApproximateAgeOfOldestMessage"
    ]
    assert age["threshold"] < uploads["messageRetentionSeconds"] / 24
    redrive = dev.named("ThumbX-uploads-redrive")
    assert redrive.inputs["queueUrl"] == dev.named("ThumbX-uploads").outputs["url"]
    assert json.loads(redrive.inputs["redrivePolicy"]) == {
        "deadLetterTargetArn": dev.named("ThumbX-dead-letters").outputs["arn"],
        "maxReceiveCount": 5,
    }
    for queue in dev.of("aws:sqs/queue:Queue"):
        assert queue.inputs["sqsManagedSseEnabled"] is True, queue.name
    for name in ("ThumbX-dead-letters", "ThumbX-refused"):
        assert dev.named(name).inputs["messageRetentionSeconds"] == 14 * 24 * 3600


def test_a_queue_that_is_made_again_can_leave_its_dead_letters(dev: Recording) -> None:
    """SQS refuses a new queue if the dead-letter queue allows only another queue's ARN, so that
    setting comes later.
    """
    assert "redrivePolicy" not in dev.named("ThumbX-uploads").inputs
    assert "ThumbX-dead-letters-redrive" in dev.named("ThumbX-uploads-redrive").waits_for
    assert "ThumbX-uploads-redrive" in dev.named("ThumbX-uploads-to-function").waits_for


def test_one_bad_record_fails_alone_and_the_function_is_bounded(dev: Recording) -> None:
    """Otherwise one picture has nine good ones delivered again, and a burst uses up the account's
    concurrency.
    """
    source = dev.named("ThumbX-uploads-to-function").inputs
    assert source["eventSourceArn"] == dev.named("ThumbX-uploads").outputs["arn"]
    assert source["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["batchSize"] == 10
    assert source["scalingConfig"] == {"maximumConcurrency": 10}


def test_the_function_is_what_the_settings_say(dev: Recording) -> None:
    """Runtime, size and log format are read by the layer, the bill and the audit."""
    function = dev.named("ThumbX-function").inputs
    assert function["runtime"] == "python3.13"
    assert function["handler"] == "handler.entry.handler"
    assert function["architectures"] == ["x86_64"]
    assert function["timeout"] == 60
    assert function["layers"] == [dev.named("ThumbX-layer").outputs["arn"]]
    assert function["loggingConfig"] == {
        "logFormat": "JSON",
        "logGroup": dev.named("ThumbX-logs").outputs["name"],
        "applicationLogLevel": "INFO",
    }
    assert dev.named("ThumbX-logs").inputs["retentionInDays"] == 90


def test_on_an_emulator_no_layer_shadows_this_machines_packages() -> None:
    """The layer holds wheels for Lambda's platform, so with `pulumi up --stack sandbox` nothing
    could be imported.
    """
    assert record("sandbox").named("ThumbX-function").inputs.get("layers") is None


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "CRITICAL"])
def test_lambdas_own_level_is_info_whatever_ours_is(level: str) -> None:
    """Above INFO, metrics are dropped and the alarms never ring; below INFO, botocore logs
    credentials.
    """
    function = record("dev", {"function.logLevel": level}).named("ThumbX-function").inputs
    assert function["loggingConfig"]["applicationLogLevel"] == "INFO"
    assert function["environment"]["variables"]["POWERTOOLS_LOG_LEVEL"] == level


def test_the_function_learns_the_role_from_target_role_arn_alone(dev: Recording) -> None:
    """A second source would be wrong after the role is replaced."""
    variables = dev.named("ThumbX-function").inputs["environment"]["variables"]
    arn = dev.named("ThumbXRole").outputs["arn"]
    assert [name for name, value in variables.items() if arn in value] == ["TARGET_ROLE_ARN"]


def test_the_header_of_thumbnails_is_told_to_the_function_and_by_default_none(
    dev: Recording,
) -> None:
    """Another environment updates the function; nobody who does not ask for it shall get that."""
    plain = dev.named("ThumbX-function").inputs["environment"]["variables"]
    cached = record("dev", {"thumbnails.cacheControl": "public, max-age=60"})
    variables = cached.named("ThumbX-function").inputs["environment"]["variables"]
    assert variables == plain | {"CACHE_CONTROL": "public, max-age=60"}


def test_prefixes_agree_across_filter_grant_refusal_and_handler() -> None:
    """Otherwise a picture would be stored where no event is sent, or where nobody may read it."""
    changed = {"thumbnails.originalsPrefix": "in/raw/", "thumbnails.thumbnailsPrefix": "out/"}
    program = record("dev", changed)
    variables = program.named("ThumbX-function").inputs["environment"]["variables"]
    assert variables["ORIGINALS_PREFIX"] == "in/raw/"
    assert variables["THUMBNAILS_PREFIX"] == "out/"
    notification = program.named("thumbx-images-notification").inputs["queues"]
    assert [each["filterPrefix"] for each in notification] == ["in/raw/"]
    bucket = program.named("thumbx-images").outputs["arn"]
    grants = json.loads(program.named("ThumbXRole-grants").inputs["policy"])["Statement"]
    assert [each["Resource"] for each in grants] == [
        f"{bucket}/in/raw/*",
        f"{bucket}/out/*",
        bucket,
    ]
    assert grants[2]["Condition"]["StringLike"] == {"s3:prefix": "in/raw/*"}
    for each in program.resources:
        text = json.dumps(each.inputs)
        assert "originals/" not in text, each.name
        assert "thumbnails/" not in text, each.name
    assert "/in/raw/" in program.exports["first_upload"]


def test_the_notification_is_the_buckets_only_one_and_tells_of_uploads_and_removals(
    dev: Recording,
) -> None:
    """A second one would silently replace it. `LifecycleExpiration:*` would also send an event for
    each noncurrent version that the bucket's own lifecycle deletes, which nobody needs."""
    (notification,) = dev.of("aws:s3/bucketNotification:BucketNotification")
    assert notification.inputs["queues"] == [
        {
            "id": "uploads",
            "queueArn": dev.named("ThumbX-uploads").outputs["arn"],
            "events": [
                "s3:ObjectCreated:*",
                "s3:ObjectRemoved:*",
                "s3:LifecycleExpiration:DeleteMarkerCreated",
            ],
            "filterPrefix": "originals/",
        }
    ]
    assert notification.provider == "storage"
    (parent,) = [each for each in dev.resources if each.token.endswith(":UploadNotification")]
    assert parent.parent == "thumbx-dev", "as a child of the store the program hangs"


def test_the_exports_are_what_a_person_needs_next(dev: Recording) -> None:
    """Everything that the README's next step asks for, and nothing secret."""
    assert dev.exports == {
        "bucket": "thumbx-images-0a1b2c3",
        "thumbx_role_arn": f"arn:aws:iam::{B}:role/ThumbXRole-0a1b2c3",
        "queue_url": f"https://sqs.eu-central-1.amazonaws.com/{A}/ThumbX-uploads-0a1b2c3",
        "refused_queue_url": f"https://sqs.eu-central-1.amazonaws.com/{A}/ThumbX-refused-0a1b2c3",
        "dead_letter_queue_url": (
            f"https://sqs.eu-central-1.amazonaws.com/{A}/ThumbX-dead-letters-0a1b2c3"
        ),
        "function_name": "ThumbX-function-0a1b2c3",
        "log_group": "ThumbX-logs-0a1b2c3",
        "key_arn": None,  # of its own; with encryption kms-to-s3 another name says that it goes
        "trail_bucket": "thumbx-logs-0a1b2c3",
        "producer_alerts": f"arn:aws:sns:eu-central-1:{A}:ThumbX-pipeline-alerts-0a1b2c3",
        "storage_alerts": f"arn:aws:sns:eu-central-1:{B}:ThumbX-storage-alerts-0a1b2c3",
        "first_upload": "aws s3 cp samples/rocket.jpg s3://thumbx-images-0a1b2c3/originals/rocket.jpg",
    }


def test_a_wrong_value_stops_the_program_before_its_first_resource() -> None:
    """A stack that is half made is worse than none."""
    with pytest.raises(RecordingError, match="thumbx:region is 'eu-west-9'") as refusal:
        record("dev", {"region": "eu-west-9"})
    assert "ConfigError" in str(refusal.value)


def test_a_preview_with_nothing_known_shows_the_same_program(program: Recording) -> None:
    """A resource that is made inside `apply`, or left out while a value is unknown, would appear
    only at `pulumi up`.
    """
    preview = record(program.stack, preview=True)
    assert {(each.token, each.name, each.waits_for) for each in preview.resources} == {
        (each.token, each.name, each.waits_for) for each in program.resources
    }
    assert preview.named("thumbx-images-policy").inputs["policy"] == UNKNOWN


@pytest.mark.parametrize(("megabytes", "warned"), [(512, True), (1769, False)])
def test_a_preview_warns_of_a_function_that_is_too_small(megabytes: int, warned: bool) -> None:
    """From the program itself, on the engine's own channel for warnings."""
    words = ["dev", json.dumps({"function.memory": megabytes}), "--preview", "--stacks", STACKS]
    done = subprocess.run(
        [sys.executable, "-m", "recording.recorder", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ("thumbx:function.memory is 512, below the" in done.stderr) is warned


def test_main_stays_a_diagram() -> None:
    """When it grows past a page, a component is missing."""
    assert len((PROJECT / "__main__.py").read_text("utf-8").splitlines()) < 90


def _token(program: Recording, name: str) -> str:
    return next(each.token for each in custom(program) if each.name == name)
