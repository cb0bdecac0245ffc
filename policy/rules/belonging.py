"""Every resource has tags, and is in an account that the program chose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from recording.resource_types import TYPES
from rules.resource import PreviewedResource, ResourceRule

if TYPE_CHECKING:
    from collections.abc import Iterator


def tags(resource: PreviewedResource) -> Iterator[str]:
    """A resource without a tag, where its type takes tags; the provider's default tags count."""
    kind = TYPES.get(resource.type)
    takes_tags = kind.tagged if kind else resource.type.startswith("aws:")
    if takes_tags and not (_default_tags(resource) or _own_tags(resource)):
        yield "It carries no tags; give its provider default tags."


def provider(resource: PreviewedResource) -> Iterator[str]:
    """A resource of a default provider, which uses the account of the shell's credentials."""
    if resource.type.startswith("aws:"):
        made_by = resource.provider
        # The engine names the default providers that it makes default, or default_7_51_1.
        if made_by is None or made_by.name.split("_")[0] == "default":
            yield "It has no provider of its own; pass one that names the account."


def _own_tags(resource: PreviewedResource) -> bool:
    return any(resource.properties.get(key) for key in ("tags", "tagsAll"))


def _default_tags(resource: PreviewedResource) -> bool:
    given: Any = resource.provider and resource.provider.properties.get("defaultTags")
    if isinstance(given, str):
        given = json.loads(given)
    return isinstance(given, Mapping) and bool(cast("Mapping[str, Any]", given).get("tags"))


IS_TAGGED = ResourceRule("resource-is-tagged", "Every resource carries tags.", tags)
HAS_A_PROVIDER = ResourceRule(
    "resource-has-a-provider", "Every resource has an explicit provider.", provider
)
