"""A pretend cloud: what exists, in which account and region. It holds what no emulator holds."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# One namespace for all regions of an account.
GLOBAL = ("aws:iam/", "aws:cloudwatch/dashboard:")


@dataclass(kw_only=True)
class Thing:
    """One resource that exists; a change by hand in the console changes its `inputs`."""

    token: str
    id: str
    name: str
    """The logical name."""
    account: str
    region: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]

    def document(self, key: str) -> list[dict[str, Any]]:
        """The statements of the IAM document in an input; none if it is missing."""
        return json.loads(self.inputs.get(key) or '{"Statement": []}')["Statement"]


@dataclass
class Cloud:
    """All things of all accounts. Several threads may use it if they hold `lock`."""

    outside: Collection[str] = ()
    """ARNs that exist and are not the program's: people, adopted trails and analyzers."""
    objects: dict[str, int] = field(default_factory=dict[str, int])
    """How many objects a bucket holds, by its name."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _things: dict[tuple[str, str, str, str], Thing] = field(
        default_factory=dict[tuple[str, str, str, str], Thing]
    )

    def put(self, thing: Thing) -> None:
        """Make it, or replace the thing with its id."""
        self._things[self._key(thing.token, thing.id, thing.account, thing.region)] = thing

    def find(self, token: str, physical_id: str, account: str, region: str) -> Thing | None:
        """The thing with this id, if it exists."""
        return self._things.get(self._key(token, physical_id, account, region))

    def remove(self, token: str, physical_id: str, account: str, region: str) -> None:
        """Delete it; nothing happens if it does not exist."""
        self._things.pop(self._key(token, physical_id, account, region), None)

    def of(self, token: str) -> list[Thing]:
        """All things of a type."""
        return [each for each in self if each.token == token]

    def with_arn(self, arn: str) -> Thing | None:
        """The thing with this ARN."""
        return next((each for each in self if each.outputs.get("arn") == arn), None)

    def exists(self, arn: str) -> bool:
        """Whether a thing with this ARN exists, in the program or not."""
        return arn in self.outside or self.with_arn(arn) is not None

    def __iter__(self) -> Iterator[Thing]:
        with self.lock:
            return iter(list(self._things.values()))

    @staticmethod
    def _key(token: str, physical_id: str, account: str, region: str) -> tuple[str, str, str, str]:
        return token, physical_id, account, "" if token.startswith(GLOBAL) else region
