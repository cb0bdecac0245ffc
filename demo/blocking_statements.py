"""The statements that refuse an actor an object, and how to lift each for a moment.

The emulator never reports which statement refused a call. The demo therefore proves it: while all
other statements are lifted the call is still refused, and when this one is lifted too the call
succeeds.
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
class BlockingStatement:
    """A reason for a refused call, in one of `Deployment.documents`.

    `sid` is the responsible statement, or None if the reason is a missing statement. `lifted`
    returns the document's policies without the reason.
    """

    document: str
    says: str
    sid: str | None
    lifted: Callable[[Mapping[str, Policy], Names], Mapping[str, Policy]]


def denied(sid: str) -> BlockingStatement:
    """A Deny of the bucket policy; it is lifted by removing the statement."""
    return BlockingStatement(
        document="bucket policy",
        says=f"{sid} refuses it",
        sid=sid,
        lifted=lambda policies, _: documents.without(policies, sid),
    )


def stops_short(document: str, sid: str, key: str, value: Any) -> BlockingStatement:
    """A grant that does not cover the call; it is lifted by giving `key` of the statement
    another `value`.
    """
    return BlockingStatement(
        document=document,
        says=f"{sid} stops short of it",
        sid=sid,
        lifted=lambda policies, names: documents.widened(policies, sid, key, _filled(value, names)),
    )


def ungranted(document: str, says: str, **grant: Any) -> BlockingStatement:
    """No statement allows the call; this is lifted by adding the missing `grant`."""
    return BlockingStatement(
        document=document,
        says=says,
        sid=None,
        lifted=lambda policies, names: documents.joined(
            policies, {"Sid": "Added", "Effect": "Allow", **_filled(grant, names)}
        ),
    )


def blocked() -> BlockingStatement:
    """The bucket's public access block; it is lifted by switching it off."""
    return BlockingStatement(
        document="public access block",
        says="nothing can make the bucket public",
        sid=None,
        lifted=lambda policies, _: {"": dict.fromkeys(policies[""], False)},
    )


def _filled(value: Any, names: Names) -> Any:
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value)
        return {key: _filled(each, names) for key, each in inner.items()}
    if isinstance(value, list):
        return [_filled(each, names) for each in cast("list[Any]", value)]
    return value.format(**names) if isinstance(value, str) else value
