"""The account's OIDC provider for GitHub."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from bootstrap import subjects


@dataclass(frozen=True, kw_only=True)
class GitHubIdentityArgs:
    """The account, and whether the provider is there already."""

    partition: str
    account: str
    adopt: bool


class GitHubIdentity(pulumi.ComponentResource):
    """The provider, made or adopted: its ARN follows from the account and GitHub's address."""

    provider_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: GitHubIdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Make the provider, or make nothing where it is adopted."""
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
                # Without it every workflow of everybody who trusts it is locked out at once.
                opts=pulumi.ResourceOptions(parent=self, protect=True),
            )
            self.provider_arn = provider.arn
        self.register_outputs({"provider_arn": self.provider_arn})
