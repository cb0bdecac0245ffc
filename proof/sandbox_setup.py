"""Makes the resources in the sandbox that the calls need, and removes them afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self, cast

from components.watch.watch_policies import log_bucket_policy
from proof.attempts import filled
from proof.recorded_program import (
    FOREIGN,
    LOGS,
    NEIGHBOUR,
    THERE,
    THIRD_ACCOUNT,
    TRAIL,
    deployed_names,
)

if TYPE_CHECKING:
    from types import TracebackType

    from mypy_boto3_s3 import S3Client

    from proof.principals import Principal
    from sandbox.clients import Credentials
    from sandbox.deployment import Deployment

PROBE = "matrix-probe"
TRAILS = {"storage": "", "producer": "producer_"}  # the owner, and the beginning of the names


class SandboxSetup:
    """The buckets, objects, roles and the trail that the calls need; a context manager."""

    def __init__(self, deployment: Deployment) -> None:
        """Nothing is made before the `with` block."""
        self.deployment = deployment
        self.current: dict[str, Any] = {}
        """The present settings, so that attempts can set them again."""
        self._names = deployed_names(deployment)
        self._sessions: dict[str, Credentials | str | None] = {}
        self._notification: Any = {}
        self._probes = 0

    def __enter__(self) -> Self:
        """Make all of it; during the block the bucket sends no notifications."""
        s3, bucket = self.deployment.s3, self.deployment.bucket
        found: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
        self._notification = {key: each for key, each in found.items() if key != "ResponseMetadata"}
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        for group in ("originals", "thumbnails", "elsewhere"):
            put = s3.put_object(Bucket=bucket, Key=self._names[group] + THERE, Body=b"there")
            self.current[f"version of {group}"] = put["VersionId"]
        region = {"LocationConstraint": self.deployment.stack.region}
        for client, name in self._own_buckets:
            client.create_bucket(Bucket=name, CreateBucketConfiguration=cast("Any", region))
        logged = f"AWSLogs/{self._names['storage']}/{THERE}"
        for group, name, key in (
            ("other buckets", NEIGHBOUR, THERE),
            ("trail files", LOGS, logged),
        ):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
            put = s3.put_object(Bucket=name, Key=key, Body=b"there")
            self.current[f"version of {group}"] = put["VersionId"]
        self._close_logs()
        self._trail_client.create_trail(Name=TRAIL, S3BucketName=NEIGHBOUR)
        self._look_around()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove all of it and restore the bucket's notification."""
        s3, bucket = self.deployment.s3, self.deployment.bucket
        for group in ("originals", "thumbnails", "elsewhere"):
            _empty(s3, bucket, self._names[group] + "matrix")
        for client, name in self._own_buckets:
            _empty(client, name, "")
            client.delete_bucket(Bucket=name)
        self._trail_client.delete_trail(Name=TRAIL)
        for queue in ("uploads", "refused", "dead"):
            self.deployment.sqs.purge_queue(QueueUrl=self._names[f"{queue}_url"])
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=self._notification
        )

    def enter(self, principal: Principal) -> None:
        """Open a session of the principal; if its role is one of the proof's own, make the role
        first.
        """
        if not principal.role:
            # S3 acts for the bucket's owner; nobody else can make S3 send a message.
            self._sessions[principal.name] = filled(principal.account, self._names) or None
            return
        deployment, role = self.deployment, filled(principal.role, self._names)
        if role == self._names["execution_role"]:
            session = deployment.session("execution role")
        elif role == self._names["thumbx_role"]:
            session = deployment.session("ThumbXRole")
        else:
            if principal.own and not self._exists(role):
                deployment.actors.add(role, *principal.own)
            session = deployment.actors.assume(role)
        self._sessions[principal.name] = session

    def client(self, service: str, principal: Principal) -> Any:
        """A client for the principal; for a service, a client of the owner of the bucket."""
        make: Any = self.deployment.clients.client
        more = {"plain_http": True} if principal.plain_http else {}
        region = self.deployment.stack.region
        return make(service, self._sessions[principal.name], region, **more)

    def names(self, principal: Principal) -> dict[str, str]:
        """The names for one call of the principal, with a new probe."""
        self._probes += 1
        names = {**self._names, "probe": f"{PROBE}-{self._probes}"}
        return names | {"source_bucket": filled(principal.tried_with, names)}

    def _close_logs(self) -> None:
        """Give the sandbox's log bucket the policy that the program gives its own log bucket."""
        names = self._names
        trails = {names[of]: names[f"{trail}trail_arn"] for of, trail in TRAILS.items()}
        policy = json.dumps(log_bucket_policy(names["trail_bucket_arn"], trails))
        self.deployment.s3.put_bucket_policy(Bucket=LOGS, Policy=policy)
        self.current["policy of the trail's bucket"] = policy

    @property
    def _own_buckets(self) -> tuple[tuple[S3Client, str], ...]:
        ours = self.deployment.s3
        return (ours, NEIGHBOUR), (ours, LOGS), (self._foreign_s3, FOREIGN)

    @property
    def _foreign_s3(self) -> S3Client:
        clients, region = self.deployment.clients, self.deployment.stack.region
        return clients.client("s3", THIRD_ACCOUNT, region)

    @property
    def _trail_client(self) -> Any:
        stack = self.deployment.stack
        return self.deployment.clients.client("cloudtrail", stack.storage, stack.region)

    def _exists(self, role: str) -> bool:
        iam = self.deployment.iam(role.split(":")[4])
        pages = iam.get_paginator("list_roles").paginate()
        return any(each["Arn"] == role for page in pages for each in page["Roles"])

    def _look_around(self) -> None:
        """Read the current values, so that setting them again changes nothing."""
        deployment, names = self.deployment, self._names
        s3, bucket = deployment.s3, deployment.bucket
        function = deployment.lambda_.get_function_configuration(FunctionName=names["function"])
        lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
        block = s3.get_public_access_block(Bucket=bucket)
        self.current |= {
            "bucket policy": s3.get_bucket_policy(Bucket=bucket)["Policy"],
            "public access block": block["PublicAccessBlockConfiguration"],
            "lifecycle": {"Rules": lifecycle["Rules"]},
            "description": function.get("Description", ""),
        }
        for title, account in (("execution", "producer"), ("thumbx", "storage")):
            name = names[f"{title}_role"].rpartition("/")[2]
            names[f"{title}_role_name"] = name
            role: Any = deployment.iam(names[account]).get_role(RoleName=name)["Role"]
            called = "ThumbXRole" if title == "thumbx" else "the execution role"
            self.current[f"trust of {called}"] = json.dumps(role["AssumeRolePolicyDocument"])


def _empty(s3: S3Client, bucket: str, prefix: str) -> None:
    """Delete every object, every version and every unfinished upload below the prefix."""
    uploads: Any = s3.list_multipart_uploads(Bucket=bucket, Prefix=prefix)
    for upload in uploads.get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        found: Any = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        for each in found:
            s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
