"""Every bucket refuses plain http and public access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.documents import conditions, listed, principals, statements
from rules.resource import PreviewedResource, ResourceRule, StackRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from components.policies import Statement

BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ACL = "aws:s3/bucketAcl:BucketAcl"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def plain_http(resource: PreviewedResource) -> Iterator[str]:
    """A bucket policy that allows requests over plain http."""
    if resource.type == POLICY:
        covered = {
            resource
            for each in statements(resource)
            if _refuses_plain_http(each)
            for resource in listed(each.get("Resource"))
        }
        objects = [each for each in covered if str(each).endswith("/*")]
        if not any(str(each).removesuffix("/*") in covered for each in objects):
            yield (
                "Nothing refuses plain http to the bucket and its objects; add a Deny of s3:* to "
                'Principal "*" on both where aws:SecureTransport is "false".'
            )


def _refuses_plain_http(statement: Statement) -> bool:
    condition = conditions(statement)
    return (
        statement["Effect"] == "Deny"
        and "*" in principals(statement, "AWS")
        and "s3:*" in listed(statement.get("Action"))
        # A Deny with one more condition would allow every request that does not meet that
        # condition.
        and list(condition) == [("bool", "aws:securetransport")]
        # IAM accepts the text "false" and JSON's false.
        and [str(each).lower() for each in condition["bool", "aws:securetransport"]] == ["false"]
    )


def public_access(resource: PreviewedResource) -> Iterator[str]:
    """A public access block with a switch that is off."""
    if resource.type == BLOCK:
        off = [switch for switch in SWITCHES if resource.properties.get(switch) is not True]
        if off:
            yield f"Its switches {', '.join(off)} would be off; set all four to true."


def public_acl(resource: PreviewedResource) -> Iterator[str]:
    """A bucket with its own ACL; since April 2023 a new bucket accepts only a private one."""
    acl = resource.properties.get("acl")
    if resource.type in (*BUCKETS, ACL) and acl not in (None, "private"):
        yield f"Its ACL is {acl}; leave it private, and name who may read in the bucket's policy."


def closed(resources: Sequence[PreviewedResource]) -> Iterator[tuple[str, str]]:
    """A bucket without a policy or without a public access block."""
    for bucket in resources:
        if bucket.type in BUCKETS:
            for kind, word in ((POLICY, "policy"), (BLOCK, "public access block")):
                if not any(each.type == kind and _is_of(each, bucket) for each in resources):
                    yield bucket.name, f"{bucket.name} has no {word}; add one for this bucket."


def _is_of(neighbour: PreviewedResource, bucket: PreviewedResource) -> bool:
    # First by the resources that the property refers to: these are known when the bucket's name is
    # not, and with two buckets an unknown name must not be read.
    if made_of := neighbour.refers_to.get("bucket"):
        return bucket.urn in made_of
    return neighbour.properties.get("bucket") == bucket.properties.get("bucket", bucket.name)


REFUSES_PLAIN_HTTP = ResourceRule(
    "bucket-refuses-plain-http", "A bucket refuses requests over plain http.", plain_http
)
BLOCKS_PUBLIC_ACCESS = ResourceRule(
    "bucket-blocks-public-access", "A bucket can never be made public.", public_access
)
HAS_NO_ACL = ResourceRule(
    "bucket-has-no-acl", "No ACL gives anybody access to a bucket.", public_acl
)
IS_CLOSED = StackRule(
    "bucket-is-closed", "Every bucket has a policy and a public access block.", closed
)
