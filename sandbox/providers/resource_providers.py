"""Makes, reads, changes and deletes the program's resources, for both callers.

The callers are `sandbox.providers.monitor`, which runs the program without an engine, and
`sandbox.providers.engine_server`, which serves Pulumi's engine. A resource that the emulator
supports is made in it. A pretend cloud refuses what AWS refuses but the emulator accepts, and holds
what the emulator does not support.
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
    """AWS would refuse the call with this message."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """One resource that was made: `emulated` if it is in the emulator, and not only in the
    pretend cloud.
    """

    id: str
    outputs: Mapping[str, Any]
    emulated: bool
    left_out: list[str] = field(default_factory=list[str])
    """The inputs that have no effect in the emulator."""


@dataclass(frozen=True, kw_only=True)
class ResourceDifference:
    """The inputs that change, and those of them that force a new resource."""

    changed: tuple[str, ...]
    replaced_by: tuple[str, ...]


def chosen_name(logical: str, token: str) -> str:
    """A physical name as the engine makes it: the logical name and 7 hex digits."""
    name = f"{logical}-{secrets.token_hex(4)[:7]}"
    return name.lower() if token == "aws:s3/bucket:Bucket" else name  # noqa: S105 - a type


class ResourceProviders:
    """The providers of all types, for one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        """`cloud` holds the resources that are made, and those that existed before."""
        self.cloud = cloud

    def create(
        self, token: str, name: str, inputs: Mapping[str, Any], target: ProviderAccount
    ) -> Made:
        """Make it; ServiceRefusalError if AWS would refuse, SandboxError if the sandbox cannot
        make it.
        """
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
        """The current resource with this id; None if it is gone."""
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
        """Change its inputs; ServiceRefusalError if AWS would refuse, or if it is gone."""
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
        """Delete it; a resource that is gone already is no error."""
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
        """Compare two sets of inputs; `REPLACED_BY` has the inputs that force a new resource."""
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
    """Whether the emulator makes it; SandboxError if this was not decided for the type."""
    if token in DEFINITIONS:
        return True
    if token in without_effect.TYPES:
        return False
    raise SandboxError(
        f"the sandbox cannot make {token} '{name}'; add its calls to the DEFINITIONS of its "
        "service in sandbox/providers/ or, with the reason, a line to TYPES in without_effect.py"
    )


def _request(thing: Thing, target: ProviderAccount) -> ResourceRequest:
    """The request to the emulator, without tags, because no policy of the program reads a tag."""
    inputs = {key: value for key, value in thing.inputs.items() if key != "tagsAll"}
    return ResourceRequest(thing.token, thing.name, values.native(inputs), target)


def _left_out(request: ResourceRequest) -> list[str]:
    left = request.left_over()
    unknown = without_effect.unknown(request.token, left)
    if unknown:
        raise SandboxError(
            f"the sandbox does not carry out {', '.join(unknown)} of {request.token} "
            f"'{request.name}'; add it to its function in sandbox/providers/ or, with the reason, "
            "to sandbox/providers/without_effect.py"
        )
    return left
