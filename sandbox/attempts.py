"""One call that somebody tries, as data; and the calls that each actor must be able to make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.deployment import Deployment


@dataclass(frozen=True, kw_only=True)
class TriedCall:
    """`actor` calls `operation` of `service`.

    `parameters` and `says` may contain names in braces for things that exist only after the
    deployment: see `Deployment.names`.
    """

    actor: str
    says: str
    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    plain_http: bool = False

    def run(self, deployment: Deployment) -> ClientError | None:
        """Make the call and undo its effect; return its error, or None if it was allowed."""
        client: Any = deployment.client(self.service, self.actor, plain_http=self.plain_http)
        parameters = {
            key: value.format(**deployment.names) if isinstance(value, str) else value
            for key, value in self.parameters.items()
        }
        try:
            answer = getattr(client, self.operation)(**parameters)
        except ClientError as error:
            return error
        if self.operation in {"put_object", "delete_object"} and "VersionId" in answer:
            # Deleting the version that a put made, or the marker that a deletion made, restores the
            # previous state.
            deployment.s3.delete_object(
                Bucket=parameters["Bucket"],
                Key=parameters["Key"],
                VersionId=answer["VersionId"],
            )
        return None

    def call(self, names: Mapping[str, str]) -> str:
        """The call in one line, such as `s3:GetObject originals/a.png`."""
        operation = "".join(word.title() for word in self.operation.split("_"))
        what = str(self.parameters.get("Key") or self.parameters.get("RoleArn") or "")
        over = " over plain http" if self.plain_http else ""
        return f"{self.service}:{operation} {what.format(**names)}{over}"


def get(actor: str, key: str, says: str, *, plain_http: bool = False) -> TriedCall:
    """`actor` reads the object."""
    parameters = {"Bucket": "{bucket}", "Key": key}
    return TriedCall(
        actor=actor,
        says=says,
        service="s3",
        operation="get_object",
        parameters=parameters,
        plain_http=plain_http,
    )


def put(actor: str, key: str, says: str) -> TriedCall:
    """`actor` writes the object."""
    parameters = {"Bucket": "{bucket}", "Key": key, "Body": b"not a picture"}
    return TriedCall(
        actor=actor, says=says, service="s3", operation="put_object", parameters=parameters
    )


def delete(actor: str, key: str, says: str) -> TriedCall:
    """`actor` deletes the object; on a versioned bucket this hides it."""
    parameters = {"Bucket": "{bucket}", "Key": key}
    return TriedCall(
        actor=actor, says=says, service="s3", operation="delete_object", parameters=parameters
    )


def assume(actor: str, role: str, says: str) -> TriedCall:
    """`actor` assumes the role."""
    parameters = {"RoleArn": role, "RoleSessionName": "refused"}
    return TriedCall(
        actor=actor, says=says, service="sts", operation="assume_role", parameters=parameters
    )


# These calls must succeed, because a bucket that refuses everybody would pass every test of a
# refusal.
PERMITTED = (
    get("reader", "{thumbnail}", "A reader gets a thumbnail"),
    assume("execution role", "{thumbx_role}", "The function's role in A assumes ThumbXRole in B"),
    get("ThumbXRole", "{original}", "ThumbXRole gets an original"),
    put("ThumbXRole", "{thumbnails}probe.jpg", "ThumbXRole puts a thumbnail"),
    get("administrator", "{original}", "An administrator gets an original"),
    delete("administrator", "{original}", "An administrator deletes an original"),
)
