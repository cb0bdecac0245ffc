"""A stack file, read as Pulumi's engine reads it.

The engine's reader is go-yaml 3: `1e3` is a thousand there and text in PyYAML, `12:30` is text
there and a number in PyYAML. Such words are read the engine's way here. A date, of which the engine
makes a text of its own, is refused.
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

# go-yaml's resolve.go: what is tried on a plain word, in this order.
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
    """Reads plain words as the engine does."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own form

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
    """Read the file; RecordingError where it is not there or the engine would not take it."""
    if not path.is_file():
        raise RecordingError(f"{path.name} is not there; the stacks are the Pulumi.*.yaml files")
    try:
        return yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise RecordingError(f"{path.name} is no YAML: {error}; correct the line") from error


def values(path: Path, project: str) -> dict[str, Any]:
    """Return the configuration by full key; RecordingError for keys that nobody would read.

    A key without a namespace is the project's. No value is an empty one.
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
    """The keys that the engine takes for secrets: an encrypted value anywhere makes one of all."""
    return [key for key, value in found.items() if any(_encrypted(value))]


def text(value: Any) -> str:
    """Return a value as the engine hands it to a program: text as it is, all else as JSON."""
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
