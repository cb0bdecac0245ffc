"""Replaces the engine's monitor, with which Pulumi's runtime registers resources."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sandbox.cloud.things import Cloud
from sandbox.errors import SandboxError
from sandbox.providers.resource_providers import ResourceProviders, ServiceRefusalError
from sandbox.providers.target import PROVIDER, ProviderAccount

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sandbox.clients import Credentials
    from sandbox.providers.resource_providers import Made


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """One resource of the program: its result, and the inputs that were left out.

    `inputs` would make an identical resource, including its name; archives are not included.
    """

    token: str
    name: str
    id: str
    account: str
    made: bool
    left_out: list[str]
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])


class Monitor(Mocks):
    """Makes each resource as it is registered. Pulumi calls this from several threads."""

    def __init__(
        self,
        deployers: Mapping[str, Credentials] | None = None,
        outside: Collection[str] = (),
    ) -> None:
        """`deployers` has the caller that deploys into each account; the account's root if none is
        named.

        `outside` has the ARNs of the people that the program's policies name.
        """
        self._deployers = deployers or {}
        self._providers = ResourceProviders(Cloud(outside=outside))
        self.deployed: list[Deployed] = []
        self._targets: dict[str, ProviderAccount] = {}
        self._seen: set[tuple[str, str]] = set()

    def call(self, args: MockCallArgs) -> Any:
        """Refuse a provider function, because the program must be defined without calls to AWS."""
        raise SandboxError(
            f"the program calls {args.token} while it is being defined; the sandbox does not "
            "answer such calls"
        )

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Make one resource; SandboxError for a type that the sandbox does not know."""
        given: dict[str, Any] = cast("Any", args).inputs
        inputs = {key: rpc.unwrap_rpc_secret(value) for key, value in given.items()}
        if (args.typ, args.name) in self._seen:
            raise SandboxError(f"{args.typ} '{args.name}' is registered twice; rename one")
        self._seen.add((args.typ, args.name))
        if not args.custom:
            return "", inputs
        if args.typ == PROVIDER:
            account = json.loads(inputs.get("allowedAccountIds") or "[null]")[0]
            self._targets[args.name] = ProviderAccount(
                args.name, inputs, self._deployers.get(account)
            )
            return f"{args.name}-id", inputs
        target = self._target(args)
        if not target.emulated:
            raise SandboxError(
                f"provider '{target.name}' sends {args.typ} '{args.name}' to AWS; the sandbox "
                "makes resources only on this machine; set its endpoint in Pulumi.sandbox.yaml"
            )
        try:
            made = self._providers.create(args.typ, args.name, inputs, target)
        except ServiceRefusalError as error:
            raise SandboxError(f"AWS would refuse {args.typ} '{args.name}': {error}") from error
        self._note(args, made, inputs, target)
        return made.id, inputs | dict(made.outputs)

    def _target(self, args: MockResourceArgs) -> ProviderAccount:
        # The reference is '<urn>::<id>', and a urn ends in '::<logical name>'.
        name = (args.provider or "").rpartition("::")[0].rpartition("::")[2]
        if name not in self._targets:
            raise SandboxError(
                f"{args.typ} '{args.name}' names no provider of the program, so its account is "
                "not known"
            )
        return self._targets[name]

    def _note(
        self, args: MockResourceArgs, made: Made, inputs: Mapping[str, Any], target: ProviderAccount
    ) -> None:
        named = {key: value for key, value in made.outputs.items() if key in {"name", "bucket"}}
        told = {
            key: value for key, value in inputs.items() if not isinstance(value, pulumi.Archive)
        }
        self.deployed.append(
            Deployed(
                token=args.typ,
                name=args.name,
                id=made.id,
                account=target.account,
                made=made.emulated,
                left_out=made.left_out,
                inputs=told | named,
            )
        )
