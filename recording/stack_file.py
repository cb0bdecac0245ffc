"""A stack file, read as Pulumi's engine reads it.

The engine reads YAML with go-yaml 3: there `1e3` is a thousand and `12:30` is text, but in PyYAML
`1e3` is text and `12:30` is a number. This module reads such words as the engine does. A date is
refused, because the engine turns it into another text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import yaml

from components.configuration.reader import unread
from recording.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# What go-yaml's resolve.go tries on an unquoted word, in this order.
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?")
_WHOLE = re.compile(r"[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_OLD_OCTAL = re.compile(r"^([-+]?)0([0-7]+)$")


class _Loader(yaml.SafeLoader):
    """Reads unquoted words as the engine does."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML requires this form

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if isinstance(node, yaml.ScalarNode) and node.style is None:
            return _plain(cast("Any", node).value, node)
        return cast("Any", super()).construct_object(node, deep=deep)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            raise RecordingError(f"{node.start_mark}: {key} is set twice; keep one of the two")
        return super().construct_mapping(node, deep=deep)


def load(path: Path) -> Any:
    """Read the file; RecordingError if it does not exist or the engine would refuse it."""
    if not path.is_file():
        raise RecordingError(f"{path.name} is not there; the stacks are the Pulumi.*.yaml files")
    try:
        return yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise RecordingError(f"{path.name} is not YAML: {error}; correct the line") from error


def values(path: Path, project: str) -> dict[str, Any]:
    """Return the configuration by full key; RecordingError for keys that nothing reads.

    A key without a namespace belongs to the project. A missing value counts as an empty one.
    """
    whole = cast("dict[str, Any]", load(path) or {})
    written = cast("dict[str, Any]", whole.get("config") or {})
    found: dict[str, Any] = {}
    faults: list[str] = []
    for key, value in written.items():
        full = key if ":" in key else f"{project}:{key}"
        if full in found:
            faults.append(f"{path.name}: {full} is set twice, once without '{project}:'; keep one")
        elif fault := unread(full, project):
            faults.append(fault)
        found[full] = "" if value is None else value
    if faults:
        raise RecordingError("\n".join(faults))
    return found


def secrets(found: Mapping[str, Any]) -> list[str]:
    """The keys that the engine treats as secrets: one encrypted value makes the whole key a
    secret.
    """
    return [key for key, value in found.items() if any(_encrypted(value))]


def text(value: Any) -> str:
    """Return a value as the engine gives it to a program: text unchanged, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _encrypted(value: Any) -> Iterator[bool]:
    if isinstance(value, dict):
        held = cast("dict[str, Any]", value)
        yield list(held) == ["secure"]
        for each in held.values():
            yield from _encrypted(each)
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _encrypted(each)


def _plain(word: str, node: yaml.Node) -> Any:
    if word in _WORDS:
        return _WORDS[word]
    if _DATE.fullmatch(word):
        raise RecordingError(f"{node.start_mark}: {word} is read as a date; put it in quotes")
    digits = word.replace("_", "") if word[0] in "+-0123456789" else word
    if _WHOLE.fullmatch(digits):
        return int(_OLD_OCTAL.sub(r"\g<1>0o\g<2>", digits), 0)
    if _NUMBER.fullmatch(digits):
        number = float(digits)
        return int(number) if number.is_integer() else number
    return word
