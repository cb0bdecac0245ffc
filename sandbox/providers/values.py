"""Converts values to and from the engine's format, and compares them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pulumi
from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import rpc

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN = rpc.UNKNOWN
_SIGNATURE = rpc._special_sig_key  # pyright: ignore[reportPrivateUsage] # noqa: SLF001
_SECRET = rpc._special_secret_sig  # pyright: ignore[reportPrivateUsage] # noqa: SLF001
_ARCHIVE = rpc._special_archive_sig  # pyright: ignore[reportPrivateUsage] # noqa: SLF001
_ASSET = rpc._special_asset_sig  # pyright: ignore[reportPrivateUsage] # noqa: SLF001


def from_wire(message: Any) -> dict[str, Any]:
    """A Struct as plain values: secrets unwrapped, whole numbers as int, archives unchanged."""
    return cast("dict[str, Any]", _plain(MessageToDict(message)))


def to_wire(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain values as a Struct."""
    message = struct_pb2.Struct()
    message.update(dict(values))
    return message


def native(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, but a value that is an archive or a file is a Pulumi object."""
    return {key: _native(value) if _is_file(value) else value for key, value in values.items()}


def _native(file: dict[str, Any]) -> pulumi.Asset | pulumi.Archive:
    match file:
        case {"assets": assets}:
            inside: dict[str, Any] = assets
            return pulumi.AssetArchive({name: _native(each) for name, each in inside.items()})
        case {"text": text}:
            return pulumi.StringAsset(text)
        case _ if file[_SIGNATURE] == _ARCHIVE:
            return pulumi.FileArchive(file["path"])
        case _:
            return pulumi.FileAsset(file["path"])


def is_unknown(value: Any) -> bool:
    """Whether a part of the value depends on a resource that is not made yet."""
    match value:
        case dict():
            return any(is_unknown(each) for each in cast("dict[str, Any]", value).values())
        case list():
            return any(is_unknown(each) for each in cast("list[Any]", value))
        case _:
            return value == UNKNOWN


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal; files are compared by hash, documents by meaning."""
    if _is_file(one) and _is_file(other):
        return one.get("hash") == other.get("hash")
    match one, other:
        case dict(), dict():
            first, second = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
            return first.keys() == second.keys() and all(
                same(first[key], second[key]) for key in first
            )
        case list(), list():
            pairs = cast("list[Any]", one), cast("list[Any]", other)
            return len(pairs[0]) == len(pairs[1]) and all(map(same, *pairs))
        case str(), str():
            return one == other or same_json(one, other)
        case _:
            return one == other


def same_json(one: str, other: str | None) -> bool:
    """Whether two JSON objects mean the same."""
    if not (other and one.startswith("{") and other.startswith("{")):
        return one == other
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return False


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and cast("Any", value).get(_SIGNATURE) in (_ARCHIVE, _ASSET)


def _plain(value: Any) -> Any:
    match value:
        case dict():
            given = cast("dict[str, Any]", value)
            if given.get(_SIGNATURE) == _SECRET:
                return _plain(given["value"])
            return {key: _plain(each) for key, each in given.items()}
        case list():
            return [_plain(each) for each in cast("list[Any]", value)]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
