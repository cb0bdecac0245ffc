"""What makes, reads, changes and deletes the program's resources, whoever asks for it.

Two ask: `sandbox.providers.monitor` runs the program without an engine, and
`sandbox.providers.engine_server` serves Pulumi's. Whatever an account's emulator has is made
there; a pretend cloud beside it refuses what the emulator would accept and AWS refuses, and holds
what no emulator has.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from recording.resource_types import Chosen, outputs, resource_type
from sandbox.cloud import refusals
from sandbox.cloud.replacements import REPLACED_BY
from sandbox.cloud.things import Cloud, Thing
from sandbox.errors import SandboxError
from sandbox.providers import values, without_effect
from sandbox.providers.definitions import DEFINITIONS
from sandbox.providers.request import ResourceRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.providers.target import ProviderAccount


class ServiceRefusalError(Exception):
    """AWS would refuse the call, in these words."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """One resource that was made: `emulated` where the emulator has it, not held beside it."""

    id: str
    outputs: Mapping[str, Any]
    emulated: bool
    left_out: list[str] = field(default_factory=list[str])
    """The inputs that have no effect in the emulator."""


@dataclass(frozen=True, kw_only=True)
class ResourceDifference:
    """The inputs that change, and those of them that make a new resource."""

    changed: tuple[str, ...]
    replaced_by: tuple[str, ...]


def chosen_name(logical: str, token: str) -> str:
    """A physical name as the engine makes it: the logical name and 7 hex digits."""
    name = f"{logical}-{secrets.token_hex(4)[:7]}"
    return name.lower() if token == "aws:s3/bucket:Bucket" else name  # noqa: S105 - a type


class ResourceProviders:
    """The providers of all types, over one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        """`cloud` holds what is made, and knows what is there beside it."""
        self.cloud = cloud

    def create(
        self, token: str, name: str, inputs: Mapping[str, Any], target: ProviderAccount
    ) -> Made:
        """Make it; ServiceRefusalError where AWS would not, SandboxError where nobody can."""
        kind = resource_type(token)
        given = dict(inputs)
        physical = chosen_name(name, token)
        if kind.named:
            given[kind.named] = given.get(kind.named) or physical
        region = given.get("region") or target.region
        unique = secrets.token_hex(8).upper()
        chosen = Chosen(name=physical, unique=unique, account=target.account, region=region)
        added = outputs(token, given, chosen)
        thing = Thing(
            token=token,
            id=added.pop("id"),
            name=name,
            account=target.account,
            region=region,
            inputs=given,
            outputs=added,
        )
        with self.cloud.lock:
            self._refuse(token, refusals.to_make(self.cloud, thing))
            if not target.emulated:
                self.cloud.put(thing)
        left_out: list[str] = []
        emulated = target.emulated and _is_emulated(token, name)
        if emulated:
            request = _request(thing, target)
            created = DEFINITIONS[token].create(request)
            left_out = _left_out(request)
            thing.id = created.id
            thing.outputs |= created.outputs
        with self.cloud.lock:
            self.cloud.put(thing)
        return Made(id=thing.id, outputs=thing.outputs, emulated=emulated, left_out=left_out)

    def read(
        self, token: str, physical_id: str, region: str, target: ProviderAccount
    ) -> Thing | None:
        """What is there under this id; None where it is gone."""
        thing = self.cloud.find(token, physical_id, target.account, region)
        if not thing or not (target.emulated and token in DEFINITIONS):
            return thing
        found = DEFINITIONS[token].find(target, physical_id)
        if found is None:
            self.cloud.remove(token, physical_id, target.account, region)
            return None
        document = resource_type(token).document
        if found.document and not values.same_json(found.document, thing.inputs.get(document)):
            thing.inputs[document] = found.document
        return thing

    def update(
        self,
        token: str,
        physical_id: str,
        region: str,
        inputs: Mapping[str, Any],
        target: ProviderAccount,
    ) -> Thing:
        """Give it other inputs; ServiceRefusalError where AWS would not, or it is gone."""
        with self.cloud.lock:
            there = self.cloud.find(token, physical_id, target.account, region)
            if there is None:
                raise ServiceRefusalError(f"NotFound: {physical_id}")
            changed = replace(there, inputs=dict(inputs))
            self._refuse(token, refusals.to_change(self.cloud, changed))
            self.cloud.put(changed)
        if target.emulated and token in DEFINITIONS:
            definition = DEFINITIONS[token]
            request = _request(changed, target)
            if definition.update:
                definition.update(request, physical_id)
            else:
                definition.create(request)
        return changed

    def delete(self, token: str, physical_id: str, region: str, target: ProviderAccount) -> None:
        """Take it away; what is gone already is no error."""
        with self.cloud.lock:
            there = self.cloud.find(token, physical_id, target.account, region)
            if there is None:
                return
            self._refuse(token, refusals.to_delete(self.cloud, there))
            self.cloud.remove(token, physical_id, target.account, region)
        if target.emulated and token in DEFINITIONS:
            DEFINITIONS[token].delete.make(target, physical_id)

    def diff(
        self, token: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> ResourceDifference:
        """Compare two sets of inputs; `REPLACED_BY` has what makes a new resource."""
        changed = sorted(key for key in {*old, *new} if not values.same(old.get(key), new.get(key)))
        rules = REPLACED_BY.get(token, {})
        return ResourceDifference(
            changed=tuple(changed), replaced_by=tuple(key for key in changed if key in rules)
        )

    @staticmethod
    def _refuse(token: str, objections: Iterable[str]) -> None:
        for each in objections:
            raise ServiceRefusalError(f"{token.rpartition(':')[2]}: {each}")


def _is_emulated(token: str, name: str) -> bool:
    """Whether the emulator makes it; SandboxError where nobody has decided."""
    if token in DEFINITIONS:
        return True
    if token in without_effect.TYPES:
        return False
    raise SandboxError(
        f"the sandbox cannot make {token} '{name}'; add its calls to the DEFINITIONS of its "
        "service in sandbox/providers/ or, with the reason, a line to TYPES in without_effect.py"
    )


def _request(thing: Thing, target: ProviderAccount) -> ResourceRequest:
    """What the emulator is asked for: no policy of the program reads a tag."""
    inputs = {key: value for key, value in thing.inputs.items() if key != "tagsAll"}
    return ResourceRequest(thing.token, thing.name, values.native(inputs), target)


def _left_out(request: ResourceRequest) -> list[str]:
    left = request.left_over()
    unknown = without_effect.unknown(request.token, left)
    if unknown:
        raise SandboxError(
            f"the sandbox does not carry out {', '.join(unknown)} of {request.token} "
            f"'{request.name}'; teach its function in sandbox/providers/ or, with the reason, add "
            "it to sandbox/providers/without_effect.py"
        )
    return left
