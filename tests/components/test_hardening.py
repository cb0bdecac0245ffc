"""The options that add restrictions: exactly what each adds, and that without it nothing
changes.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest

from components.configuration.consistency import LONGEST_BOUND_PREFIX, LONGEST_FOLLOWED_PREFIX
from components.configuration.schema import Prefixes, Security
from components.storage.thumbx_role import thumbx_grants
from tests.configured import faults, read
from tests.documents import document, documents, statement
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

A, B, C = "111111111111", "222222222222", "333333333333"
BUCKET = "arn:aws:s3:::thumbx-images-0a1b2c3"
KEY = f"arn:aws:kms:eu-central-1:{B}:key/thumbx-images-key-0a1b2c3"
THUMBX = f"arn:aws:iam::{B}:role/ThumbXRole-0a1b2c3"
UPLOADER, READER = f"arn:aws:iam::{B}:role/uploader", f"arn:aws:iam::{B}:role/reader"
ADMINISTRATORS = f"arn:aws:iam::{B}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*"
DISTRIBUTION = f"arn:aws:cloudfront::{B}:distribution/E2EXAMPLE"
ROOT = {"AWS": f"arn:aws:iam::{B}:root"}
THROUGH_S3 = {
    "kms:ViaService": "s3.eu-central-1.amazonaws.com",
    "kms:EncryptionContext:aws:s3:arn": BUCKET,
}
ALGORITHM = "s3:x-amz-server-side-encryption"
BOUNDARY = {A: f"arn:aws:iam::{A}:policy/boundary", B: f"arn:aws:iam::{B}:policy/team/boundary"}


@pytest.fixture(scope="module")
def kms() -> Recording:
    return record("dev", {"storage.encryption": "kms"})


def use(sid: str, principals: list[str], actions: list[str], *callers: str) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": principals},
        "Action": actions,
        "Resource": "*",
        "Condition": {"StringEquals": {**THROUGH_S3, "kms:CallerAccount": list(callers)}},
    }


def deny_puts(sid: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"{BUCKET}/*",
        "Condition": condition,
    }


# A key of one's own


def test_the_key_is_used_through_s3_for_this_bucket_and_managed_by_the_account(
    kms: Recording,
) -> None:
    """The whole policy is compared, because one more statement, or one condition less, would
    open every picture to somebody.
    """
    assert document(kms, "thumbx-images-key")["Statement"] == [
        {
            "Sid": "ManageButNotUse",
            "Effect": "Allow",
            "Principal": ROOT,
            "Action": [
                "kms:CancelKeyDeletion",
                "kms:DisableKey",
                "kms:DisableKeyRotation",
                "kms:EnableKey",
                "kms:EnableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:RevokeGrant",
                "kms:RotateKeyOnDemand",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateKeyDescription",
            ],
            "Resource": "*",
        },
        {
            "Sid": "InspectPolicy",
            "Effect": "Allow",
            "Principal": ROOT,
            "Action": [
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListGrants",
                "kms:ListKeyPolicies",
                "kms:ListKeyRotations",
                "kms:ListResourceTags",
            ],
            "Resource": "*",
        },
        use("UseByThumbXRole", [THUMBX], ["kms:Decrypt", "kms:GenerateDataKey"], B),
        use("UseByUploaders", [UPLOADER], ["kms:Decrypt", "kms:GenerateDataKey"], B),
        use("UseByReaders", [READER], ["kms:Decrypt"], B),
    ]


def test_whoever_manages_the_key_cannot_use_it(kms: Recording) -> None:
    """A grant gives use too: a principal who may create a grant lets anybody decrypt."""
    using = ("Decrypt", "Encrypt", "GenerateDataKey", "ReEncrypt", "CreateGrant", "Sign", "Mac")
    for sid in ("ManageButNotUse", "InspectPolicy"):
        for action in filled(statement(kms, "thumbx-images-key", sid)["Action"]):
            assert not any(word in action for word in using), action
            assert "*" not in action


def test_the_account_can_always_mend_the_keys_policy(kms: Recording) -> None:
    """Without this statement KMS refuses the policy, or only AWS's support can change it."""
    manage = statement(kms, "thumbx-images-key", "ManageButNotUse")
    assert {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"} <= set(manage["Action"])
    assert "Condition" not in manage


def test_an_analyzer_still_reads_the_keys_policy(kms: Recording) -> None:
    """Access Analyzer's own role holds these actions by IAM, and the key must let IAM decide."""
    inspect = statement(kms, "thumbx-images-key", "InspectPolicy")
    needed = {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants", "kms:ListKeyPolicies"}
    assert needed <= set(inspect["Action"])


def test_each_group_of_principals_is_named_with_the_accounts_it_calls_from() -> None:
    """A reader of another account would be refused under ours; nobody is listed twice."""
    stranger = f"arn:aws:iam::{C}:role/reader"
    program = record(
        "dev",
        {
            "storage.encryption": "kms",
            "access.readers": [READER, stranger, DISTRIBUTION],
            "access.originalReaders": [READER],
            "access.uploaders": [],
        },
    )
    policy = document(program, "thumbx-images-key")["Statement"]
    assert [each["Sid"] for each in policy[2:]] == [
        "UseByThumbXRole",
        "UseByReaders",
        "UseByCloudFront",
    ]
    assert policy[3] == use("UseByReaders", [READER, stranger], ["kms:Decrypt"], B, C)
    assert policy[4] == {
        "Sid": "UseByCloudFront",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": ["kms:Decrypt"],
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": [DISTRIBUTION]}},
    }


def test_thumbxrole_holds_its_own_grant_for_the_key(kms: Recording) -> None:
    """With a boundary or a session policy, the key's own policy is not enough."""
    assert statement(kms, "ThumbXRole-grants", "UseKey") == {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": KEY,
        "Condition": {"StringEquals": THROUGH_S3},
    }


def test_puts_that_name_another_algorithm_or_key_are_refused(kms: Recording) -> None:
    """The owner of another key can make a picture under that key unreadable. `Null` exempts puts
    that name no key, including ours, because such a put gets the bucket's key."""
    key = f"{ALGORITHM}-aws-kms-key-id"
    assert document(kms, "thumbx-images-policy")["Statement"][-3:] == [
        deny_puts(
            "DenyOtherAlgorithms",
            {"StringNotEquals": {ALGORITHM: "aws:kms"}, "Null": {ALGORITHM: "false"}},
        ),
        deny_puts("DenyOtherKeys", {"ArnNotEquals": {key: KEY}, "Null": {key: "false"}}),
        deny_puts("DenyUnnamedKey", {"Null": {ALGORITHM: "false", key: "true"}}),
    ]


def test_without_a_key_of_our_own_puts_under_any_key_are_refused(program: Recording) -> None:
    """An uploader could otherwise overwrite a picture with one that only a key of a third account
    opens. A put without these headers passes."""
    assert document(program, "thumbx-images-policy")["Statement"][-2:] == [
        deny_puts(
            "DenyOtherAlgorithms",
            {"StringNotEquals": {ALGORITHM: "AES256"}, "Null": {ALGORITHM: "false"}},
        ),
        deny_puts("DenyOtherKeys", {"Null": {f"{ALGORITHM}-aws-kms-key-id": "false"}}),
    ]


def test_the_key_rotates_is_protected_and_encrypts_by_default(kms: Recording) -> None:
    """If it were deleted with its stack by mistake, every picture would be unreadable."""
    key = kms.named("thumbx-images-key")
    assert key.protect
    assert key.account == B
    assert key.inputs["enableKeyRotation"] is True
    assert key.inputs["deletionWindowInDays"] == 30
    assert kms.named("thumbx-images-encryption").inputs["rules"] == [
        {
            "applyServerSideEncryptionByDefault": {
                "sseAlgorithm": "aws:kms",
                "kmsMasterKeyId": KEY,
            },
            "bucketKeyEnabled": True,
            "blockedEncryptionTypes": ["SSE-C"],
        }
    ]


def test_the_keys_address_follows_the_partition() -> None:
    """`kms:ViaService` with the wrong suffix matches no call, and no picture can be read."""
    arn = f"arn:aws-cn:iam::{B}:role"
    program = record(
        "dev",
        {
            "region": "cn-north-1",
            "storage.encryption": "kms",
            "access.uploaders": [],
            "access.readers": [],
            "access.administrators": [f"{arn}/admin"],
        },
    )
    used = statement(program, "thumbx-images-key", "UseByThumbXRole")["Condition"]["StringEquals"]
    assert used["kms:ViaService"] == "s3.cn-north-1.amazonaws.com.cn"
    managed = statement(program, "thumbx-images-key", "ManageButNotUse")
    assert managed["Principal"] == {"AWS": f"arn:aws-cn:iam::{B}:root"}


# The way back to S3's keys


def test_on_the_way_back_nothing_is_written_with_the_key(kms: Recording) -> None:
    """What is not read with it any more keeps the grants to read, or pictures would be lost."""
    program = record("dev", {"storage.encryption": "kms-to-s3"})
    plain = record("dev")
    for name in ("thumbx-images-encryption", "thumbx-images-policy"):
        assert program.named(name).inputs == plain.named(name).inputs
    key = program.named("thumbx-images-key")
    assert key.protect
    assert statement(program, "ThumbXRole-grants", "UseKey")["Action"] == ["kms:Decrypt"]
    before, now = (document(each, key.name)["Statement"] for each in (kms, program))
    assert now == [
        *before[:2],
        use("UseByThumbXRole", [THUMBX], ["kms:Decrypt"], B),
        *[each for each in before if each["Sid"] == "UseByReaders"],
        {
            "Sid": "UseByAdministrators",
            "Effect": "Allow",
            "Principal": ROOT,
            "Action": ["kms:Decrypt"],
            "Resource": "*",
            "Condition": {
                "StringEquals": THROUGH_S3,
                "ArnLike": {"aws:PrincipalArn": [ADMINISTRATORS]},
            },
        },
    ]
    # Uploads would fail in between, if the key stopped before the bucket asked for none.
    assert "thumbx-images-encryption" in key.waits_for


# Sessions, presigned URLs, boundary and path

FOLLOWED = {"security.sessionPolicy": True, "thumbnails.removals": "follow"}


def test_a_session_is_bounded_by_exactly_todays_grants() -> None:
    """With less, the function would fail; with more, permissions that are attached later would
    work.
    """
    program = record("dev", {"security.sessionPolicy": True, "storage.encryption": "kms"})
    variables = program.named("ThumbX-function").inputs["environment"]["variables"]
    assert json.loads(variables["SESSION_POLICY"]) == document(program, "ThumbXRole-grants")
    assert len(variables["SESSION_POLICY"]) <= 2048, "STS takes no longer one"


@pytest.mark.parametrize(
    ("follow", "length"), [(False, LONGEST_BOUND_PREFIX), (True, LONGEST_FOLLOWED_PREFIX)]
)
def test_the_longest_session_policy_is_one_that_sts_takes(length: int, *, follow: bool) -> None:
    """Otherwise every picture would fail because of a policy that nobody looks at."""
    longest = thumbx_grants(
        bucket_arn="arn:aws-us-gov:s3:::" + "b" * 63,
        prefixes=Prefixes(originals="o" * length, thumbnails="t" * length),
        storage_account=B,
        region="us-gov-west-1",
        follow=follow,
        key_arn=f"arn:aws-us-gov:kms:us-gov-west-1:{B}:key/mrk-{'a' * 32}",
    )
    assert len(json.dumps(longest)) <= 2048


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"security.sessionPolicy": True, "thumbnails.thumbnailsPrefix": "t" * 199 + "/"}, True),
        ({"security.sessionPolicy": True, "thumbnails.thumbnailsPrefix": "t" * 200 + "/"}, False),
        ({"security.sessionPolicy": False, "thumbnails.thumbnailsPrefix": "t" * 200 + "/"}, True),
        ({**FOLLOWED, "thumbnails.thumbnailsPrefix": "t" * 59 + "/"}, True),
        ({**FOLLOWED, "thumbnails.thumbnailsPrefix": "t" * 60 + "/"}, False),
    ],
)
def test_a_prefix_is_bounded_where_a_session_policy_names_it(
    changes: dict[str, Any], *, good: bool
) -> None:
    assert (faults(changes) == []) is good


