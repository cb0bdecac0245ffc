"""The columns of the matrix that concern the bucket itself, and other buckets of B."""

from __future__ import annotations

from typing import Any

from proof.attempts import Attempt, Current, Need
from proof.object_columns import OF_OTHER_BUCKETS


def _bucket(
    name: str,
    says: str,
    operation: str,
    action: str,
    *,
    other: bool = False,
    carries: dict[str, str] | None = None,
    after_the_decision: frozenset[str] = frozenset(),
    **parameters: Any,
) -> Attempt:
    bucket = "neighbour" if other else "bucket"
    need = Need(
        action=action,
        resource=f"{{{bucket}_arn}}",
        owner="{storage}",
        carries=dict(carries or {}),
    )
    return Attempt(
        group="other buckets" if other else "bucket",
        name=name,
        says=says,
        needs=(need,),
        service="s3",
        operation=operation,
        parameters={"Bucket": f"{{{bucket}}}", **parameters},
        after_the_decision=after_the_decision,
    )


def _list(name: str, says: str, prefix: str, *, other: bool = False) -> Attempt:
    more: dict[str, Any] = {"Prefix": prefix, "carries": {"s3:prefix": prefix}} if prefix else {}
    return _bucket(name, says, "list_objects_v2", "s3:ListBucket", other=other, **more)


BUCKET = (
    _list("list all", "list every key of the bucket", ""),
    _list("list originals", "list {originals}*", "{originals}"),
    _list("list thumbnails", "list {thumbnails}*", "{thumbnails}"),
    _list("list elsewhere", "list {elsewhere}*", "{elsewhere}"),
    _bucket(
        "list versions",
        "list every version in the bucket",
        "list_object_versions",
        "s3:ListBucketVersions",
    ),
    _bucket(
        "list uploads",
        "list unfinished uploads",
        "list_multipart_uploads",
        "s3:ListBucketMultipartUploads",
    ),
    _bucket("read the policy", "read the bucket policy", "get_bucket_policy", "s3:GetBucketPolicy"),
    _bucket(
        "change the policy",
        "change the bucket policy",
        "put_bucket_policy",
        "s3:PutBucketPolicy",
        Policy=Current("bucket policy"),
    ),
    _bucket(
        "change the notification",
        "change whom the bucket notifies",
        "put_bucket_notification_configuration",
        "s3:PutBucketNotification",
        NotificationConfiguration={},
    ),
    _bucket(
        "change versioning",
        "switch versioning",
        "put_bucket_versioning",
        "s3:PutBucketVersioning",
        VersioningConfiguration={"Status": "Enabled"},
    ),
    _bucket(
        "change public access",
        "switch the public access block",
        "put_public_access_block",
        "s3:PutBucketPublicAccessBlock",
        PublicAccessBlockConfiguration=Current("public access block"),
    ),
    _bucket(
        "change the lifecycle",
        "let objects expire",
        "put_bucket_lifecycle_configuration",
        "s3:PutLifecycleConfiguration",
        LifecycleConfiguration=Current("lifecycle"),
    ),
    _bucket(
        "delete the bucket",
        "delete the bucket once it is empty",
        "delete_bucket",
        "s3:DeleteBucket",
        after_the_decision=frozenset({"BucketNotEmpty"}),
    ),
)

OTHER_BUCKETS = (
    *OF_OTHER_BUCKETS,
    _list("list", "list other buckets of B", "", other=True),
    _list("list a prefix", "list other buckets of B by prefix", "{originals}", other=True),
    _bucket(
        "list versions",
        "list every version in other buckets of B",
        "list_object_versions",
        "s3:ListBucketVersions",
        other=True,
    ),
)
