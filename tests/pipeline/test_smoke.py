"""The smoke test's own calls; tests/sandbox/test_smoke.py makes them."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.stub import ANY, Stubber

from pipeline import smoke

OWNER = "222222222222"
PLACE = smoke.StackPictures(
    bucket="thumbx-images-0a1b2c3",
    owner=OWNER,
    originals="originals/",
    thumbnails="thumbnails/",
    names=["small.jpg"],
)


def test_every_call_names_the_owner_of_the_bucket() -> None:
    """The emulator takes any owner. Without the owner, the picture would go to whoever has taken
    the name of a deleted bucket, and a thumbnail there would count as ours."""
    uploader, reader = _client(), _client()
    there = {"Bucket": PLACE.bucket, "ExpectedBucketOwner": OWNER}
    thumbnail = there | {"Key": f"thumbnails/{smoke.KEY}/small.jpg"}
    with Stubber(uploader) as puts, Stubber(reader) as heads:
        heads.add_client_error("head_object", "404", expected_params=thumbnail)
        original = there | {"Key": f"originals/{smoke.KEY}", "Body": ANY}
        puts.add_response("put_object", {}, original)
        heads.add_response("head_object", {"VersionId": "1"}, thumbnail)
        smoke.smoke(PLACE, uploader, reader)
        puts.assert_no_pending_responses()
        heads.assert_no_pending_responses()


def _client() -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.Session(region_name="eu-central-1", **keys).client("s3")
