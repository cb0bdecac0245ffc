"""Each call on a bucket names its owner, and each grant on one its account."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from audit.accounts import permissions as calls
from audit.accounts.clients import expect_owner

B = "222222222222"
IMAGES, ARCHIVE = "thumbx-images-0a1b2c3", "organization-logs"


def _owner_asked(operation: str, **given: str) -> str | None:
    """The owner that a call names, in the request as it is sent."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    client: Any = boto3.Session(region_name="eu-central-1", **keys).client("s3")
    expect_owner(client, lambda: B)
    sent: list[str | None] = []

    def answer(params: dict[str, Any], **_: Any) -> Any:
        sent.append(params["headers"].get("x-amz-expected-bucket-owner"))
        return SimpleNamespace(status_code=200, headers={}), {}

    client.meta.events.register("before-call", answer)
    methods = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    getattr(client, methods[operation])(**given)
    (owner,) = sent
    return owner


@pytest.mark.parametrize(
    "operation",
    sorted({name for service, name in calls.operations(calls.STORAGE) if service == "s3"}),
)
def test_every_call_on_our_buckets_names_their_owner(operation: str) -> None:
    """Otherwise a bucket with that name in another account would be reported as ours, and as
    private.
    """
    if operation == "ListBuckets":  # the account's own
        assert _owner_asked(operation) is None
        return
    key = {"Key": "x"} if operation == "GetObject" else {}
    assert _owner_asked(operation, Bucket=IMAGES, **key) == B


def test_the_files_of_a_trail_may_be_anybodys() -> None:
    """An organization's archive: with an owner named, S3 would refuse to list it."""
    assert _owner_asked("ListObjectsV2", Bucket=ARCHIVE) is None
    assert _owner_asked("GetObject", Bucket=ARCHIVE, Key="x") is None
    assert _owner_asked("GetBucketPolicy", Bucket=ARCHIVE) == B


def test_a_grant_on_a_bucket_reaches_no_other_account() -> None:
    found = {
        each["Sid"]: each.get("Condition")
        for account in (calls.PRODUCER, calls.STORAGE)
        for each in calls.policy(calls.GRANTS[account])["Statement"]
        if any(":s3:::" in resource for resource in each["Resource"])
    }
    own = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}
    assert len(found) >= 3
    assert set(map(str, found.values())) == {str(own)}
