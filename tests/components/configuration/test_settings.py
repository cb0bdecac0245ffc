"""Refused configuration, in the words that a person reads, and the settings from the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from components.configuration.accounts import Access
from components.configuration.consistency import bucket_policy_bytes
from components.configuration.schema import LOG_DAYS, Prefixes
from components.storage.bucket_policy import bucket_policy
from tests.configured import faults, read

REFUSALS = yaml.safe_load((Path(__file__).with_name("refusals.yaml")).read_text())

A, B = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{B}:role/uploader"
DISTRIBUTION = f"arn:aws:cloudfront::{B}:distribution/E2QWRUHAPOMQZL"
EMULATOR = (
    "set an emulator on this machine, such as 'https://localhost:4566', or leave it out for AWS"
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: " ".join(refusal["set"]))
def test_a_wrong_value_is_refused_with_its_key_the_reason_and_the_remedy(refusal: dict[str, Any]):
    """One fault, one line: nothing that follows from it is reported beside it."""
    assert faults(refusal["set"]) == [refusal["says"]]


@pytest.mark.parametrize(
    ("endpoint", "reason"),
    [
        ("http://emulator.example.com:4566", "which is not on this machine"),
        ("https://localhost.example.com:4566", "which is not on this machine"),
        ("http://localhost:4566@example.com:80", "which is not http(s)://host:port"),
        ("localhost:4566", "which is not http(s)://host:port"),
        ("https://localhost:4566/s3", "which is not http(s)://host:port"),
        ("https://localhost:4566?debug", "which is not http(s)://host:port"),
        ("ftp://localhost:4566", "which is not http(s)://host:port"),
        ("https://localhost", "which is not http(s)://host:port"),
        ("https://localhost:port", "which is not http(s)://host:port"),
    ],
)
def test_an_endpoint_beyond_this_machine_is_refused(endpoint: str, reason: str):
    """Otherwise one line of configuration would send signed requests and pictures to a stranger."""
    account = {"account": A, "endpoint": endpoint}
    line = f"thumbx:producer.endpoint is {endpoint!r}, {reason}; {EMULATOR}"
    assert faults(
        {"producer": account, "storage": {"account": B, "endpoint": endpoint}}, stack="dev"
    ) == [
        line,
        line.replace("producer", "storage"),
    ]


@pytest.mark.parametrize("name", ["my.stack", "a--b", "a_-b", "-dev", "dev_", "x" * 65])
def test_a_stack_whose_name_cannot_be_part_of_others_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    """Pulumi takes the name, but AWS would refuse the layer when half of the rest is made."""
    monkeypatch.setattr("pulumi.get_stack", lambda: name)
    (line,) = faults()
    assert line == (
        f"the stack's name is {name!r}, which cannot be part of the names of layer, trail and "
        "dashboards; use up to 64 letters and digits with single '-' or '_' between them, as in: "
        "pulumi stack rename my-stack"
    )


@pytest.mark.parametrize("name", ["dev", "pr-12", "Team_Pictures-2", "x" * 64])
def test_other_names_of_stacks_are_taken(name: str, monkeypatch: pytest.MonkeyPatch):
    """For example, a stack name for each pull request."""
    monkeypatch.setattr("pulumi.get_stack", lambda: name)
    assert faults() == []


def test_one_account_on_the_emulator_and_the_other_on_aws_are_refused():
    """The two could not even see each other."""
    (line,) = faults({"storage": {"account": B, "endpoint": "https://localhost:4566"}})
    assert line == (
        "thumbx:storage.endpoint is 'https://localhost:4566', but the other account has none, so "
        "that one side would be on AWS; give both accounts an endpoint, or neither"
    )


def test_policies_stay_tight_unless_both_accounts_are_on_an_emulator():
    """Otherwise the side on AWS would get the loosened policies."""
    lines = faults({"storage": {"account": B}}, stack="sandbox")
    assert [line.split(" is ")[0] for line in lines] == [
        "thumbx:producer.endpoint",
        "thumbx:emulatorPolicies",
    ]


def test_the_same_account_twice_is_accepted_where_it_is_asked_for():
    settings = read(
        {"storage": {"account": A}, "security.oneAccount": True, "access.administrators": []}
    )
    assert settings.producer.id == settings.storage.id == A


def test_leading_zeros_of_an_account_survive():
    """The provider refuses to work in any other account, so a lost zero would stop everything."""
    assert read({"producer": {"account": "000000000012"}}).producer.id == "000000000012"


def test_readers_that_are_distributions_are_kept_apart():
    """CloudFront is a service: it is allowed by source ARN, and as a principal it is nobody."""
    access = read({"access.readers": [DISTRIBUTION, ROLE]}).access
    assert (access.readers, access.distributions) == ((ROLE,), (DISTRIBUTION,))


def test_principals_of_another_account_are_accepted_but_for_administrators():
    reader = "arn:aws:iam::333333333333:user/staff/reader"
    assert read({"access.readers": [reader]}).access.readers == (reader,)


def test_administrators_may_be_patterns():
    """Identity Center's role names end in random letters."""
    pattern = f"arn:aws:iam::{B}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*"
    assert read({"access.administrators": [pattern]}).access.administrators == (pattern,)


