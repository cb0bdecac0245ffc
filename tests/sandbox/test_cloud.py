"""The pretend cloud's refusals, on the program itself, and the source of each of its rules."""

from __future__ import annotations

import dataclasses
import importlib
import json
import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from recording.resource_types import TYPES
from sandbox.cloud import refusals
from sandbox.cloud.replacements import DOCSTRING, REPLACED_BY, UNIQUE_NAMES
from sandbox.cloud.things import Cloud, Thing
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

PEOPLE = "arn:aws:iam::222222222222:role/"


@pytest.fixture(scope="module")
def recorded() -> Recording:
    return record("dev", {"storage.encryption": "kms"})


@pytest.fixture
def cloud(recorded: Recording) -> Cloud:
    """The whole program of a stack, as if somebody had deployed it."""
    names = ("uploader", "reader", "aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*")
    cloud = Cloud(outside={f"{PEOPLE}{name}" for name in names})
    for each in recorded.resources:
        if each.token in TYPES and not each.token.startswith("pulumi:"):
            kind = TYPES[each.token]
            named = {kind.named: each.physical_name} if kind.named else {}
            cloud.put(
                Thing(
                    token=each.token,
                    id=each.outputs["id"],
                    name=each.name,
                    account=each.account,
                    region=each.region,
                    inputs=each.inputs | named,
                    outputs=each.outputs,
                )
            )
    return cloud


def named(cloud: Cloud, name: str, kind: str) -> Thing:
    (thing,) = [each for each in cloud if each.name == name and each.token.endswith(f":{kind}")]
    return thing


def take_away(cloud: Cloud, name: str, kind: str) -> None:
    thing = named(cloud, name, kind)
    cloud.remove(thing.token, thing.id, thing.account, thing.region)


def test_the_program_as_it_is_is_refused_nothing(cloud: Cloud) -> None:
    """Otherwise every refusal below could have another reason."""
    objections = {each.name: list(refusals.to_change(cloud, each)) for each in filled(cloud)}
    assert {name: said for name, said in objections.items() if said} == {}


@pytest.mark.parametrize(
    ("gone", "saved", "says"),
    [
        ("ThumbX-producer Role", "ThumbXRole Role", "Invalid principal"),
        ("ThumbX-producer Role", "ThumbX-function Function", "cannot be assumed by Lambda"),
        ("ThumbX-producer Role", "ThumbX-producer-grants RolePolicy", "NoSuchEntity"),
        ("ThumbXRole Role", "thumbx-images-key Key", "Invalid principal"),
        ("thumbx-images Bucket", "thumbx-images-versioning BucketVersioning", "NoSuchBucket"),
        ("thumbx-images Bucket", "thumbx-images-policy BucketPolicy", "NoSuchBucket"),
        (
            "thumbx-images-key Key",
            "thumbx-images-encryption BucketServerSideEncryptionConfiguration",
            "KMS.NotFound",
        ),
        (
            "ThumbX-uploads-policy QueuePolicy",
            "thumbx-images-notification BucketNotification",
            "Unable to validate",
        ),
        ("ThumbX-uploads Queue", "ThumbX-uploads-policy QueuePolicy", "QueueDoesNotExist"),
        ("ThumbX-dead-letters Queue", "ThumbX-uploads-redrive RedrivePolicy", "does not exist"),
        ("ThumbX-layer LayerVersion", "ThumbX-function Function", "layer version"),
        (
            "ThumbX-producer-poller RolePolicy",
            "ThumbX-uploads-to-function EventSourceMapping",
            "does not have permissions to call ReceiveMessage",
        ),
        (
            "ThumbX-function Function",
            "ThumbX-uploads-to-function EventSourceMapping",
            "ResourceNotFound",
        ),
        ("ThumbX-storage-alerts Topic", "ThumbX-storage-alerts-policy TopicPolicy", "NotFound"),
        ("thumbx-logs-policy BucketPolicy", "ThumbX-storage-trail Trail", "InsufficientS3Bucket"),
        (
            "ThumbX-storage-findings EventRule",
            "ThumbX-storage-findings-log EventTarget",
            "does not exist",
        ),
        (
            "ThumbX-storage-forwarding Role",
            "ThumbX-storage-role-changed-forward EventTarget",
            "does not exist",
        ),
        (
            "ThumbX-storage-analyzer Analyzer",
            "ThumbX-storage-thumbxrole ArchiveRule",
            "ResourceNotFound",
        ),
    ],
)
def test_what_is_saved_too_early_is_refused(cloud: Cloud, gone: str, saved: str, says: str) -> None:
    """A resource that it needs does not exist yet, or no longer."""
    take_away(cloud, *gone.split())
    assert any(says in each for each in refusals.to_change(cloud, named(cloud, *saved.split())))


