"""The options of a stack file about a bucket that existed before the program."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adopt.errors import AdoptError
from adopt.facts import Intended
from components.storage.adopted_policy import adopted_refusals
from components.storage.bucket_policy import bucket_policy
from components.storage.key_policy import adopted_key_statement
from recording.errors import RecordingError
from recording.program import configuration, settings_from

if TYPE_CHECKING:
    from components.configuration.stack import Settings


@dataclass(frozen=True)
class AdoptedStack:
    """One stack, with the options about its bucket."""

    settings: Settings

    @property
    def profile(self) -> str | None:
        """The storage account's profile, from the stack file."""
        return self.settings.storage.profile

    @property
    def region(self) -> str:
        """The region of both accounts."""
        return self.settings.region

    @property
    def partition(self) -> str:
        """The AWS partition, as in ARNs."""
        return self.settings.storage.partition

    @property
    def bucket_arn(self) -> str:
        """The ARN of the bucket."""
        return f"arn:{self.partition}:s3:::{self.settings.storage.bucket}"

    @cached_property
    def wanted(self) -> Intended:
        """The program's requirements on the bucket."""
        storage, thumbnails = self.settings.storage, self.settings.thumbnails
        return Intended(
            bucket=storage.bucket or "",
            account=storage.id,
            region=self.settings.region,
            key=storage.bucket_key or "",
            originals=thumbnails.prefixes.originals,
            thumbnails=thumbnails.prefixes.thumbnails,
            names=frozenset(thumbnails.names),
            follow=thumbnails.follow,
        )

    def refusals(self, role_id: str) -> list[dict[str, Any]]:
        """The refusals for the bucket's policy; `role_id` is ThumbXRole's unique id."""
        storage = self.settings.storage
        document = bucket_policy(
            bucket_arn=self.bucket_arn,
            thumbx_role_id=role_id,
            prefixes=self.settings.thumbnails.prefixes,
            access=self.settings.access,
            session_patterns=storage.emulator_policies,
            key_arn=storage.bucket_key,
            presigned_minutes=self.settings.security.presigned_minutes,
            follow=self.settings.thumbnails.follow,
        )
        return adopted_refusals(document, self.bucket_arn, self.settings.thumbnails.prefixes)

    def key_statement(self, role_arn: str) -> dict[str, Any]:
        """The statement that the owner of the bucket's key must add."""
        return adopted_key_statement(
            bucket_arn=self.bucket_arn,
            thumbx_role_arn=role_arn,
            storage_account=self.settings.storage.id,
            region=self.settings.region,
        )


def read_stack(name: str) -> AdoptedStack:
    """The stack with this name. Raises AdoptError if the stack does not use such a bucket."""
    try:
        settings = settings_from(configuration(name))
    except (RecordingError, OSError) as error:
        raise AdoptError(f"Pulumi.{name}.yaml: {error}") from error
    if not settings.storage.bucket:
        raise AdoptError(
            f"Pulumi.{name}.yaml names no existing bucket; name it: pulumi config set --path "
            "'thumbx:storage.bucket' NAME"
        )
    return AdoptedStack(settings)
