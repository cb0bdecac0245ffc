"""A picture stays under the bucket's own keys, for every caller and all headers."""

from __future__ import annotations

import pytest

from components.configuration.accounts import Access
from components.configuration.schema import Prefixes
from components.storage.bucket_policy import bucket_policy
from proof.evaluation import Request, evaluate

pytestmark = pytest.mark.slow

B, C = "222222222222", "333333333333"
BUCKET = "arn:aws:s3:::pictures"
OURS, THEIRS = (f"arn:aws:kms:eu-central-1:{owner}:key/{'0' * 36}" for owner in (B, C))
UPLOADER, ADMINISTRATOR = (f"arn:aws:iam::{B}:role/{name}" for name in ("uploader", "admin"))
ALGORITHM = "s3:x-amz-server-side-encryption"
KEY = f"{ALGORITHM}-aws-kms-key-id"
MODES = {"s3": None, "kms": OURS}


def allowed(role: str, action: str, key_arn: str | None, headers: dict[str, str]) -> bool:
    """Whether a role of B that may do anything by its own policies may do this to an original."""
    policy = bucket_policy(
        bucket_arn=BUCKET,
        thumbx_role_id="AROATHUMBX",
        prefixes=Prefixes(originals="originals/", thumbnails="thumbnails/"),
        access=Access(uploaders=(UPLOADER,), administrators=(ADMINISTRATOR,)),
        session_patterns=False,
        key_arn=key_arn,
        presigned_minutes=0,
        follow=False,
    )
    everything = {"Sid": "Own", "Effect": "Allow", "Action": "*", "Resource": "*"}
    request = Request(
        principal=role,
        action=action,
        resource=f"{BUCKET}/originals/a.jpg",
        owner=B,
        context={
            "aws:PrincipalArn": role,
            "aws:PrincipalAccount": B,
            "aws:userid": "AROASOMEBODY00000000:me",
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "false",
            "s3:TlsVersion": "1.3",
            **headers,
        },
        identity_policies={"own": {"Version": "2012-10-17", "Statement": [everything]}},
        resource_policy=policy,
    )
    (answer,) = evaluate([request])
    return answer.allowed


@pytest.mark.parametrize("role", [UPLOADER, ADMINISTRATOR])
@pytest.mark.parametrize("mode", MODES)
def test_a_put_under_a_strangers_key_is_refused_and_one_without_headers_passes(
    role: str, mode: str
) -> None:
    """A person who overwrites a picture with one under his own account's key can demand money
    for it.
    """
    put = "s3:PutObject"
    assert allowed(role, put, MODES[mode], {})
    assert not allowed(role, put, MODES[mode], {ALGORITHM: "aws:kms", KEY: THEIRS})
    assert not allowed(role, put, MODES[mode], {ALGORITHM: "aws:kms"})
    assert not allowed(role, put, MODES[mode], {ALGORITHM: "aws:kms:dsse", KEY: OURS})
    assert not allowed(role, put, MODES[mode], {KEY: THEIRS})
    own = {"s3": {ALGORITHM: "AES256"}, "kms": {ALGORITHM: "aws:kms", KEY: OURS}}
    assert allowed(role, put, MODES[mode], own[mode])


@pytest.mark.parametrize("mode", MODES)
def test_nobody_but_an_administrator_changes_the_key_of_a_stored_picture(mode: str) -> None:
    """`UpdateObjectEncryption` does it without a put, and so without the headers of one."""
    assert not allowed(UPLOADER, "s3:UpdateObjectEncryption", MODES[mode], {})
    assert allowed(ADMINISTRATOR, "s3:UpdateObjectEncryption", MODES[mode], {})
