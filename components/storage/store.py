"""The storage side, account B: the bucket, ThumbXRole, and who may touch what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after
from components.storage.bucket_policy import bucket_policy
from components.storage.key import images_key
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from components.storage.thumbx_role import thumbx_grants, thumbx_trust

if TYPE_CHECKING:
    from components.configuration.accounts import Access, Storage
    from components.configuration.schema import Security, Thumbnails


@dataclass(frozen=True, kw_only=True)
class ThumbStoreArgs:
    """Whom ThumbXRole trusts, who else is let in, and how the bucket is kept."""

    producer_role_arn: pulumi.Input[str]
    account: Storage
    thumbnails: Thumbnails
    access: Access
    security: Security
    old_version_days: int


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """How the bucket is called; `owner` is its account, `key_arn` its own key if it has one."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]
    owner: str
    key_arn: pulumi.Output[str] | None = None


class ThumbStore(pulumi.ComponentResource):
    """The bucket and its settings, its key if it has one, ThumbXRole, and all their policies."""

    bucket: Bucket
    role_arn: pulumi.Output[str]
    """ThumbXRole's ARN, once its grants and the bucket's policy are in force."""
    session_policy: pulumi.Output[str] | None
    """What bounds a session of ThumbXRole from outside, where that is asked for."""
    first_upload: pulumi.Output[str]
    """The command that uploads a first picture, for a person who is one of the uploaders."""

    def __init__(
        self, name: str, args: ThumbStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the store; `opts` carries the provider of account B."""
        super().__init__("thumbx:storage:ThumbStore", name, None, opts)
        account, prefixes, follow = args.account, args.thumbnails.prefixes, args.thumbnails.follow
        inside = pulumi.ResourceOptions(parent=self)
        bucket = PrivateBucket(
            f"{name}-images".lower(),
            PrivateBucketArgs(deletable=account.deletable, old_version_days=args.old_version_days),
            inside,
        )
        role = aws.iam.Role(
            f"{name}Role",
            description="Assumed by thumbx's function: gets originals, puts thumbnails",
            assume_role_policy=policies.document(
                thumbx_trust, producer_role_arn=args.producer_role_arn
            ),
            path=account.role_path,
            permissions_boundary=account.boundary,
            # Role chaining is capped at an hour whatever this says; a smaller cap is not allowed.
            max_session_duration=3600,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # The key's policy stops all encryption with it: not before the bucket asks for none.
        gates = [bucket.encrypt()] if account.leaves_key else []
        key_arn: pulumi.Output[str] | None = None
        if account.own_key:
            key_arn = images_key(
                f"{name}-images-key".lower(),
                bucket_arn=after(bucket.arn, *gates),
                thumbx_role_arn=role.arn,
                account=account,
                access=args.access,
                opts=pulumi.ResourceOptions(parent=self, protect=not account.deletable),
            ).arn
        if not account.leaves_key:
            bucket.encrypt(key_arn)
        granted = policies.document(
            thumbx_grants,
            bucket_arn=bucket.arn,
            prefixes=prefixes,
            storage_account=account.id,
            region=account.region,
            follow=follow,
            key_arn=key_arn,
            leaving_key=account.leaves_key,
        )
        grants = aws.iam.RolePolicy(
            f"{name}Role-grants", role=role.name, policy=granted, opts=inside
        )
        objects_policy = bucket.set_policy(
            bucket_policy,
            thumbx_role_id=role.unique_id,
            prefixes=prefixes,
            access=args.access,
            session_patterns=account.emulator_policies,
            key_arn=None if account.leaves_key else key_arn,
            presigned_minutes=args.security.presigned_minutes,
            follow=follow,
        )

        self.bucket = Bucket(arn=bucket.arn, name=bucket.name, owner=account.id, key_arn=key_arn)
        self.role_arn = after(role.arn, grants, objects_policy)
        self.session_policy = granted if args.security.session_policy else None
        self.first_upload = pulumi.Output.concat(
            "aws s3 cp samples/rocket.jpg s3://", bucket.name, "/", prefixes.originals, "rocket.jpg"
        )
        self.register_outputs(
            {
                "bucket_name": bucket.name,
                "bucket_arn": bucket.arn,
                "role_arn": self.role_arn,
                "session_policy": self.session_policy,
                "first_upload": self.first_upload,
            }
        )
