"""The tags that a provider adds to every resource, and those that it leaves alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.cloud.things import Thing

TAGS = "tagsAll"


@dataclass(frozen=True, kw_only=True)
class ProviderTags:
    """`defaultTags` and the keys of `ignoreTags`: the provider never sees these on a resource."""

    default: Mapping[str, str]
    ignored: frozenset[str]

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Read a provider's arguments, whose objects are JSON texts."""
        default: dict[str, Any] = json.loads(given.get("defaultTags") or "{}")
        ignored: dict[str, Any] = json.loads(given.get("ignoreTags") or "{}")
        return cls(default=default.get("tags") or {}, ignored=frozenset(ignored.get("keys") or ()))

    def all(self, own: Mapping[str, str] | None) -> dict[str, str]:
        """A resource's own tags and the provider's."""
        return {**self.default, **(own or {})}

    def seen(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """A resource's inputs as the provider reads them."""
        tags: dict[str, str] = inputs.get(TAGS) or {}
        visible = {key: value for key, value in tags.items() if key not in self.ignored}
        return {**inputs, **({TAGS: visible} if TAGS in inputs else {})}

    def left(self, inputs: Mapping[str, Any], there: Thing | None) -> dict[str, Any]:
        """The inputs of an update; the ignored tags of the resource stay as they are."""
        tags: dict[str, str] = (there and there.inputs.get(TAGS)) or {}
        ignored = {key: value for key, value in tags.items() if key in self.ignored}
        return {**inputs, **({TAGS: {**(inputs.get(TAGS) or {}), **ignored}} if ignored else {})}
