"""Checks accounts, regions and the ARNs of principals in the configuration.

A region belongs to one partition, and every ARN of the stack must be in that partition: `arn:aws:`
matches nobody in China or GovCloud, and IAM would accept it in a condition without an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_aws import Region

from components.configuration.reader import nearest, one_of

if TYPE_CHECKING:
    from components.configuration.reader import Place

# First match wins. Source: the region patterns in botocore's partitions.json; a test compares.
_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
    ("", "aws"),
)

# Source: dnsSuffix in the same file; the same test compares.
_DNS_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}

# The region of each partition's IAM, where every event about a role is logged. Source: the
# credential scope of its endpoint in botocore's endpoints.json; a test compares.
_IAM_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-f": "us-isof-south-1",
}

# The characters that IAM allows in names and paths of users and roles.
_NAME = r"[A-Za-z0-9_+=,.@-]+(?:/[A-Za-z0-9_+=,.@-]+)*"
_PRINCIPAL = re.compile(rf"arn:(?P<partition>[a-z-]+):iam::[0-9]{{12}}:(?:role|user)/{_NAME}")
_PATTERN = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::[0-9]{12}:(?:role|user)/(?P<name>[A-Za-z0-9_+=,.@/*-]+)"
)
_MANAGED_POLICY = re.compile(
    rf"arn:(?P<partition>[a-z-]+):iam::(?P<owner>[0-9]{{12}}|aws):policy/{_NAME}"
)
_KEY = re.compile(r"arn:(?P<partition>[a-z-]+):kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")
_ROLE_PATH = re.compile(r"/(?:[A-Za-z0-9_+=,.@-]+/)+")
_LONGEST_ROLE_PATH = 512
_DISTRIBUTION = re.compile(
    r"arn:(?P<partition>[a-z-]+):cloudfront::[0-9]{12}:distribution/[A-Z0-9]+"
)


def partition_of(region: str) -> str:
    """The partition of a region: `aws`, `aws-cn`, ..."""
    return next(partition for start, partition in _PARTITIONS if region.startswith(start))


def dns_suffix(region: str) -> str:
    """The end of the region's service addresses: `amazonaws.com`, ..."""
    return _DNS_SUFFIXES.get(partition_of(region), "amazonaws.com")


def iam_region(region: str) -> str:
    """The region in which IAM's calls are logged, in this region's partition."""
    return _IAM_REGIONS.get(partition_of(region), region)


def account_of(arn: str) -> str:
    """The account id in an ARN."""
    return arn.split(":")[4]


def is_distribution(arn: str) -> bool:
    """Whether the ARN is a CloudFront distribution's."""
    return _DISTRIBUTION.fullmatch(arn) is not None


def region(value: object, at: Place) -> str:
    """A region that the provider knows; an empty text if it is refused."""
    known = [known.value for known in Region]
    if isinstance(value, str) and value in known:
        return value
    near = nearest(value, known, 3) if isinstance(value, str) else []
    at.refuse(value, "which is not an AWS region", f"set one, such as {one_of(near or known[:3])}")
    return ""


