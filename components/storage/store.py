"""The storage side, account B: the bucket, ThumbXRole, and who may access the objects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies
from components.dependencies import after
from components.storage.bucket_policy import bucket_policy
from components.storage.key import images_key
from components.storage.key_policy import ADOPTED, LEAVING, OWN
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from components.storage.thumbx_role import thumbx_grants, thumbx_refusals, thumbx_trust
from components.storage.upload_events import UploadRule, UploadRuleArgs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.accounts import Access, Storage
    from components.configuration.schema import Prefixes, Security, Thumbnails
    from components.storage.upload_events import UploadSender


@dataclass(frozen=True, kw_only=True)
class ThumbStoreArgs:
    """The role that ThumbXRole trusts, who else has access, and how the bucket is kept.

    For a bucket that existed before the program, its owner decides `access` and `old_version_days`.
    """

    producer_role_arn: pulumi.Input[str]
    account: Storage
    thumbnails: Thumbnails
    access: Access
    security: Security
    old_version_days: int


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """The bucket's ARN and name; `owner` is its account, `originals` the prefix of uploads.

    `pictures` are what the ARNs of the pipeline's objects begin with. `sender` sends the events of
    a bucket that existed before the program; our own bucket notifies the queue itself. `key_arn` is
    our own key, if there is one.
    """

    arn: pulumi.Output[str]
    name: pulumi.Output[str]
    owner: str
    originals: str
    pictures: Sequence[pulumi.Output[str]]
    sender: UploadSender | None = None
    key_arn: pulumi.Output[str] | None = None


class ThumbStore(pulumi.ComponentResource):
    """The bucket and its settings, its key if it has one, ThumbXRole, and all their policies.

    With `account.bucket`, the bucket existed before the program. The program then makes nothing
    that exists once per bucket; ThumbXRole, in the same account, works by its own grants.
    """

    bucket: Bucket
    role_arn: pulumi.Output[str]
    """ThumbXRole's ARN, once its grants and the bucket's policy are in force."""
    session_policy: pulumi.Output[str] | None
    """The session policy of ThumbXRole's sessions; None if the stack does not ask for one."""
    first_upload: pulumi.Output[str]
    """The command that uploads a first picture, for a person who is one of the uploaders."""

    def __init__(
        self, name: str, args: ThumbStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the store; `opts` carries the provider of account B."""
        super().__init__("thumbx:storage:ThumbStore", name, None, opts)
        account, prefixes, follow = args.account, args.thumbnails.prefixes, args.thumbnails.follow
        inside = pulumi.ResourceOptions(parent=self)
        self.bucket, own = self._bucket(name, args)
        role = aws.iam.Role(
            f"{name}Role",
            description="Assumed by thumbx's function: gets originals, puts thumbnails",
            assume_role_policy=policies.document(
                thumbx_trust, producer_role_arn=args.producer_role_arn
            ),
            path=account.role_path,
            permissions_boundary=account.boundary,
            # AWS limits role chaining to an hour whatever this says, and does not allow a smaller
            # value.
            max_session_duration=3600,
            opts=pulumi.ResourceOptions(parent=self),
        )
        key_arn = pulumi.Output.from_input(account.bucket_key) if account.bucket_key else None
        # The key's policy stops all encryption with it. It changes only after the bucket no longer
        # asks for encryption with the key.
        gates = [own.encrypt()] if own and account.leaves_key else []
        if account.own_key:
            key_arn = images_key(
                f"{name}-images-key".lower(),
                bucket_arn=after(self.bucket.arn, *gates),
                thumbx_role_arn=role.arn,
                account=account,
                access=args.access,
                opts=pulumi.ResourceOptions(parent=self, protect=not account.deletable),
            ).arn
            self.bucket = replace(self.bucket, key_arn=key_arn)
        if own and not account.leaves_key:
            own.encrypt(key_arn)
        if own and args.access.origins:
            own.serve_forms(args.access.origins)
        granted = policies.document(
            thumbx_grants,
            bucket_arn=self.bucket.arn,
            prefixes=prefixes,
            storage_account=account.id,
            region=account.region,
            follow=follow,
            key_arn=key_arn,
            key_use=LEAVING if account.leaves_key else OWN if own else ADOPTED,
        )
        usable: list[pulumi.CustomResource] = [
            aws.iam.RolePolicy(f"{name}Role-grants", role=role.name, policy=granted, opts=inside)
        ]
        if own is None:
            usable.append(self._refusals(name, role, prefixes))
        else:
            usable.append(
                own.set_policy(
                    bucket_policy,
                    thumbx_role_id=role.unique_id,
                    prefixes=prefixes,
                    access=args.access,
                    session_patterns=account.emulator_policies,
                    key_arn=None if account.leaves_key else key_arn,
                    presigned_minutes=args.security.presigned_minutes,
                    follow=follow,
                )
            )
        self.role_arn = after(role.arn, *usable)
        self.session_policy = granted if args.security.session_policy else None
        self.first_upload = pulumi.Output.concat(
            "aws s3 cp samples/rocket.jpg s3://",
            *(self.bucket.name, "/", prefixes.originals, "rocket.jpg"),
        )
        self.register_outputs(
            {
                "bucket_name": self.bucket.name,
                "bucket_arn": self.bucket.arn,
                "role_arn": self.role_arn,
                "session_policy": self.session_policy,
                "first_upload": self.first_upload,
            }
        )

    def _bucket(self, name: str, args: ThumbStoreArgs) -> tuple[Bucket, PrivateBucket | None]:
        """Create the bucket, or take the existing one and listen to it."""
        account, inside = args.account, pulumi.ResourceOptions(parent=self)
        originals, thumbnails = (
            args.thumbnails.prefixes.originals,
            args.thumbnails.prefixes.thumbnails,
        )
        if not account.bucket:
            own = PrivateBucket(
                f"{name}-images".lower(),
                PrivateBucketArgs(
                    deletable=account.deletable, old_version_days=args.old_version_days
                ),
                inside,
            )
            # The slash ends the bucket's name.
            pictures = (pulumi.Output.concat(own.arn, "/"),)
            return Bucket(
                arn=own.arn, name=own.name, owner=account.id, originals=originals, pictures=pictures
            ), own
        rule = UploadRuleArgs(
            bucket_name=account.bucket, prefixes=args.thumbnails.prefixes, account=account
        )
        arn = f"arn:{account.partition}:s3:::{account.bucket}"
        below = (originals, thumbnails) if originals else ("",)
        adopted = Bucket(
            arn=pulumi.Output.from_input(arn),
            name=pulumi.Output.from_input(account.bucket),
            owner=account.id,
            originals=originals,
            pictures=tuple(pulumi.Output.from_input(f"{arn}/{each}") for each in below),
            sender=UploadRule(name, rule, inside).sender,
        )
        return adopted, None

    def _refusals(self, name: str, role: aws.iam.Role, prefixes: Prefixes) -> aws.iam.RolePolicy:
        """Deny ThumbXRole the thumbnails in its own policy, because the policy of an existing
        bucket does not deny them.
        """
        return aws.iam.RolePolicy(
            f"{name}Role-refusals",
            role=role.name,
            policy=policies.document(
                thumbx_refusals, bucket_arn=self.bucket.arn, prefixes=prefixes
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
