"""Converts the engine's view of a resource into the rules' view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.resource import PreviewedResource, Provider

if TYPE_CHECKING:
    from pulumi_policy import PolicyResource, ResourceValidationArgs


def resource(args: ResourceValidationArgs | PolicyResource) -> PreviewedResource:
    """The resource; for a stack rule, also with the resources that its properties refer to."""
    made_of = getattr(args, "property_dependencies", {})
    return PreviewedResource(
        type=args.resource_type,
        name=args.name,
        urn=args.urn,
        properties=args.props,
        provider=args.provider
        and Provider(name=args.provider.name, properties=args.provider.props),
        refers_to={key: frozenset(each.urn for each in found) for key, found in made_of.items()},
    )
