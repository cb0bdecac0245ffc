"""The columns of the matrix: what is tried, as a question to IAM and as the call itself.

Texts may hold names in braces (`proof.recorded_program`), and `{probe}`, which is different in each
cell, so that no call finds what another call made. A call that succeeds leaves no change: it writes
what is there already, or it writes below a probe that is removed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from recording.denials import DENIALS

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

# A HEAD request is refused with 403 only, because its answer has no body.


@dataclass(frozen=True)
class Current:
    """A placeholder for a parameter's current value, so that setting the parameter again changes
    nothing.
    """

    name: str


@dataclass(frozen=True, kw_only=True)
class Need:
    """One permission that the call needs; `owner` is the account of the resource."""

    action: str
    resource: str
    owner: str
    carries: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One column: `name` is its heading, and `says` is what a caller who is allowed the call can
    do.

    An attempt without a `service` is evaluated by IAM's rules only, and not called. `refusals` are
    the error codes that mean no. `unknown_abroad` are codes that mean no to a caller of another
    account, because the service looks for the resource in the caller's account.
    `after_the_decision` are codes that a call gets only after it was authorised. Any other code is
    an error of this proof.
    """

    group: str
    name: str
    says: str
    needs: tuple[Need, ...]
    service: str = ""
    operation: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    presigned: bool = False
    refusals: frozenset[str] = DENIALS
    unknown_abroad: frozenset[str] = frozenset()
    after_the_decision: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """The attempt's key in the matrix."""
        return f"{self.group}: {self.name}"


def object_attempt(group: str, name: str, action: str, path: str) -> Attempt:
    """An action of S3 on an object of B's bucket, evaluated only; `path` is below the bucket."""
    resource = f"{{bucket_arn}}/{path}"
    need = Need(action=f"s3:{action}", resource=resource, owner="{storage}")
    return Attempt(group=group, name=name, says=name, needs=(need,))


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
