"""Refusals of S3, each with its page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sandbox.cloud.identity import principals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.cloud.things import Cloud, Thing

BUCKET, BUCKET_POLICY = "aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"


def bucket(_: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", thing.id):
        yield f"InvalidBucketName: {thing.id}"


def in_bucket(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
    if not cloud.find(BUCKET, thing.inputs["bucket"], thing.account, thing.region):
        yield f"NoSuchBucket: {thing.inputs['bucket']} in {thing.region}"


def bucket_policy(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""
    yield from in_bucket(cloud, thing)
    yield from principals(cloud, thing)


def encryption(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html"""
    yield from in_bucket(cloud, thing)
    rules: list[dict[str, Any]] = thing.inputs["rules"]
    for each in rules:
        settings: dict[str, str] = each.get("applyServerSideEncryptionByDefault") or {}
        key = settings.get("kmsMasterKeyId")
        if key and not cloud.exists(key):
            yield f"KMS.NotFoundException: {key}"


def notification(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """Before S3 saves a notification, it checks that the queue's policy lets it send.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    yield from in_bucket(cloud, thing)
    arn = f"arn:aws:s3:::{thing.inputs['bucket']}"
    queues: list[dict[str, Any]] = thing.inputs.get("queues") or []
    for each in queues:
        queue = cloud.with_arn(each["queueArn"])
        policy = queue and cloud.find(QUEUE_POLICY, queue.id, queue.account, queue.region)
        granted = [
            statement
            for statement in (policy.document("policy") if policy else [])
            if "s3.amazonaws.com" in json.dumps(statement.get("Principal"))
            and arn in json.dumps(statement.get("Condition"))
            and thing.account in json.dumps(statement.get("Condition"))
        ]
        if not queue or queue.region != thing.region or not granted:
            yield "InvalidArgument: Unable to validate the following destination configurations"


def delete_bucket(cloud: Cloud, thing: Thing) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html

    With `forceDestroy` the provider empties it first.
    """
    if cloud.objects.get(thing.id) and not thing.inputs.get("forceDestroy"):
        yield f"BucketNotEmpty: The bucket you tried to delete is not empty: {thing.id}"


SAVING: Mapping[str, Callable[[Cloud, Thing], Iterator[str]]] = {
    BUCKET: bucket,
    BUCKET_POLICY: bucket_policy,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": in_bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": in_bucket,
    "aws:s3/bucketNotification:BucketNotification": notification,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": in_bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": in_bucket,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        encryption
    ),
    "aws:s3/bucketVersioning:BucketVersioning": in_bucket,
}
DELETING: Mapping[str, Callable[[Cloud, Thing], Iterator[str]]] = {
    BUCKET: delete_bucket,
}
