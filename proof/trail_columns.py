"""The columns of the matrix that concern the trail's files; evaluated, never called.

The emulator delivers none, so that the sandbox stack has no bucket for them.
"""

from __future__ import annotations

from proof.attempts import Attempt, Need

GROUP = "trail files"
FILE = "{trail_bucket_arn}/AWSLogs/{storage}/{probe}.json.gz"
FILE_OF_A = "{trail_bucket_arn}/AWSLogs/{producer}/{probe}.json.gz"
# CloudTrail always asks for it, and anybody else may.
ACL = {"s3:x-amz-acl": "bucket-owner-full-control"}


def _files(name: str, says: str, action: str, resource: str = FILE) -> Attempt:
    carries = ACL if action == "s3:PutObject" else {}
    need = Need(action=action, resource=resource, owner="{storage}", carries=carries)
    return Attempt(
        group=GROUP, name=name, says=says, needs=(need,), service="", operation="", parameters={}
    )


TRAIL_FILES = (
    _files("read", "read the trail's files", "s3:GetObject"),
    _files("put B's", "write files of B's trail", "s3:PutObject"),
    _files("put A's", "write files of A's trail", "s3:PutObject", FILE_OF_A),
    _files("delete", "delete the trail's files", "s3:DeleteObject"),
    _files("delete a version", "delete the trail's files for good", "s3:DeleteObjectVersion"),
    _files("replicate", "replicate files of their own among the trail's", "s3:ReplicateObject"),
    _files("replicate a deletion", "delete the trail's files by replication", "s3:ReplicateDelete"),
    _files(
        "read the ACL",
        "read the ACL of the trail's bucket",
        "s3:GetBucketAcl",
        "{trail_bucket_arn}",
    ),
    _files(
        "change the policy",
        "change the policy of the trail's bucket",
        "s3:PutBucketPolicy",
        "{trail_bucket_arn}",
    ),
)
