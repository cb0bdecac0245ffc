"""The monitor that Pulumi's runtime registers resources with, in the engine's place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from sandbox.errors import SandboxError
from sandbox.providers import without_effect
from sandbox.providers.creators import CREATORS
from sandbox.providers.request import Created, Order
from sandbox.providers.target import PROVIDER, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clients import Credentials


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One resource of the program: what became of it, and which inputs were left out.

    `inputs` would make the very same thing again, name and all; archives are not in them.
    """

    token: str
    name: str
    id: str
    account: str
    made: bool
    left_out: list[str]
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])


class CarryingOut(Mocks):
    """Makes each resource as it is registered. Pulumi calls this from several threads."""

    def __init__(self, deployers: Mapping[str, Credentials] | None = None) -> None:
        """`deployers` make what goes to an account; its root where none is named."""
        self._deployers = deployers or {}
        self.carried: list[Carried] = []
        self._targets: dict[str, Target] = {}
        self._seen: set[tuple[str, str]] = set()

    def call(self, args: MockCallArgs) -> Any:
        """Refuse a function of a provider: the program is defined without asking AWS anything."""
        raise SandboxError(
            f"the program calls {args.token} while it is being defined; it has to do without"
        )

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Make one resource; SandboxError for what the sandbox does not know."""
        given: dict[str, Any] = cast("Any", args).inputs
        inputs = {key: rpc.unwrap_rpc_secret(value) for key, value in given.items()}
        if (args.typ, args.name) in self._seen:
            raise SandboxError(f"{args.typ} '{args.name}' is registered twice; rename one")
        self._seen.add((args.typ, args.name))
        if not args.custom:
            return "", inputs
        if args.typ == PROVIDER:
            account = json.loads(inputs.get("allowedAccountIds") or "[null]")[0]
            self._targets[args.name] = Target(args.name, inputs, self._deployers.get(account))
            return f"{args.name}-id", inputs
        target = self._target(args)
        order = Order(args.typ, args.name, inputs, target)
        unmade = without_effect.TYPES.get(args.typ)
        if unmade:
            arn = unmade.arn.format(region=target.region, account=target.account, name=args.name)
            self._note(order, Created(id=arn), inputs, made=False)
            return arn, inputs | {"arn": arn}
        creator = CREATORS.get(args.typ)
        if creator is None:
            raise SandboxError(
                f"the sandbox cannot make {args.typ} '{args.name}'; add a creator to "
                "sandbox/providers/creators.py or, with the reason, a line to without_effect.py"
            )
        created = creator(order)
        left_out = order.left_over()
        unknown = without_effect.unknown(args.typ, left_out)
        if unknown:
            raise SandboxError(
                f"the sandbox does not carry out {', '.join(unknown)} of {args.typ} '{args.name}'; "
                "teach its creator in sandbox/carry/ or, with the reason, add it to "
                "sandbox/providers/without_effect.py"
            )
        self._note(order, created, inputs, made=True, left_out=left_out)
        return created.id, inputs | dict(created.outputs)

    def _target(self, args: MockResourceArgs) -> Target:
        # The reference is '<urn>::<id>', and a urn ends in '::<logical name>'.
        name = (args.provider or "").rpartition("::")[0].rpartition("::")[2]
        if name not in self._targets:
            raise SandboxError(
                f"{args.typ} '{args.name}' names no provider of the program, so that nobody can "
                "say which account it belongs to"
            )
        return self._targets[name]

    def _note(
        self,
        order: Order,
        created: Created,
        inputs: Mapping[str, Any],
        *,
        made: bool,
        left_out: list[str] | None = None,
    ) -> None:
        named = {key: value for key, value in created.outputs.items() if key in {"name", "bucket"}}
        told = {
            key: value for key, value in inputs.items() if not isinstance(value, pulumi.Archive)
        }
        self.carried.append(
            Carried(
                token=order.token,
                name=order.name,
                id=created.id,
                account=order.target.account,
                made=made,
                left_out=left_out or [],
                inputs=told | named,
            )
        )
