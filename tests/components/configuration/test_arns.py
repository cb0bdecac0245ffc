"""Regions, partitions and principals against what AWS itself publishes."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_aws import Region

from components.configuration import arns
from components.configuration.reader import Place

PARTITIONS = json.loads((files("botocore") / "data" / "partitions.json").read_text())["partitions"]
ENDPOINTS = json.loads((files("botocore") / "data" / "endpoints.json").read_text())["partitions"]


@pytest.mark.parametrize("region", [region.value for region in Region])
def test_each_region_is_accepted_in_the_partition_that_aws_publishes(region: str):
    """A wrong partition would refuse every right ARN of that region."""
    faults: list[str] = []
    assert arns.region(region, Place("thumbx:region", faults)) == region
    assert faults == []
    published = [each["id"] for each in PARTITIONS if re.match(each["regionRegex"], region)]
    assert [arns.partition_of(region)] == published


@pytest.mark.parametrize("region", [region.value for region in Region])
def test_each_regions_services_have_the_suffix_that_aws_publishes(region: str):
    """`kms:ViaService` names S3's address; a wrong one would lock every picture up."""
    (published,) = [
        each["outputs"]["dnsSuffix"] for each in PARTITIONS if re.match(each["regionRegex"], region)
    ]
    assert arns.dns_suffix(region) == published


@pytest.mark.parametrize("region", [region.value for region in Region])
def test_each_partitions_iam_logs_where_aws_says_its_endpoint_is(region: str):
    """A rule in another region gets no event about a role, and nobody notices."""
    (partition,) = [each for each in ENDPOINTS if each["partition"] == arns.partition_of(region)]
    published = [
        each["credentialScope"]["region"]
        for name, each in partition["services"].get("iam", {"endpoints": {}})["endpoints"].items()
        if name.endswith("-global")
    ]
    assert [arns.iam_region(region)] == (published or [region])


@given(name=st.text(min_size=1, max_size=8, alphabet="ab*?/:{}$ \n\"'"))
def test_no_fixed_principal_holds_a_character_that_means_something_in_a_policy(name: str):
    """A wildcard or a policy variable in an Allow would let others in."""
    faults: list[str] = []
    arn = f"arn:aws:iam::222222222222:role/{name}"
    accepted = arns.principal(arn, Place("thumbx:access.uploaders[0]", faults)) == arn
    assert accepted == (not faults)
    assert not accepted or set(name) <= set("ab/")


@pytest.mark.parametrize("pattern", ["*", "**", "*/*", "/*", "?*", "${aws:username}*", "* "])
def test_no_pattern_of_administrators_names_everyone(pattern: str):
    """It would take ThumbXRole and every uploader out of every refusal."""
    faults: list[str] = []
    arns.administrator(f"arn:aws:iam::222222222222:role/{pattern}", Place("", faults))
    assert len(faults) == 1
