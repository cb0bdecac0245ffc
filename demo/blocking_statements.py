"""What stands between an actor and an object: one lock each, and how to open it for a moment.

The emulator never says which statement refused a call. So the statement is proven responsible:
with every other lock open the call is still refused, and with this one open as well it succeeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sandbox import documents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.documents import Policy

    Names: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Lock:
    """A reason for which a call is refused, in one of `Deployment.documents`.

    `sid` is the statement that is responsible, or None where it is the lack of any. `opened`
    returns the document's policies without the lock.
    """

    document: str
    says: str
    sid: str | None
    opened: Callable[[Mapping[str, Policy], Names], Mapping[str, Policy]]


def denied(sid: str) -> Lock:
    """A Deny of the bucket policy; opened by taking the statement out."""
    return Lock(
        document="bucket policy",
        says=f"{sid} refuses it",
        sid=sid,
        opened=lambda policies, _: documents.without(policies, sid),
    )


def stops_short(document: str, sid: str, key: str, value: Any) -> Lock:
    """A grant that does not reach; opened by giving `key` of the statement another `value`."""
    return Lock(
        document=document,
        says=f"{sid} stops short of it",
        sid=sid,
        opened=lambda policies, names: documents.widened(policies, sid, key, _filled(value, names)),
    )


def ungranted(document: str, says: str, **grant: Any) -> Lock:
    """No statement is about it; opened by adding the `grant` that is missing."""
    return Lock(
        document=document,
        says=says,
        sid=None,
        opened=lambda policies, names: documents.joined(
            policies, {"Sid": "Added", "Effect": "Allow", **_filled(grant, names)}
        ),
    )


def blocked() -> Lock:
    """The bucket's public access block; opened by switching it off."""
    return Lock(
        document="public access block",
        says="nothing can make the bucket public",
        sid=None,
        opened=lambda policies, _: {"": dict.fromkeys(policies[""], False)},
    )


def _filled(value: Any, names: Names) -> Any:
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value)
        return {key: _filled(each, names) for key, each in inner.items()}
    if isinstance(value, list):
        return [_filled(each, names) for each in cast("list[Any]", value)]
    return value.format(**names) if isinstance(value, str) else value