@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("https://pictures.example.com", True),
        ("https://intranet:8443", True),
        ("http://localhost:3000", True),
        ("http://pictures.example.com", False),  # anybody on the way could change the page
        ("http://pictures.example.com:8080", False),
        ("https://pictures.example.com/", False),
        ("https://pictures.example.com:443", False),
        ("https://*.example.com", False),
        ("https://Pictures.example.com", False),
        ("http://localhost", False),
        ("null", False),
    ],
)
def test_an_origin_is_one_that_a_browser_sends(origin: str, *, good: bool):
    """S3 compares the text: any other would be accepted there and match no page, or too many."""
    assert (faults({"access.origins": [origin]}) == []) is good


def test_the_partition_follows_the_region():
    """An ARN of `aws` names nobody in China, and IAM says nothing about it."""
    chinese = {"access.readers": [f"arn:aws-cn:iam::{B}:role/reader"]}
    rest = {"access.uploaders": [], "access.administrators": []}
    assert faults({"region": "cn-north-1", **chinese, **rest}) == []
    assert len(faults({"region": "eu-central-1", **chinese, **rest})) == 1


def test_numbers_and_booleans_are_read_from_text_too():
    """`pulumi config set` without --path writes text, and so do people who quote numbers."""
    settings = read(
        {
            "function.memory": "512",
            "storage.deletable": "true",
            "thumbnails.animated": "True",
            "thumbnails.formats": '["webp"]',
            "thumbnails.sizes": {"s": 9.0},
        }
    )
    assert (settings.function.memory, settings.storage.deletable, settings.thumbnails.animated) == (
        512,
        True,
        True,
    )
    assert settings.thumbnails.sizes == {"s": 9}


def test_true_is_no_number():
    """In Python True equals 1, which would make a thumbnail of one pixel."""
    assert len(faults({"thumbnails.sizes": {"small": True}})) == 1


@pytest.mark.parametrize("empty", ["", []])
def test_an_empty_list_is_nobody(empty: str | list[str]):
    fields = ("uploaders", "readers", "originalReaders", "administrators")
    keys = [f"access.{field}" for field in fields]
    assert read(dict.fromkeys(keys, empty)).access == Access()


@pytest.mark.parametrize("empty", ["", {}])
def test_empty_tags_are_none(empty: str | dict[str, str]):
    assert read({"tags": empty}).tags == {}


def test_empty_fields_of_an_account_are_unset():
    """So a field can be switched off with `pulumi config set --path` and an empty value."""
    empty = {"account": B, "profile": "", "endpoint": "", "caBundle": None}
    assert read({"storage": empty}) == read({"storage": {"account": B}})


def test_sizes_and_tags_have_one_order():
    """The engine sorts an object's fields and a stack file does not. Our own order keeps the
    function's environment the same, so that a preview shows no change."""
    one, other = {"b": 64, "a": 512, "c": 64}, {"c": 64, "b": 64, "a": 512}
    assert list(read({"thumbnails.sizes": one}).thumbnails.sizes) == list(
        read({"thumbnails.sizes": other}).thumbnails.sizes
    )
    assert list(read({"thumbnails.sizes": one}).thumbnails.sizes) == ["b", "c", "a"]
    assert list(read({"tags": {"b": "", "a": ""}}).tags) == ["a", "b"]


def test_a_colour_and_an_address_have_one_spelling():
    """The same holds for values that can be written in two ways."""
    account = {"account": B, "endpoint": "http://127.0.0.1:4566/"}
    settings = read({"storage": account, "thumbnails.background": "#FFEEDD"}, stack="sandbox")
    assert settings.storage.endpoint == "http://127.0.0.1:4566"
    assert settings.thumbnails.background == "#ffeedd"


@pytest.mark.parametrize(("count", "good"), [(1, True), (10, True), (11, False)])
def test_there_are_one_to_ten_sizes(count: int, *, good: bool):
    assert (
        faults({"thumbnails.sizes": {f"s{number}": 8 for number in range(count)}}) == []
    ) is good


