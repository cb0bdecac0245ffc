"""The bucket and its settings, each of which Pulumi has as a resource of its own."""

from __future__ import annotations

from typing import Any, cast

from sandbox.providers.request import Created, Order

# Pulumi's names are boto3's with a small first letter, but for these.
NAMES = {
    "id": "ID",
    "kmsMasterKeyId": "KMSMasterKeyID",
    "sseAlgorithm": "SSEAlgorithm",
}


def bucket(order: Order) -> Created:
    """A bucket in the region of its provider."""
    name, region = order.physical_name("bucket").lower(), order.target.region
    where: dict[str, Any] = {}
    if region != "us-east-1":  # which CreateBucket takes for granted and refuses to be told
        where["CreateBucketConfiguration"] = {"LocationConstraint": region}
    order.target.client("s3").create_bucket(Bucket=name, **where)
    return Created(
        id=name,
        outputs={
            "bucket": name,
            "arn": f"arn:aws:s3:::{name}",
            "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "region": region,
        },
    )


def versioning(order: Order) -> Created:
    """Whether old versions are kept."""
    name = order.need("bucket")
    order.target.client("s3").put_bucket_versioning(
        Bucket=name, VersioningConfiguration=_boto(order.need("versioningConfiguration"))
    )
    return Created(id=name)


def public_access_block(order: Order) -> Created:
    """What of the bucket may ever be public."""
    name = order.need("bucket")
    order.target.client("s3").put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration=cast(
            "Any",
            order.present(
                BlockPublicAcls="blockPublicAcls",
                BlockPublicPolicy="blockPublicPolicy",
                IgnorePublicAcls="ignorePublicAcls",
                RestrictPublicBuckets="restrictPublicBuckets",
            ),
        ),
    )
    return Created(id=name)


def ownership_controls(order: Order) -> Created:
    """Who owns what others upload."""
    name = order.need("bucket")
    order.target.client("s3").put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [_boto(order.need("rule"))]}
    )
    return Created(id=name)


def encryption(order: Order) -> Created:
    """With what objects are encrypted."""
    name = order.need("bucket")
    rules: list[Any] = order.need("rules")
    for rule in rules:
        blocked = rule.pop("blockedEncryptionTypes", None)
        if blocked:  # a list in Pulumi, an object around it in the API
            rule["blockedEncryptionTypes"] = {"encryptionType": blocked}
    order.target.client("s3").put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": _boto(rules)}
    )
    return Created(id=name)


def lifecycle(order: Order) -> Created:
    """What is deleted by age."""
    name = order.need("bucket")
    order.target.client("s3").put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": _boto(order.need("rules"))}
    )
    return Created(id=name)


def policy(order: Order) -> Created:
    """Who may touch what."""
    name = order.need("bucket")
    order.target.client("s3").put_bucket_policy(Bucket=name, Policy=order.need("policy"))
    return Created(id=name)


def notification(order: Order) -> Created:
    """Which queue hears of which objects."""
    name = order.need("bucket")
    queues: list[Any] = []
    for queue in order.need("queues"):
        configuration = {"QueueArn": queue.pop("queueArn"), "Events": queue.pop("events")}
        if "id" in queue:
            configuration["Id"] = queue.pop("id")
        rules = [
            {"Name": kind, "Value": queue.pop(key)}
            for kind, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
            if key in queue
        ]
        # Whatever is left goes along, for botocore to refuse it by its name.
        queues.append(configuration | {"Filter": {"Key": {"FilterRules": rules}}} | queue)
    order.target.client("s3").put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"QueueConfigurations": queues}
    )
    return Created(id=name)


def _boto(value: Any) -> Any:
    """A nested input by boto3's names; botocore refuses an unknown one by that name."""
    match value:
        case dict():
            given = cast("dict[str, Any]", value)
            return {
                NAMES.get(key, key[:1].upper() + key[1:]): _boto(inner)
                for key, inner in given.items()
                if inner is not None
            }
        case list():
            return [_boto(inner) for inner in cast("list[Any]", value)]
        case _:
            return value
