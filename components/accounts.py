"""The explicit provider of one account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.accounts import Account

# The services that the program calls; the emulator answers all of them at one address.
EMULATED_SERVICES = (
    *("accessanalyzer", "cloudtrail", "cloudwatch", "events", "iam", "kms", "lambda", "logs"),
    # The provider reads a bucket's tags through s3control, at <account>.<the endpoint's host>.
    *("s3", "s3control", "sns", "sqs", "sts"),
)


def in_account(name: str, account: Account, *, tags: Mapping[str, str]) -> pulumi.ResourceOptions:
    """Return the options that put a component and its children into the account.

    Every resource gets `tags`, and also the names of its project and stack. The provider refuses to
    work if its credentials belong to another account. It takes the credentials from the named
    profile, or from the environment if no profile is named. A profile is used instead of a role's
    ARN because the state keeps this setting for every job: in each job, the same profile name may
    stand for another role.
    """
    emulated: dict[str, Any] = {}
    if account.endpoint is not None:
        emulated = {
            # The emulator accepts an account's id as that account's access key, so it is no secret.
            "access_key": account.id,
            "secret_key": "emulator",
            "custom_ca_bundle": account.ca_bundle,
            "endpoints": [dict.fromkeys(EMULATED_SERVICES, account.endpoint)],
            "s3_use_path_style": True,
            "skip_metadata_api_check": True,
        }
    provider = aws.Provider(
        name,
        allowed_account_ids=[account.id],
        profile=account.profile,
        region=account.region,
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={**tags, "project": pulumi.get_project(), "stack": pulumi.get_stack()}
        ),
        # The provider then sees such a tag on no resource, so that `up` does not remove it. The
        # alternative, `ignore_changes` on the rule, would also ignore the stack's own tags.
        ignore_tags=aws.ProviderIgnoreTagsArgs(keys=list(account.noted_tags))
        if account.noted_tags
        else None,
        **emulated,
    )
    return pulumi.ResourceOptions(provider=provider)
