"""The bucket and its settings; each setting is a separate resource in Pulumi."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from sandbox.providers.definition import Call, Definition
from sandbox.providers.request import Created, ResourceRequest

if TYPE_CHECKING:
    from collections.abc import Callable

# Pulumi's names are boto3's with a lower-case first letter, except for these.
NAMES = {
    "id": "ID",
    "kmsMasterKeyId": "KMSMasterKeyID",
    "sseAlgorithm": "SSEAlgorithm",
}


def bucket(request: ResourceRequest) -> Created:
    """A bucket in the region of its provider."""
    name, region = request.need("bucket"), request.target.region
    where: dict[str, Any] = {}
    if region != "us-east-1":  # CreateBucket assumes this region and refuses it as a parameter
        where["CreateBucketConfiguration"] = {"LocationConstraint": region}
    request.target.client("s3").create_bucket(Bucket=name, **where)
    return Created(
        id=name,
        outputs={
            "bucket": name,
            "arn": f"arn:aws:s3:::{name}",
            "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "region": region,
        },
    )


def versioning(request: ResourceRequest) -> Created:
    """Whether old versions are kept."""
    name = request.need("bucket")
    request.target.client("s3").put_bucket_versioning(
        Bucket=name, VersioningConfiguration=_boto(request.need("versioningConfiguration"))
    )
    return Created(id=name)


def public_access_block(request: ResourceRequest) -> Created:
    """The public access block of the bucket."""
    name = request.need("bucket")
    request.target.client("s3").put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration=cast(
            "Any",
            request.present(
                BlockPublicAcls="blockPublicAcls",
                BlockPublicPolicy="blockPublicPolicy",
                IgnorePublicAcls="ignorePublicAcls",
                RestrictPublicBuckets="restrictPublicBuckets",
            ),
        ),
    )
    return Created(id=name)


def ownership_controls(request: ResourceRequest) -> Created:
    """Who owns the objects that other accounts upload."""
    name = request.need("bucket")
    request.target.client("s3").put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [_boto(request.need("rule"))]}
    )
    return Created(id=name)


def cors(request: ResourceRequest) -> Created:
    """The pages whose scripts may send requests and read the answers."""
    name = request.need("bucket")
    request.target.client("s3").put_bucket_cors(
        Bucket=name, CORSConfiguration={"CORSRules": _boto(request.need("corsRules"))}
    )
    return Created(id=name)


def encryption(request: ResourceRequest) -> Created:
    """How objects are encrypted."""
    name = request.need("bucket")
    rules: list[Any] = request.need("rules")
    for rule in rules:
        blocked = rule.pop("blockedEncryptionTypes", None)
        if blocked:  # a list in Pulumi, an object with the list in the API
            rule["blockedEncryptionTypes"] = {"encryptionType": blocked}
    request.target.client("s3").put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": _boto(rules)}
    )
    return Created(id=name)


def lifecycle(request: ResourceRequest) -> Created:
    """Which objects are deleted by age."""
    name = request.need("bucket")
    request.target.client("s3").put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": _boto(request.need("rules"))}
    )
    return Created(id=name)


def policy(request: ResourceRequest) -> Created:
    """Who may touch what."""
    name = request.need("bucket")
    request.target.client("s3").put_bucket_policy(Bucket=name, Policy=request.need("policy"))
    return Created(id=name)


def notification(request: ResourceRequest) -> Created:
    """Which queue gets events about which objects."""
    name = request.need("bucket")
    queues: list[Any] = []
    for queue in request.need("queues"):
        configuration = {"QueueArn": queue.pop("queueArn"), "Events": queue.pop("events")}
        if "id" in queue:
            configuration["Id"] = queue.pop("id")
        rules = [
            {"Name": kind, "Value": queue.pop(key)}
            for kind, key in (("prefix", "filterPrefix"), ("suffix", "filterSuffix"))
            if key in queue
        ]
        # Inputs that are left are passed on, so that botocore refuses them by name.
        queues.append(configuration | {"Filter": {"Key": {"FilterRules": rules}}} | queue)
    wanted: Any = {"QueueConfigurations": queues}
    if request.take("eventbridge"):
        wanted["EventBridgeConfiguration"] = {}
    request.target.client("s3").put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration=wanted
    )
    return Created(id=name)


def _boto(value: Any) -> Any:
    """A nested input with boto3's names; botocore refuses an unknown name."""
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


def unchanged(request: ResourceRequest, name: str) -> None:
    """Do nothing, because no setting that the emulator supports can be changed."""


def _call(operation: str, **more: Any) -> Call:
    return Call("s3", operation, ("Bucket",), more)


def _setting(create: Callable[[ResourceRequest], Created], read: Call, delete: Call) -> Definition:
    return Definition(create=create, read=(read,), delete=delete)


DEFINITIONS = {
    "aws:s3/bucket:Bucket": Definition(
        create=bucket,
        update=unchanged,
        read=(
            _call("head_bucket"),
            _call("get_bucket_acl"),
            _call("get_bucket_location"),
            _call("get_bucket_logging"),
            _call("get_bucket_request_payment"),
            _call("get_bucket_versioning"),
            replace(_call("get_bucket_encryption"), optional=True),
            replace(_call("get_bucket_policy"), optional=True),
            replace(_call("get_bucket_lifecycle_configuration"), optional=True),
        ),
        delete=_call("delete_bucket"),
    ),
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _setting(
        cors, _call("get_bucket_cors"), _call("delete_bucket_cors")
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting(
        lifecycle, _call("get_bucket_lifecycle_configuration"), _call("delete_bucket_lifecycle")
    ),
    "aws:s3/bucketNotification:BucketNotification": _setting(
        notification,
        replace(_call("get_bucket_notification_configuration"), expects="QueueConfigurations"),
        _call("put_bucket_notification_configuration", NotificationConfiguration={}),
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(
        ownership_controls,
        _call("get_bucket_ownership_controls"),
        _call("delete_bucket_ownership_controls"),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _setting(
        policy,
        replace(_call("get_bucket_policy"), document=("Policy",)),
        _call("delete_bucket_policy"),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(
        public_access_block, _call("get_public_access_block"), _call("delete_public_access_block")
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        _setting(encryption, _call("get_bucket_encryption"), _call("delete_bucket_encryption"))
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _setting(
        versioning,
        replace(_call("get_bucket_versioning"), expects="Status"),
        _call("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}),
    ),
}
