"""The requests that the function really sends to the bucket, as IAM gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proof.evaluation import Request, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adopt.facts import Intended

# An invented role id, because the role does not exist before the stack does.
ROLE = "arn:{partition}:iam::{account}:role/ThumbXRole-0a1b2c3"
UNIQUE_ID = "AROATHUMBXROLE0000000"


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One request that a Deny of the bucket's policy refuses."""

    request: str
    sids: tuple[str, ...]


def refused(policy: Mapping[str, Any], wanted: Intended, partition: str) -> list[Refused]:
    """The function's requests that the bucket's policy refuses.

    ThumbXRole and the bucket are in one account, so the role's own grants are enough and only a
    Deny can refuse a request. The requests carry no encryption header, no ACL header, no tag and no
    VPC endpoint, as the function sends them (`handler.objects`).
    """
    bucket = f"arn:{partition}:s3:::{wanted.bucket}"
    asked: dict[str, tuple[str, str, dict[str, str]]] = {
        "read an original": ("s3:GetObject", f"{bucket}/{wanted.originals}a.jpg", {}),
        "write a thumbnail": ("s3:PutObject", f"{bucket}/{wanted.thumbnails}a.jpg/small.jpg", {}),
        "see that an original is gone": (
            "s3:ListBucket",
            bucket,
            {"s3:prefix": f"{wanted.originals}a.jpg"},
        ),
    }
    if wanted.follow:
        folder = f"{wanted.thumbnails}a.jpg/"
        asked |= {
            "list a picture's thumbnails": ("s3:ListBucket", bucket, {"s3:prefix": folder}),
            "delete a thumbnail": ("s3:DeleteObject", f"{bucket}/{folder}small.jpg", {}),
        }
    answers = evaluate(
        [
            _request(action, resource, more, policy, wanted, partition)
            for action, resource, more in asked.values()
        ]
    )
    return [
        Refused(request=name, sids=answer.because)
        for name, answer in zip(asked, answers, strict=True)
        if not answer.allowed
    ]


def _request(
    action: str,
    resource: str,
    more: Mapping[str, str],
    policy: Mapping[str, Any],
    wanted: Intended,
    partition: str,
) -> Request:
    role = ROLE.format(partition=partition, account=wanted.account)
    grant = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Ours", "Effect": "Allow", "Action": action, "Resource": resource}],
    }
    return Request(
        principal=role,
        action=action,
        resource=resource,
        owner=wanted.account,
        context={
            "aws:SecureTransport": "true",
            "s3:TlsVersion": "1.3",
            "aws:PrincipalArn": role,
            "aws:PrincipalAccount": wanted.account,
            "aws:PrincipalType": "AssumedRole",
            "aws:PrincipalIsAWSService": "false",
            "aws:ResourceAccount": wanted.account,
            "aws:userid": f"{UNIQUE_ID}:thumbx-session",
            **more,
        },
        identity_policies={"grants": grant},
        resource_policy=dict(policy),
    )
