"""Adds our refusals to the bucket's existing policy, and lists who would lose what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from adopt.errors import AdoptError
from audit.accounts.errors import aws_errors, code_of
from audit.accounts.permissions import STORAGE
from components.storage.adopted_policy import SID
from proof.evaluation import Request, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from adopt.facts import Intended
    from audit.accounts.clients import AccountClients

LARGEST = 20 * 1024  # bytes of a bucket policy [AWS documentation]
NOBODY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


@dataclass(frozen=True, kw_only=True)
class Loss:
    """An action that somebody may do now and could not do with our refusals."""

    principal: str
    request: str
    sids: tuple[str, ...]


def read(access: AccountClients, bucket: str, owner: str) -> dict[str, Any] | None:
    """The bucket's policy; None if it has none."""
    with aws_errors(f"reading the policy of {bucket}", STORAGE):
        try:
            answer = access.client(STORAGE, "s3").get_bucket_policy(
                Bucket=bucket, ExpectedBucketOwner=owner
            )
        except ClientError as error:
            if code_of(error) == "NoSuchBucketPolicy":
                return None
            raise
    return json.loads(answer["Policy"])


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two policies have the same statements, in any form in which S3 returns them."""
    return sorted(map(_canonical, _statements(one))) == sorted(map(_canonical, _statements(other)))


def merged(theirs: Mapping[str, Any] | None, ours: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Their policy with our statements at its end; statements of ours that exist already are not
    changed.

    Raises AdoptError if a statement with our Sid has another content, and if the policy would be
    larger than S3 accepts.
    """
    policy = dict(theirs or NOBODY)
    statements = [dict(each) for each in _statements(policy)]
    there = {each.get("Sid"): each for each in statements}
    for each in ours:
        found = there.get(each["Sid"])
        if found is None:
            statements.append(dict(each))
        elif _canonical(found) != _canonical(each):
            raise AdoptError(
                f"the bucket's policy has a statement {each['Sid']} with another "
                f"content:\n{json.dumps(found, indent=2)}\nwhat is "
                f"wanted:\n{json.dumps(each, indent=2)}\nremove it, or rename it if it is not "
                "thumbx's"
            )
    policy["Statement"] = statements
    size = len(json.dumps(policy, separators=(",", ":")).encode())
    if size > LARGEST:
        raise AdoptError(
            f"the merged policy has {size:,} bytes, but S3 accepts {LARGEST:,}; name fewer "
            "principals in thumbx:access, or ask the policy's owner to shorten it"
        )
    return policy


def without(policy: Mapping[str, Any]) -> dict[str, Any]:
    """The policy without our statements, for `release`."""
    kept = [each for each in _statements(policy) if not str(each.get("Sid", "")).startswith(SID)]
    return {**policy, "Statement": kept}


def losses(
    before: Mapping[str, Any] | None, after: Mapping[str, Any], wanted: Intended, partition: str
) -> list[Loss]:
    """The principals that could do less: every principal that a statement names, and a role with
    `s3:*`.

    A role of the bucket's own account is assumed to have every S3 permission, because its identity
    policies are not read; it loses at most what is listed.
    """
    asked = [
        (principal, name, action, resource)
        for principal in sorted(_principals(before or NOBODY, wanted, partition))
        for name, action, resource in _samples(wanted, partition)
    ]
    answers = {
        when: evaluate([_request(*each, policy, wanted) for each in asked])
        for when, policy in (("before", before or NOBODY), ("after", after))
    }
    return [
        Loss(principal=principal, request=name, sids=then.because)
        for (principal, name, _, _), now, then in zip(
            asked, answers["before"], answers["after"], strict=True
        )
        if now.allowed and not then.allowed
    ]


def _samples(wanted: Intended, partition: str) -> Iterator[tuple[str, str, str]]:
    bucket = f"arn:{partition}:s3:::{wanted.bucket}"
    original = f"{bucket}/{wanted.originals}a.jpg"
    thumbnail = f"{bucket}/{wanted.thumbnails}a.jpg/small.jpg"
    yield "read originals", "s3:GetObject", original
    yield "read versions of originals", "s3:GetObjectVersion", original
    yield "write originals", "s3:PutObject", original
    yield "tag originals", "s3:PutObjectTagging", original
    yield "delete originals", "s3:DeleteObject", original
    yield "read thumbnails", "s3:GetObject", thumbnail
    yield "write thumbnails", "s3:PutObject", thumbnail
    yield "delete thumbnails", "s3:DeleteObject", thumbnail
    yield "read objects outside our prefixes", "s3:GetObject", f"{bucket}/zz-elsewhere/a"


def _principals(policy: Mapping[str, Any], wanted: Intended, partition: str) -> set[str]:
    """The ARNs of roles and users, and the names of services, that a statement allows something."""
    found = {f"arn:{partition}:iam::{wanted.account}:role/any-role-with-every-right-on-s3"}
    for statement in _statements(policy):
        principal = statement.get("Principal", {})
        if statement["Effect"] != "Allow" or not isinstance(principal, dict):
            continue
        for kind, values in principal.items():  # pyright: ignore[reportUnknownVariableType]
            named: list[str] = [values] if isinstance(values, str) else list(values)  # pyright: ignore[reportUnknownArgumentType]
            found |= {_role_of(each, partition) for each in named if kind in ("AWS", "Service")}
    return found - {"*"}


def _role_of(principal: str, partition: str) -> str:
    """An account's root stands for any role of the account."""
    account = principal if principal.isdigit() else ""
    if principal.endswith(":root"):
        account = principal.split(":")[4]
    return f"arn:{partition}:iam::{account}:role/any-role" if account else principal


def _request(
    principal: str,
    _name: str,
    action: str,
    resource: str,
    policy: Mapping[str, Any],
    wanted: Intended,
) -> Request:
    is_service = not principal.startswith("arn:")
    account = "" if is_service else principal.split(":")[4]
    grant = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    context = {
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
        "aws:ResourceAccount": wanted.account,
        "aws:PrincipalIsAWSService": str(is_service).lower(),
        "aws:SourceAccount": wanted.account,
    }
    if account:
        context |= {"aws:PrincipalArn": principal, "aws:PrincipalAccount": account}
    return Request(
        principal=principal,
        action=action,
        resource=resource,
        owner=wanted.account,
        context=context,
        identity_policies={} if is_service else {"own": {**NOBODY, "Statement": [grant]}},
        resource_policy=dict(policy),
    )


def _statements(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A policy may hold one statement without a list."""
    found: Any = policy.get("Statement", [])
    return [found] if isinstance(found, dict) else list(found)


def _canonical(statement: Mapping[str, Any]) -> str:
    """A text that is equal for policies of equal meaning: a list with one value becomes the
    value.
    """

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, list):
            each: list[Any] = sorted((plain(each) for each in value), key=str)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            return each[0] if len(each) == 1 else each
        return value

    return json.dumps(plain(dict(statement)), sort_keys=True)
