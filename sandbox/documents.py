"""The deployed policies, read and written as the root of their account."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client

Policy = dict[str, Any]


class Document(Protocol):
    """A set of named policies that is read and written together."""

    @property
    def title(self) -> str:
        """The name to show."""
        ...

    def read(self) -> Mapping[str, Policy]:
        """The policies by name."""
        ...

    def write(self, policies: Mapping[str, Policy]) -> None:
        """Replace the policies by these."""
        ...


@dataclass(frozen=True)
class BucketPolicy:
    """The policy of the bucket."""

    s3: S3Client
    bucket: str
    title: str = "bucket policy"

    def read(self) -> Mapping[str, Policy]:
        """One policy."""
        return {"": json.loads(self.s3.get_bucket_policy(Bucket=self.bucket)["Policy"])}

    def write(self, policies: Mapping[str, Policy]) -> None:
        """Put it in place."""
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(policies[""]))


@dataclass(frozen=True)
class PublicAccessBlock:
    """The public access block of the bucket: four switches instead of statements."""

    s3: S3Client
    bucket: str
    title: str = "public access block"

    def read(self) -> Mapping[str, Policy]:
        """The four switches."""
        found = self.s3.get_public_access_block(Bucket=self.bucket)
        return {"": dict(found["PublicAccessBlockConfiguration"])}

    def write(self, policies: Mapping[str, Policy]) -> None:
        """Set them."""
        switches = cast("Any", policies[""])
        self.s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=switches)


@dataclass(frozen=True)
class TrustPolicy:
    """Who may assume a role."""

    iam: IAMClient
    role: str
    title: str

    def read(self) -> Mapping[str, Policy]:
        """One policy."""
        role: Any = self.iam.get_role(RoleName=self.role)["Role"]
        return {"": role["AssumeRolePolicyDocument"]}

    def write(self, policies: Mapping[str, Policy]) -> None:
        """Put it in place."""
        self.iam.update_assume_role_policy(
            RoleName=self.role, PolicyDocument=json.dumps(policies[""])
        )


@dataclass(frozen=True)
class Grants:
    """The grants of a role: all its inline policies."""

    iam: IAMClient
    role: str
    title: str

    def read(self) -> Mapping[str, Policy]:
        """The policies by name."""
        names = self.iam.list_role_policies(RoleName=self.role)["PolicyNames"]
        return {
            name: cast(
                "Any",
                self.iam.get_role_policy(RoleName=self.role, PolicyName=name)["PolicyDocument"],
            )
            for name in names
        }

    def write(self, policies: Mapping[str, Policy]) -> None:
        """Write these policies, and delete the others."""
        for name in set(self.read()) - set(policies):
            self.iam.delete_role_policy(RoleName=self.role, PolicyName=name)
        for name, policy in policies.items():
            self.iam.put_role_policy(
                RoleName=self.role, PolicyName=name, PolicyDocument=json.dumps(policy)
            )


def statement(policies: Mapping[str, Policy], sid: str) -> Policy:
    """The statement with that Sid; KeyError if there is none or more than one."""
    found = [each for policy in policies.values() for each in policy["Statement"]]
    named = [each for each in found if each.get("Sid") == sid]
    if len(named) != 1:
        raise KeyError(f"{sid}: {len(named)} statements, not one, among {[*map(_sid, found)]}")
    return named[0]


def without(policies: Mapping[str, Policy], sid: str) -> dict[str, Policy]:
    """The policies without the statement with that Sid."""
    gone = statement(policies, sid)
    return {
        name: policy | {"Statement": [each for each in policy["Statement"] if each != gone]}
        for name, policy in policies.items()
    }


def widened(policies: Mapping[str, Policy], sid: str, key: str, value: Any) -> dict[str, Policy]:
    """The policies with another `value` for `key` of the statement with that Sid."""
    made = copy.deepcopy(dict(policies))
    statement(made, sid)[key] = value
    return made


def joined(policies: Mapping[str, Policy], new: Policy) -> dict[str, Policy]:
    """The policies with one more statement, added to the first policy."""
    made = copy.deepcopy(dict(policies))
    next(iter(made.values()))["Statement"].append(new)
    return made


def _sid(each: Policy) -> str:
    return str(each.get("Sid"))
