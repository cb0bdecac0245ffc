"""Counts what is left under the key; tests/engine/test_ways_back.py checks real versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from pipeline import old_key
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from tests.pipeline.conftest import Project

B = "222222222222"
BUCKET, KEY = "thumbx-images-0a1b2c3", f"arn:aws:kms:eu-central-1:{B}:key/1"
THERE = {"Bucket": BUCKET, "ExpectedBucketOwner": B}


def look(versions: list[tuple[bool, str]], uploads: int = 0) -> old_key.Left:
    """Look at versions, each (the latest?, under which key), and that many unfinished uploads."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    s3: Any = boto3.Session(region_name="eu-central-1", **keys).client("s3")
    with Stubber(s3) as calls, pytest.MonkeyPatch.context() as patch:
        patch.setattr(old_key, "WORKERS", 1)  # so that the answers come in order
        listed = [
            {"Key": "originals/a", "VersionId": str(n), "IsLatest": latest}
            for n, (latest, _) in enumerate(versions)
        ]
        calls.add_response("list_object_versions", {"Versions": listed}, THERE)
        for n, (_, key) in enumerate(versions):
            about = THERE | {"Key": "originals/a", "VersionId": str(n)}
            head = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
            calls.add_response("head_object", head if key else {}, about)
        begun = [{"Key": "originals/b", "UploadId": str(n)} for n in range(uploads)]
        calls.add_response("list_multipart_uploads", {"Uploads": begun}, THERE)
        left = old_key.left_under(s3, BUCKET, B, KEY)
        calls.assert_no_pending_responses()
    return left


def test_what_lies_under_another_key_is_not_counted() -> None:
    """If only the algorithm were checked, a bucket with a second key would never be finished."""
    left = look([(True, KEY), (False, KEY), (False, KEY), (True, ""), (True, KEY + "2")])
    assert left == old_key.Left(objects=1, versions=2, uploads=0)


def test_an_unfinished_upload_is_something_left() -> None:
    """Its parts are encrypted with the key that the bucket had when the upload began."""
    assert look([(True, "")], uploads=1)
    assert not look([(True, "")])


def test_a_refusal_names_the_rights() -> None:
    """Readers and the deployer may not look at old versions."""
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    s3: Any = boto3.Session(region_name="eu-central-1", **keys).client("s3")
    calls = Stubber(s3)
    calls.add_client_error("list_object_versions", "AccessDenied")
    with calls, pytest.raises(PipelineError, match=r"thumbx:access\.administrators"):
        old_key.left_under(s3, BUCKET, B, KEY)


def test_a_stack_that_is_not_on_its_way_is_refused(project: Project) -> None:
    """Otherwise the command would explain, for a bucket in use, how to remove its key."""
    done = project.run("old-key", "dev")
    assert done.code == 2
    assert "thumbx:storage.encryption is 's3'" in done.err
    assert "set 'kms-to-s3' first" in done.err
