"""The account's OIDC provider for GitHub."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from bootstrap import subjects


@dataclass(frozen=True, kw_only=True)
class GitHubIdentityArgs:
    """The account, and whether the provider exists already."""

    partition: str
    account: str
    adopt: bool


class GitHubIdentity(pulumi.ComponentResource):
    """The provider, made or adopted. Its ARN is built from the account and GitHub's address."""

    provider_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: GitHubIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Make the provider; if it is adopted, make nothing."""
        super().__init__("thumbx:bootstrap:GitHubIdentity", name, None, opts)
        if args.adopt:
            self.provider_arn = pulumi.Output.from_input(
                f"arn:{args.partition}:iam::{args.account}:oidc-provider/{subjects.ISSUER}"
            )
        else:
            provider = aws.iam.OpenIdConnectProvider(
                name,
                url=f"https://{subjects.ISSUER}",
                client_id_lists=[subjects.AUDIENCE],
                # Protected, because its deletion would lock out every workflow of every repository
                # that uses it.
                opts=pulumi.ResourceOptions(parent=self, protect=True),
            )
            self.provider_arn = provider.arn
        self.register_outputs({"provider_arn": self.provider_arn})