def test_presigned_urls_and_forms_are_refused_by_age() -> None:
    """Otherwise a leaked URL is valid as long as its signer said, up to seven days."""
    program = record("dev", {"security.presignedMinutes": 20})
    assert statement(program, "thumbx-images-policy", "DenyOldSignatures") == {
        "Sid": "DenyOldSignatures",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"{BUCKET}/*",
        "Condition": {
            "StringEquals": {"s3:authType": ["REST-QUERY-STRING", "POST"]},
            "NumericGreaterThan": {"s3:signatureAge": "1200000"},
        },
    }


@pytest.mark.parametrize("bucket", ["", "their-pictures"])
def test_every_role_has_its_accounts_boundary_and_path(bucket: str) -> None:
    """A platform team's account refuses to create a role without them."""
    storage = {"account": B, "boundary": BOUNDARY[B], "rolePath": "/b/c/"}
    program = record(
        "dev",
        {
            "producer": {"account": A, "boundary": BOUNDARY[A], "rolePath": "/a/"},
            "storage": storage | ({"bucket": bucket} if bucket else {}),
        },
    )
    roles = program.of("aws:iam/role:Role")
    assert {each.account for each in roles} == {A, B}
    sender = [each.name for each in roles if each.name.endswith("-storage-forwarding-uploads")]
    assert len(sender) == bool(bucket)  # what sends the events of a bucket that was there before
    for role in roles:
        assert role.inputs["permissionsBoundary"] == BOUNDARY[role.account], role.name
        assert role.inputs["path"] == {A: "/a/", B: "/b/c/"}[role.account], role.name


