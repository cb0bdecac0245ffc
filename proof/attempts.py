"""What is tried: the columns of the matrix, each as what IAM is asked and as the call itself.

Texts may hold names in braces (`proof.recorded_program`) and `{probe}`, which is another word in
each cell, so that no call meets what another has made. A call that succeeds changes nothing that is
not put back: it writes what is there already, or below a probe that is removed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from recording.denials import DENIALS

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

# 403 is what a HEAD request answers, which has no body to say more in.


@dataclass(frozen=True)
class Current:
    """A parameter's value that is there already, so that setting it again changes nothing."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing that IAM must allow for the call to be made; `owner` is the resource's account."""

    action: str
    resource: str
    owner: str
    carries: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One column: `name` heads it and `says` what somebody can do who is allowed it.

    One without a `service` is evaluated and not called.
    `refusals` are the error codes that mean no; `unknown_abroad` those that mean no to a caller of
    another account, where the service looks for the thing in the caller's own; and
    `after_the_decision` those that a call meets only once it is authorised. Any other code is a
    fault of this proof.
    """

    group: str
    name: str
    says: str
    needs: tuple[Need, ...]
    service: str
    operation: str
    parameters: Mapping[str, Any]
    presigned: bool = False
    refusals: frozenset[str] = DENIALS
    unknown_abroad: frozenset[str] = frozenset()
    after_the_decision: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """How the matrix names it."""
        return f"{self.group}: {self.name}"


def filled(value: T, names: Mapping[str, str], current: Mapping[str, Any] | None = None) -> T:
    """The value with every name in braces replaced, at any depth."""
    match value:
        case Current():
            return (current or {})[value.name]
        case str():
            return cast("T", value.format(**names))
        case dict():
            inner = cast("dict[str, Any]", value)
            return cast("T", {key: filled(each, names, current) for key, each in inner.items()})
        case list():
            return cast("T", [filled(each, names, current) for each in cast("list[Any]", value)])
        case _:
            return value
