"""Which changes of the program's resources raise an alarm, as EventBridge patterns.

The names are CloudTrail's; some differ from the API's (PutBucketLifecycleConfiguration). Requests
name a function, a rule or a key by name, by id or by ARN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

from components.watch.access_events import Event, calls, change, containing, refused, starting

if TYPE_CHECKING:
    from collections.abc import Sequence

ROLE_CHANGES = (
    *("UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy"),
    *("DetachRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"),
    *("UpdateRole", "DeleteRole"),
)
BUCKET_CHANGES = (
    *("PutBucketPolicy", "DeleteBucketPolicy", "PutBucketLifecycle", "DeleteBucketLifecycle"),
    *("PutBucketReplication", "DeleteBucketReplication", "PutBucketVersioning"),
    *("PutBucketNotification", "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock"),
    *("PutBucketAcl", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"),
    *("PutBucketEncryption", "DeleteBucketEncryption", "DeleteBucket"),
)
TRAIL_CHANGES = ("StopLogging", "UpdateTrail", "DeleteTrail", "PutEventSelectors")
# These are beginnings of names, as are the next ones: "DisableKey" also matches DisableKeyRotation.
KEY_CHANGES = ("ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy", "CreateGrant")
FUNCTION_CHANGES = (
    *("UpdateFunction", "DeleteFunction", "PutFunction", "CreateFunctionUrl", "AddPermission"),
    *("RemovePermission", "CreateEventSource", "UpdateEventSource", "DeleteEventSource"),
    *("PublishLayerVersion", "DeleteLayerVersion", "AddLayerVersion", "RemoveLayerVersion"),
)


def role_changes(role_name: pulumi.Input[str]) -> Event:
    """Changes of who may assume the role, and of what it may do."""
    either = [{"requestParameters": {"roleName": [role_name]}}, refused(role_name)]
    return change(
        "role-changed",
        "Somebody changed the trust or the grants of the pipeline's role in this account, or "
        "tried to.",
        calls("iam", {"eventName": list(ROLE_CHANGES), "$or": either}),
        elsewhere=True,
    )


def bucket_changes(buckets: Sequence[pulumi.Input[str]]) -> Event:
    """Changes of a bucket's readers, of deletion by age, and of where objects are copied."""
    return change(
        "bucket-changed",
        "Somebody changed a policy or a setting of the pictures' bucket or of the log bucket, or "
        "tried to. No statement of the bucket policy refuses these calls. A lifecycle rule can "
        "delete every picture.",
        calls(
            "s3", eventName=list(BUCKET_CHANGES), requestParameters={"bucketName": list(buckets)}
        ),
    )


def notification_changes(bucket: pulumi.Input[str]) -> Event:
    """Changes of whom an existing bucket notifies of uploads, including changes by its owner.

    EventBridge's patterns cannot ask whether the empty element is missing, so every change rings.
    """
    return Event(
        name="notification-changed",
        description=(
            "Somebody changed whom the pictures' bucket notifies, or tried to. Without "
            "EventBridge in that configuration, new uploads get no thumbnails."
        ),
        pattern=calls(
            "s3",
            eventName=["PutBucketNotification", "DeleteBucket"],
            requestParameters={"bucketName": [bucket]},
        ),
    )


def trail_changes(trail_name: str, trail_arn: pulumi.Input[str]) -> Event:
    """Changes of what is logged; CloudTrail accepts name and ARN, in one of two parameters."""
    names = [trail_name, trail_arn]
    either = [
        *({"requestParameters": {key: names}} for key in ("name", "trailName")),
        refused(trail_arn),
    ]
    return change(
        "trail-changed",
        "Somebody stopped, changed or deleted the trail, or tried to. Without the trail, nobody "
        "may be able to say later who saw which picture.",
        calls("cloudtrail", {"eventName": list(TRAIL_CHANGES), "$or": either}),
    )


def key_changes(key_arn: pulumi.Input[str]) -> Event:
    """Changes of the pictures' key: its deletion, and who may use it."""
    either = [{"resources": {"ARN": [key_arn]}}, refused(key_arn)]
    return change(
        "key-changed",
        "Somebody disabled the pictures' key, scheduled its deletion or opened it to others, or "
        "tried to. Without the key no picture can be read, and a deleted key cannot be restored. "
        "The deletion can be cancelled for 7 to 30 days.",
        calls("kms", {"eventName": starting(*KEY_CHANGES), "$or": either}),
    )


def function_changes(
    function_name: pulumi.Input[str], layer_name: pulumi.Input[str], mapping_id: pulumi.Input[str]
) -> Event:
    """Changes of the code that runs with ThumbXRole, its callers, and its event source."""
    named: list[dict[str, Any]] = [
        {"functionName": [containing(function_name)]},
        {"layerName": [layer_name, containing(pulumi.Output.concat(":layer:", layer_name))]},
        {"uUID": [mapping_id]},
    ]
    either = [{"requestParameters": each} for each in named]
    either += [refused(function_name), refused(mapping_id)]
    return change(
        "function-changed",
        "Somebody changed the function's code, settings, permissions, layer or event source, or "
        "tried to. New code in the function can read every picture with the function's role.",
        calls("lambda", {"eventName": starting(*FUNCTION_CHANGES), "$or": either}),
    )