@pytest.mark.parametrize(
    ("name", "inputs", "says"),
    [
        ("thumbx-images Bucket", {}, "InvalidBucketName"),
        ("ThumbX-producer Role", {"name": "x" * 65}, "more than 64"),
        ("ThumbX-function Function", {"timeout": 100_000}, "Queue visibility timeout"),
        ("ThumbX-storage-findings EventRule", {"eventPattern": "x" * 2049}, "more than 2048"),
        (
            "ThumbX-dead-letters-redrive RedriveAllowPolicy",
            {"redriveAllowPolicy": '{"sourceQueueArns": ["arn:other"]}'},
            "",
        ),
    ],
)
def test_what_is_out_of_bounds_is_refused(
    cloud: Cloud, name: str, inputs: dict[str, Any], says: str
) -> None:
    """The limits are AWS's."""
    thing = named(cloud, *name.split())
    bad = dataclasses.replace(thing, inputs=thing.inputs | inputs)
    if says == "InvalidBucketName":
        bad = dataclasses.replace(bad, id="Pictures")
    cloud.put(bad)
    if not says:
        bad, says = named(cloud, "ThumbX-uploads-redrive", "RedrivePolicy"), "does not allow this"
    assert any(says in each for each in refusals.to_change(cloud, bad))


@pytest.mark.parametrize("token", sorted(UNIQUE_NAMES))
def test_a_name_is_given_once(cloud: Cloud, token: str) -> None:
    """A fixed name is taken while its old resource exists."""
    token_of = {each.token for each in cloud}
    if token not in token_of:  # of the bootstrap
        cloud.put(
            Thing(token=token, id="x", name="x", account="1", region="", inputs={}, outputs={})
        )
    there = cloud.of(token)[0]
    assert any("AlreadyExists" in each for each in refusals.to_make(cloud, there))


def test_a_bucket_s_name_is_the_whole_world_s(cloud: Cloud) -> None:
    """This includes other accounts and regions."""
    there = named(cloud, "thumbx-images", "Bucket")
    other = dataclasses.replace(there, account="333333333333", region="us-west-2")
    assert any("AlreadyExists" in each for each in refusals.to_make(cloud, other))


def test_an_account_has_one_analyzer_of_a_kind(cloud: Cloud) -> None:
    """A second one in the region exceeds the quota."""
    there = named(cloud, "ThumbX-storage-analyzer", "Analyzer")
    second = dataclasses.replace(there, id="second")
    assert any("Quota" in each for each in refusals.to_change(cloud, second))


def test_what_others_need_is_not_deleted(cloud: Cloud) -> None:
    """A role with policies, a rule with targets, a bucket with objects, a boundary in use."""
    bucket = named(cloud, "thumbx-images", "Bucket")
    cloud.objects[bucket.id] = 1
    role = named(cloud, "ThumbXRole", "Role")
    rule = named(cloud, "ThumbX-storage-findings", "EventRule")
    boundary = Thing(
        token="aws:iam/policy:Policy",  # noqa: S106 - a type
        id="b",
        name="b",
        account=role.account,
        region="",
        inputs={},
        outputs={"arn": "arn:b"},
    )
    assert list(refusals.to_delete(cloud, boundary)) == []
    role.inputs["permissionsBoundary"] = "arn:b"
    for thing, says in (
        (bucket, "BucketNotEmpty"),
        (role, "DeleteConflict"),
        (rule, "has targets"),
        (boundary, "DeleteConflict"),
    ):
        assert any(says in each for each in refusals.to_delete(cloud, thing)), says
    emptied = dataclasses.replace(bucket, inputs=bucket.inputs | {"forceDestroy": True})
    assert list(refusals.to_delete(cloud, emptied)) == []


def test_every_rule_says_where_it_is_from() -> None:
    """The source is a page of AWS or the docstring of the provider's class, because an invented
    rule proves nothing.
    """
    rules = {**refusals.SAVING, **refusals.DELETING}
    pages = [str(rule.__doc__) for rule in filled(rules.values())]
    assert [page for page in pages if "https://docs.aws.amazon.com/" not in page] == []
    sources = [each for rules in REPLACED_BY.values() for each in rules.values()]
    sources += UNIQUE_NAMES.values()
    assert {each for each in sources if not each.startswith("https://docs.aws")} == {DOCSTRING}


def test_a_rule_from_a_docstring_is_in_the_docstring() -> None:
    """The test reads the current docstring of the class."""
    found = {
        (token, key)
        for token, rules in REPLACED_BY.items()
        for key, source in rules.items()
        if source == DOCSTRING
    }
    for token, key in filled(found - {("aws:lambda/layerVersion:LayerVersion", "code")}):
        _, module, name = token.split(":")
        with warnings.catch_warnings(action="ignore"):
            package = importlib.import_module(f"pulumi_aws.{module.split('/')[0]}_")
            arguments = getattr(package, f"{name}Args")
            says = " ".join(str(arguments.skip_destroy.__doc__).split())
        snake = re.sub("([A-Z])", r"_\1", key).lower()
        assert re.search(rf"changing any of [^.]*`{snake}`[^.]*forces deletion", says), key


def test_every_type_of_the_program_has_its_rules_of_replacement() -> None:
    """Otherwise a change of its name would be an update, which no provider can make."""
    assert {token for token, kind in TYPES.items() if kind.accounts} <= set(REPLACED_BY)
    assert json.dumps(sorted(REPLACED_BY)) != "[]"