def test_none_of_it_is_there_unless_asked_for(program: Recording) -> None:
    """An option must not change a stack that did not set it."""
    assert not program.of("aws:kms/key:Key")
    assert "SESSION_POLICY" not in json.dumps([each.inputs for each in program.resources])
    text = json.dumps([each.body for each in documents(program)])
    assert not [word for word in ("kms:", "signatureAge") if word in text]
    for role in program.of("aws:iam/role:Role"):
        assert not {"path", "permissionsBoundary"} & set(role.inputs)


def test_the_options_are_read() -> None:
    changes = {
        "storage.encryption": "kms",
        "security.sessionPolicy": True,
        "security.presignedMinutes": 10080,
    }
    expected = Security(session_policy=True, presigned_minutes=10080, one_account=False)
    assert read(changes).security == expected


def test_a_boundary_may_be_one_of_awss_own_policies() -> None:
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    account = {"account": A, "boundary": boundary, "rolePath": ""}
    assert read({"producer": account}).producer == dataclasses.replace(
        read({"producer": {"account": A}}).producer, boundary=boundary
    )


@pytest.mark.parametrize(("length", "good"), [(512, True), (513, False)])
def test_a_path_of_roles_is_512_characters_at_most(length: int, *, good: bool) -> None:
    path = f"/{'p' * (length - 2)}/"
    assert (faults({"producer": {"account": A, "rolePath": path}}) == []) is good