def account_id(value: object, at: Place) -> str:
    """Twelve digits, as text; an empty text if it is refused."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{12}", value):
        return value
    command = f"pulumi config set --path '{at.path}' <12 digits> --type string"
    if isinstance(value, (int, float)):
        reason = "a number, and as a number an account id loses its leading zeros"
        at.refuse(value, reason, f"put it in quotes, or run: {command}")
    else:
        at.refuse(value, "which is not an account id of twelve digits", f"run: {command}")
    return ""


def boundary(value: object, at: Place) -> str | None:
    """The ARN of a managed policy, of an account or of AWS; None if it is not set."""
    if value in (None, ""):
        return None
    match = _MANAGED_POLICY.fullmatch(value) if isinstance(value, str) else None
    if match:
        return _in_partition(match, at)
    example = f"arn:{at.partition or 'aws'}:iam::222222222222:policy/boundary"
    at.refuse(value, "which is not the ARN of a managed policy", f"write one such as '{example}'")
    return None


def key(value: object, at: Place) -> str | None:
    """The ARN of a key of KMS; None where there is none."""
    if value in (None, ""):
        return None
    match = _KEY.fullmatch(value) if isinstance(value, str) else None
    if match:
        return _in_partition(match, at)
    remedy = (
        "write the key's own ARN, such as "
        "'arn:aws:kms:eu-central-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab', "
        "because IAM accepts no alias"
    )
    at.refuse(value, "which is not the ARN of a key", remedy)
    return None


def role_path(value: object, at: Place) -> str | None:
    """The path of an account's roles, with a slash at both ends; None if it is not set."""
    if value in (None, ""):
        return None
    if not isinstance(value, str) or not _ROLE_PATH.fullmatch(value):
        at.refuse(value, "which is not an IAM path", "write one such as '/teams/pictures/'")
    elif len(value) > _LONGEST_ROLE_PATH:
        reason = f"which is {len(value)} characters long"
        at.refuse(value, reason, f"use {_LONGEST_ROLE_PATH} at most")
    else:
        return value
    return None


def principal(value: object, at: Place) -> str:
    """The ARN of one role or user."""
    match = _PRINCIPAL.fullmatch(value) if isinstance(value, str) else None
    if match:
        return _in_partition(match, at)
    _refuse_principal(value, at)
    return ""


def principal_or_distribution(value: object, at: Place) -> str:
    """The ARN of one role or user, or of a CloudFront distribution."""
    match = _DISTRIBUTION.fullmatch(value) if isinstance(value, str) else None
    return _in_partition(match, at) if match else principal(value, at)


def administrator(value: object, at: Place) -> str:
    """The ARN of a role or user, or a pattern of such ARNs; `*` is allowed only after the account
    id.

    A pattern is safe only here, because administrators are named in conditions of a Deny and never
    as the Principal of an Allow.
    """
    match = _PATTERN.fullmatch(value) if isinstance(value, str) else None
    if match and match["name"].strip("*/"):
        return _in_partition(match, at)
    if match:
        reason = "which matches every role or user of the account, so that nobody would be refused"
        at.refuse(value, reason, "write a part of the name before or after the *")
    elif isinstance(value, str) and "*" in value:
        reason = "which is not a pattern of one account's roles or users"
        at.refuse(value, reason, f"use * only in the name: {_example(at.partition)}-*")
    else:
        _refuse_principal(value, at)
    return ""


def _in_partition(match: re.Match[str], at: Place) -> str:
    partition = at.partition
    if partition and match["partition"] != partition:
        reason = f"which is in partition {match['partition']!r}, but the region is in another one"
        arn = match.string.replace(f"arn:{match['partition']}:", f"arn:{partition}:", 1)
        at.refuse(match.string, reason, f"write {arn!r}, or set a region of that partition")
    return match.string


def _refuse_principal(value: object, at: Place) -> None:
    words = value if isinstance(value, str) else ""
    example = f"write one such as '{_example(at.partition)}'"
    if "*" in words or "?" in words:
        # Principal accepts whole ARNs only. Patterns work in conditions together with Principal
        # "*", but S3 counts such a statement as public, and Block Public Access refuses it.
        reason = (
            "which has a wildcard: a Principal accepts none, and a condition with one would be "
            "public"
        )
        at.refuse(value, reason, "name each role or user by its whole ARN")
    elif ":assumed-role/" in words:
        reason = "which is a session, and a session ends within hours"
        at.refuse(value, reason, f"name its role with its path; {example}")
    elif words.endswith(":root") or re.fullmatch(r"[0-9]{12}", words):
        at.refuse(value, "which is a whole account", f"name a role or user; {example}")
    elif is_distribution(words):
        reason = "which is a CloudFront distribution, and distributions may only read thumbnails"
        at.refuse(value, reason, "name it under thumbx:access.readers")
    else:
        at.refuse(value, "which is not the ARN of a role or user", example)


def _example(partition: str) -> str:
    return f"arn:{partition or 'aws'}:iam::222222222222:role/pictures"
