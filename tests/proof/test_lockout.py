"""Nobody can lock themselves out: the deployer can change and remove everything, whatever is
configured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.configuration.accounts import Access
from components.configuration.schema import Prefixes
from components.storage.bucket_policy import bucket_policy
from components.storage.key_policy import key_policy
from proof.evaluation import Request, evaluate
from proof.recorded_program import RecordedProgram
from tests.recorded import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

pytestmark = pytest.mark.slow

A, B = "111111111111", "222222222222"
BUCKET, KEY = "arn:aws:s3:::pictures", f"arn:aws:kms:eu-central-1:{B}:key/pictures"
DEPLOYER = f"arn:aws:iam::{B}:role/deployer"
PREFIXES = Prefixes(originals="originals/", thumbnails="thumbnails/")

# What Pulumi's provider calls to refresh, change and delete a resource that carries a policy.
MANAGEMENT: dict[str, tuple[str, ...]] = {
    "iam": (
        "iam:GetRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:PutRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DeleteRole",
        "iam:TagRole",
    ),
    "kms": (
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
        "kms:PutKeyPolicy",
        "kms:EnableKeyRotation",
        "kms:UpdateKeyDescription",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:ScheduleKeyDeletion",
    ),
    "s3": (
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:GetBucketCORS",
        "s3:PutBucketCORS",
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
        "s3:GetBucketNotification",
        "s3:PutBucketNotification",
        "s3:PutBucketTagging",
        "s3:DeleteBucket",
    ),
    "sns": ("sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:DeleteTopic"),
    "sqs": ("sqs:GetQueueAttributes", "sqs:SetQueueAttributes", "sqs:DeleteQueue", "sqs:TagQueue"),
}
CONFIGURATIONS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "dev": ("dev", {}),
    "sandbox": ("sandbox", {}),
    "with a key": ("dev", {"storage.encryption": "kms"}),
    "with nobody named": (
        "dev",
        {"access.uploaders": [], "access.readers": [], "access.administrators": []},
    ),
}

ROLES = [f"arn:aws:iam::{B}:role/{name}" for name in ("uploader", "reader", "admin", "team/lead")]
PATTERNS = [f"arn:aws:iam::{B}:role/admin-*", f"arn:aws:iam::{B}:user/*-admin"]
named = st.lists(st.sampled_from(ROLES), unique=True).map(tuple)
configurations = st.builds(
    Access,
    uploaders=named,
    readers=named,
    original_readers=named,
    distributions=st.sampled_from([(), (f"arn:aws:cloudfront::{B}:distribution/E1",)]),
    administrators=st.lists(st.sampled_from(ROLES + PATTERNS), unique=True).map(tuple),
)


def by_deployer(action: str, resource: str, owner: str, policy: dict[str, Any] | None) -> Request:
    """A deployer with AdministratorAccess, whom no configuration names, over today's TLS."""
    role = f"arn:aws:iam::{owner}:role/deployer"
    everything = {"Sid": "Own", "Effect": "Allow", "Action": "*", "Resource": "*"}
    return Request(
        principal=role,
        action=action,
        resource=resource,
        owner=owner,
        context={
            "aws:PrincipalArn": role,
            "aws:PrincipalAccount": owner,
            "aws:userid": "AROADEPLOYER00000000:deploy",
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "false",
            "s3:TlsVersion": "1.3",
            "kms:CallerAccount": owner,
        },
        identity_policies={"own": {"Version": "2012-10-17", "Statement": [everything]}},
        resource_policy=policy,
    )


def refused(requests: Sequence[Request]) -> list[tuple[str, str, tuple[str, ...]]]:
    """What the deployer may not do, and why."""
    return [
        (request.action, request.resource, answer.because)
        for request, answer in zip(requests, evaluate(requests), strict=True)
        if not answer.allowed
    ]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_deployer_changes_and_removes_all_that_it_deployed(name: str, layer: None) -> None:
    """A resource that refuses its deployer stays until the root user deletes it."""
    stack, overrides = CONFIGURATIONS[name]
    recording = record(stack, overrides)
    owners = {
        each.outputs["arn"]: each.account for each in recording.resources if "arn" in each.outputs
    }
    policies = RecordedProgram.of(stack, overrides).resource_policies
    assert (
        refused(
            [
                by_deployer(action, arn, owners[arn], policy)
                for arn, policy in policies.items()
                for action in MANAGEMENT[arn.split(":")[2]]
            ]
        )
        == []
    )


def policies_of(access: Access) -> dict[str, dict[str, Any]]:
    """The two documents of B that a configuration writes people into, by resource."""
    return {
        BUCKET: bucket_policy(
            bucket_arn=BUCKET,
            thumbx_role_id="AROATHUMBX",
            prefixes=PREFIXES,
            access=access,
            session_patterns=False,
            key_arn=KEY,
            presigned_minutes=60,
            follow=False,
        ),
        KEY: key_policy(
            bucket_arn=BUCKET,
            thumbx_role_arn=f"arn:aws:iam::{B}:role/ThumbXRole",
            storage_account=B,
            region="eu-central-1",
            access=access,
        ),
    }


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(configurations, min_size=5, max_size=12))
def test_no_configuration_locks_the_deployer_out(many: list[Access]) -> None:
    """Some configurations name no administrator, and some name the wrong one."""
    assert (
        refused(
            [
                by_deployer(action, arn, B, policy)
                for access in many
                for arn, policy in policies_of(access).items()
                for action in MANAGEMENT[arn.split(":")[2]]
            ]
        )
        == []
    )


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(configurations, min_size=5, max_size=20))
def test_the_way_back_is_one_change_of_the_configuration(many: list[Access]) -> None:
    """Callers that are not named have no access to the objects; after one deployment they have."""
    touching = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion")
    before, after = [], []
    for access in many:
        named_now = Access(
            uploaders=access.uploaders,
            readers=access.readers,
            administrators=(*access.administrators, DEPLOYER),
        )
        for action in touching:
            target = f"{BUCKET}/originals/a.jpg"
            before.append(by_deployer(action, target, B, policies_of(access)[BUCKET]))
            after.append(by_deployer(action, target, B, policies_of(named_now)[BUCKET]))
    assert len(refused(before)) == len(before)
    assert refused(after) == []
