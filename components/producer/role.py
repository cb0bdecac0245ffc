"""The function's execution role, in account A."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from components import policies

if TYPE_CHECKING:
    from components.configuration.accounts import Account


@dataclass(frozen=True, kw_only=True)
class ProducerRoleArgs:
    """The account that the role and its function are in."""

    account: Account


class ProducerRole(pulumi.ComponentResource):
    """The execution role, made alone, so that account B can name it."""

    arn: pulumi.Output[str]
    name: pulumi.Output[str]

    def __init__(
        self, name: str, args: ProducerRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Create the role without any grant; `opts` carries the provider of account A."""
        super().__init__("thumbx:producer:ProducerRole", name, None, opts)
        role = aws.iam.Role(
            f"{name}-producer",
            description="Execution role of thumbx's function; assumes ThumbXRole in account B",
            assume_role_policy=policies.document(
                policies.function_trust, producer_account=args.account.id
            ),
            path=args.account.role_path,
            permissions_boundary=args.account.boundary,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.name = role.name
        self.register_outputs({"arn": self.arn, "name": self.name})
