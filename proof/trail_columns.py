"""The columns of the matrix that concern the trail's files.

The emulator delivers no trail files, so the sandbox stack has no bucket for them. A bucket with the
same policy replaces it (`proof.sandbox_setup`).
"""

from __future__ import annotations

from typing import Any

from proof.attempts import Attempt, Current, Need

GROUP = "trail files"
OF_B, OF_A = "AWSLogs/{storage}/", "AWSLogs/{producer}/"
FILE = OF_B + "{probe}.json.gz"
# CloudTrail always sends this header, and other callers may.
ACL = "bucket-owner-full-control"


def _on(
    name: str,
    says: str,
    operation: str,
    action: str,
    key: str = "",
    carries: dict[str, str] | None = None,
    after_the_decision: frozenset[str] = frozenset(),
    **parameters: Any,
) -> Attempt:
    """An attempt on a file, or on the bucket if no `key` is given. The sandbox makes the call only
    if `operation` names one.
    """
    of_file = {"Key": key} if key else {}
    need = Need(
        action=action,
        resource="/".join(["{trail_bucket_arn}", *of_file.values()]),
        owner="{storage}",
        carries=carries or {},
    )
    return Attempt(
        group=GROUP,
        name=name,
        says=says,
        needs=(need,),
        service="s3" if operation else "",
        operation=operation,
        parameters={"Bucket": "{trail_bucket}", **of_file, **parameters},
        after_the_decision=after_the_decision,
    )


def _put(name: str, says: str, key: str) -> Attempt:
    carries = {"s3:x-amz-acl": ACL}
    return _on(name, says, "put_object", "s3:PutObject", key, carries, ACL=ACL, Body=b"no log")


TRAIL_FILES = (
    _on("read", "read the trail's files", "get_object", "s3:GetObject", OF_B + "{there}"),
    _put("put B's", "write files of B's trail", FILE),
    _put("put A's", "write files of A's trail", OF_A + "{probe}.json.gz"),
    _on("delete", "delete the trail's files", "delete_object", "s3:DeleteObject", FILE),
    _on(
        "delete a version",
        "delete the trail's files for good",
        "delete_object",
        "s3:DeleteObjectVersion",
        FILE,
        # A copy of another object than the one that is tried, so that nothing is lost.
        VersionId=Current("version of trail files"),
        after_the_decision=frozenset({"NoSuchVersion"}),
    ),
    # S3 itself makes these calls, with the role of a replication.
    _on("replicate", "add trail files by replication", "", "s3:ReplicateObject", FILE),
    _on(
        "replicate a deletion",
        "delete the trail's files by replication",
        "",
        "s3:ReplicateDelete",
        FILE,
    ),
    _on("read the ACL", "read the ACL of the trail's bucket", "get_bucket_acl", "s3:GetBucketAcl"),
    _on(
        "change the policy",
        "change the policy of the trail's bucket",
        "put_bucket_policy",
        "s3:PutBucketPolicy",
        Policy=Current("policy of the trail's bucket"),
    ),
)
