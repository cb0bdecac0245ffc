"""Checks of a bucket's settings: each whole setting is compared with the program's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from audit.accounts.errors import aws_errors
from audit.accounts.permissions import STORAGE
from audit.checks.expected import canonical
from audit.checks.result import PUT_BACK, CheckResult, judged, of_owner, or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.checks.subject import Subject


def _lifecycle_rule(value: Any) -> Any:
    """A lifecycle rule in S3's format: capitalised names, whole numbers, and no filter if it
    applies to all objects.
    """
    if isinstance(value, dict):
        given = cast("dict[str, Any]", value)
        return {
            "ID" if key.lower() == "id" else key[0].upper() + key[1:]: _lifecycle_rule(inner)
            for key, inner in given.items()
            if key.lower() != "filter" or inner not in ({}, {"Prefix": ""}, {"prefix": ""})
        }
    return int(value) if isinstance(value, float) else value


# The bucket's settings: S3's call, the member of its answer, the program's resource, and the
# function that turns the resource's inputs into S3's format.
SETTINGS: dict[str, tuple[str, str, str, Callable[[dict[str, Any]], Any]]] = {
    "public access block": (
        "get_public_access_block",
        "PublicAccessBlockConfiguration",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        lambda inputs: {
            key[0].upper() + key[1:]: value for key, value in inputs.items() if key != "bucket"
        },
    ),
    "ownership of uploads": (
        "get_bucket_ownership_controls",
        "OwnershipControls",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        lambda inputs: {"Rules": [{"ObjectOwnership": inputs["rule"]["objectOwnership"]}]},
    ),
    "versioning": (
        "get_bucket_versioning",
        "Status",
        "aws:s3/bucketVersioning:BucketVersioning",
        lambda inputs: inputs["versioningConfiguration"]["status"],
    ),
    "lifecycle": (
        "get_bucket_lifecycle_configuration",
        "Rules",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        lambda inputs: [_lifecycle_rule(rule) for rule in inputs["rules"]],
    ),
    "encryption": (
        "get_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        lambda inputs: [
            rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] for rule in inputs["rules"]
        ],
    ),
}


def setting(subject: Subject, what: str) -> CheckResult:
    """Check one whole setting of the bucket."""
    if subject.expected.adopts:
        return of_owner(what)
    wanted, deployed = setting_of(subject, what, subject.wiring.bucket)
    problems = [] if wanted == deployed else [f"{deployed}, not {wanted}"]
    return judged(what, problems, f"{wanted}", PUT_BACK)


def setting_of(subject: Subject, what: str, bucket: str) -> tuple[Any, Any]:
    """One setting of a bucket: as the program defines it and as it is deployed."""
    call, member, token, in_s3s_words = SETTINGS[what]
    with aws_errors(f"reading the {what} of {bucket}", STORAGE):
        answer: dict[str, Any] = (
            or_none(
                lambda: getattr(subject.access.client(STORAGE, "s3"), call)(Bucket=bucket),
                "NoSuchPublicAccessBlockConfiguration",
                "OwnershipControlsNotFoundError",
                "ServerSideEncryptionConfigurationNotFoundError",
                "NoSuchLifecycleConfiguration",
            )
            or {}
        )
    deployed: Any = answer.get(member)
    if member == "Rules" and deployed:
        deployed = [_lifecycle_rule(rule) for rule in deployed]
    if member == "ServerSideEncryptionConfiguration" and deployed:
        # S3 adds BucketKeyEnabled and the blocked types of encryption by itself.
        by_default = "ApplyServerSideEncryptionByDefault"
        deployed = [rule[by_default]["SSEAlgorithm"] for rule in deployed["Rules"]]
    (inputs,) = [inputs for _, inputs in subject.expected.of(token) if inputs["bucket"] == bucket]
    return canonical(in_s3s_words(inputs)), canonical(deployed)


CHECKS = tuple((each, setting) for each in SETTINGS)