@pytest.mark.parametrize(("count", "good"), [(40, True), (41, False)])
def test_ten_of_the_fifty_tags_are_left_to_the_program(count: int, *, good: bool):
    assert (faults({"tags": {f"t{number}": "" for number in range(count)}}) == []) is good


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("thumbnails.quality", 1, 100),
        ("function.memory", 128, 10240),
        ("function.timeout", 3, 900),
        ("function.concurrency", 2, 1000),
        ("retention.versionDays", 1, 3650),
    ],
)
def test_the_limits_themselves_are_accepted_and_nothing_beyond(key: str, low: int, high: int):
    """AWS refuses a value beyond the limits, but only half-way through an update."""
    assert faults({key: low}) == faults({key: high}) == []
    assert len(faults({key: low - 1})) == len(faults({key: high + 1})) == 1


def test_a_thumbnail_is_one_to_4096_pixels():
    assert faults({"thumbnails.sizes": {"dot": 1, "wall": 4096}}) == []
    assert len(faults({"thumbnails.sizes": {"none": 0, "more": 4097}})) == 2


def test_the_days_of_logs_are_those_that_cloudwatch_logs_takes():
    """Any other number fails the update after the queue has been made."""
    days = Loader().load_service_model("logs", "service-2")["shapes"]["Days"]["documentation"]
    listed = days.partition("Possible values are: ")[2].partition(".")[0]
    assert [int(day) for day in re.findall(r"[0-9]+", listed)] == list(LOG_DAYS)
    assert [day for day in LOG_DAYS if faults({"retention.logDays": day})] == []


PREFIXES = Prefixes(originals="originals/", thumbnails="thumbnails/")
roles = st.lists(
    st.integers(1, 40).map(lambda length: f"arn:aws:iam::{B}:role/" + "r" * length), max_size=20
).map(tuple)


@pytest.mark.parametrize("follow", [False, True])
@given(
    uploaders=roles,
    readers=roles,
    original=roles,
    distributions=roles,
    administrators=roles,
    scanners=roles,
    copiers=roles,
)
def test_the_size_of_the_bucket_policy_is_known_before_it_is_made(
    uploaders: tuple[str, ...],
    readers: tuple[str, ...],
    original: tuple[str, ...],
    distributions: tuple[str, ...],
    administrators: tuple[str, ...],
    scanners: tuple[str, ...],
    copiers: tuple[str, ...],
    *,
    follow: bool,
):
    """S3 refuses a policy that is too large, but only after half of the program is deployed."""
    access = Access(
        uploaders=uploaders,
        readers=readers,
        original_readers=original,
        distributions=distributions,
        administrators=administrators,
        scanners=scanners,
        copiers=copiers,
    )
    document = bucket_policy(
        bucket_arn="arn:aws-us-gov:s3:::thumbx-images-0a1b2c3",
        thumbx_role_id="AROA" + "X" * 17,
        prefixes=PREFIXES,
        access=access,
        session_patterns=False,
        key_arn=f"arn:aws-us-gov:kms:us-gov-west-1:{B}:key/{'0' * 36}",
        presigned_minutes=10080,
        follow=follow,
    )
    estimate, size = (
        bucket_policy_bytes(access, PREFIXES, follow=follow),
        len(json.dumps(document)),
    )
    assert size <= estimate <= size + 1500


@pytest.mark.parametrize(("count", "good"), [(30, True), (60, False)])
def test_more_administrators_than_a_bucket_policy_holds_are_refused(count: int, *, good: bool):
    """One sentence before the first resource, instead of an error in the middle of an update."""
    arns = [f"arn:aws:iam::{B}:role/administrator-{number:02}" for number in range(count)]
    lines = faults({"access.administrators": arns})
    assert (lines == []) is good
    if not good:
        assert lines[0].startswith("thumbx:access is '60 administrators and 2 others', which makes")
        assert "bytes; S3 accepts 20,480; name fewer" in lines[0]


part = st.text(alphabet="ab9-_", min_size=1, max_size=3)
plain = st.lists(part, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + "/")
wild = st.text(alphabet="ab/.*$ ", max_size=6)


@given(originals=plain | wild, thumbnails=plain | wild)
def test_any_two_prefixes_are_refused_or_disjoint(originals: str, thumbnails: str):
    """A thumbnail below both prefixes would count as an upload, and the function would process
    its own output.
    """
    if faults({"thumbnails.originalsPrefix": originals, "thumbnails.thumbnailsPrefix": thumbnails}):
        return
    for one, other in ((originals, thumbnails), (thumbnails, originals)):
        assert re.fullmatch(r"([a-z0-9_-][a-z0-9._-]*/)+", one)
        assert not one.startswith(other)


@given(originals=plain, thumbnails=plain)
def test_plain_prefixes_are_refused_only_where_one_begins_with_the_other(
    originals: str, thumbnails: str
):
    """`a/` and `ab/` are two folders, and so are `x/a/` and `x/b/`."""
    overlap = originals.startswith(thumbnails) or thumbnails.startswith(originals)
    refused = faults(
        {"thumbnails.originalsPrefix": originals, "thumbnails.thumbnailsPrefix": thumbnails}
    )
    assert len(refused) == overlap
