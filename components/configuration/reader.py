"""Reads the raw stack configuration and collects all of its faults, not only the first.

The engine checks only the type of each declared key: it accepts unknown keys, and unknown fields of
an object, without an error. `Configuration` records which keys were read and refuses the rest, so
that a misspelt `thumbx:administrator` is an error and does not silently give access.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import pulumi
from pulumi.runtime import config as runtime_config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

T = TypeVar("T")

ENGINE = "pulumi"  # the namespace of the engine's own settings
_LONGEST_VALUE = 160  # characters of a value that a message quotes


class ConfigError(pulumi.RunError):
    """Every fault of a stack's configuration, one a line; Pulumi prints it without a traceback."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Place:
    """A key, or a field of a key, written as for `pulumi config set --path`.

    `partition` is the partition of the stack's region, once the region is known.
    """

    path: str
    faults: list[str]
    partition: str = ""

    def refuse(self, value: object, reason: str, remedy: str) -> None:
        """Record one fault; `reason` follows the value ("which is above 100")."""
        if value is None:
            self.faults.append(f"{self.path} is not set; {remedy}")
            return
        shown = repr(value)
        if len(shown) > _LONGEST_VALUE:
            shown = f"{shown[:_LONGEST_VALUE]}..."
        self.faults.append(f"{self.path} is {shown}, {reason}; {remedy}")

    def refuse_secret(self) -> None:
        """Record that the value is a secret; no value of this configuration may be one."""
        self.faults.append(
            f"{self.path} is a secret (secure:), but its value is readable in policies, names and "
            "tags; set it again without --secret"
        )

    def unheard(self) -> Place:
        """The same place, but its faults are not recorded."""
        return Place(self.path, [], self.partition)

    def below(self, part: str | int) -> Place:
        """The place of a field or an item of this value."""
        if isinstance(part, int):
            end = f"[{part}]"
        else:
            plain = re.fullmatch(r"[A-Za-z0-9_-]+", part)
            end = f".{part}" if plain else f"[{json.dumps(part)}]"
        return Place(self.path + end, self.faults, self.partition)


# A check takes a raw value (None if nothing is set). It either returns the value in its own type,
# or records at least one fault and returns a harmless substitute of that type, so that reading can
# continue.
Check: TypeAlias = Callable[[object, Place], T]


class Configuration:
    """One namespace of the stack configuration, read key by key."""

    def __init__(self, namespace: str) -> None:
        self._config = pulumi.Config(namespace)
        self._keys: list[str] = []
        self._faults: list[str] = []
        self.partition = ""

    def at(self, path: str) -> Place:
        """The place of a key, or of a field of a key (`producer.account`), for recording faults."""
        return Place(self._config.full_key(path), self._faults, self.partition)

    def read(self, key: str, check: Check[T]) -> T:
        """The checked value of one key; the check's substitute if a fault was recorded."""
        self._keys.append(key)
        if runtime_config.is_config_secret(self._config.full_key(key)):
            self.at(key).refuse_secret()
            return check(None, self.at(key).unheard())
        return check(self._config.get(key), self.at(key))

    def read_stack(self, check: Check[T]) -> T:
        """The checked name of the stack, which is part of physical names."""
        return check(pulumi.get_stack(), Place("the stack's name", self._faults))

    def finish(self, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        """Refuse the keys that no code read, then raise if there is any fault.

        `fields` are the fields of each key that is an object, because the user may have meant one
        of them.
        """
        paths = {name: f"{key}.{name}" for key, names in (fields or {}).items() for name in names}
        namespace = self._config.full_key("")
        for full_key in sorted(runtime_config.CONFIG.get()):
            key = full_key.removeprefix(namespace)
            if full_key.startswith(namespace) and key not in self._keys:
                self._faults.append(
                    f"{full_key} is set, but this project has no such key; "
                    f"{self._remedy(key, namespace, paths)}"
                )
            elif fault := unread(full_key, namespace.removesuffix(":")):
                self._faults.append(fault)
        if self._faults:
            raise ConfigError(self._faults)

    def _remedy(self, key: str, namespace: str, paths: Mapping[str, str]) -> str:
        head = re.split(r"[.\[]", key, maxsplit=1)[0]
        if head in self._keys:
            return (
                f"to set a field of {namespace}{head}, use: pulumi config set --path "
                f"'{namespace}{key}' (and remove this one: pulumi config rm '{namespace}{key}')"
            )
        known = {**paths} | {name: name for name in self._keys}
        near = nearest(key, known)
        if near:
            return f"did you mean {namespace}{known[near[0]]}?"
        return f"remove it: pulumi config rm '{namespace}{key}'"


def unread(full_key: str, project: str) -> str | None:
    """The fault of a key whose namespace is neither the project's nor the engine's."""
    namespace, _, name = full_key.partition(":")
    if namespace in (project, ENGINE):
        return None
    near = nearest(namespace, [project, ENGINE])
    remedy = f"did you mean {near[0]}:{name}?" if near else f"run: pulumi config rm '{full_key}'"
    return (
        f"{full_key} is set, but nothing reads the namespace '{namespace}', because each account "
        f"has its own provider, which the program sets up from {project}:; {remedy}"
    )


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """Up to `count` known words that are similar to this one, in any case; best first."""
    by_fold = {name.casefold(): name for name in known}
    return [by_fold[fold] for fold in difflib.get_close_matches(word.casefold(), by_fold, count)]


def one_of(words: Iterable[object]) -> str:
    """`'a', 'b' or 'c'`."""
    *most, last = [repr(word) for word in words]
    return f"{', '.join(most)} or {last}" if most else last
