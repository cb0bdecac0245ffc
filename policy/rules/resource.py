"""The rules' view of a resource, and the types of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True, kw_only=True)
class Provider:
    """The provider that makes a resource. Its nested properties are JSON texts."""

    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class PreviewedResource:
    """One resource, with Pulumi's names. Reading an unknown property raises in a preview.

    `refers_to` has the URNs that each property depends on; only stack rules get it.
    """

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any]
    provider: Provider | None
    refers_to: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class ResourceRule:
    """A rule about one resource: `check` yields the faults, each with the remedy."""

    name: str
    says: str
    check: Callable[[PreviewedResource], Iterable[str]]


@dataclass(frozen=True)
class StackRule:
    """A rule about all resources together: `check` yields a resource's name and the fault."""

    name: str
    says: str
    check: Callable[[Sequence[PreviewedResource]], Iterable[tuple[str, str]]]
