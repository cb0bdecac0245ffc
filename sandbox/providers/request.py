"""One resource to be made: its inputs, and the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.providers.target import ProviderAccount


@dataclass(frozen=True, kw_only=True)
class Created:
    """The physical id and the outputs that AWS chose; the inputs become outputs too."""

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])


class ResourceRequest:
    """The inputs of one resource. Each input is taken once; an input that no code takes is an
    error.
    """

    def __init__(
        self, token: str, name: str, inputs: Mapping[str, Any], target: ProviderAccount
    ) -> None:
        """`inputs` as Pulumi sends them: names in camel case, every number a float."""
        self.token = token
        self.name = name
        self.target = target
        self._inputs = {key: _plain(value) for key, value in inputs.items() if value is not None}

    def take(self, key: str, default: Any = None) -> Any:
        """The input `key`, or `default` where the program leaves it out."""
        return self._inputs.pop(key, default)

    def need(self, key: str) -> Any:
        """The input `key`, which the program must set; SandboxError if it does not."""
        if key not in self._inputs:
            raise SandboxError(f"{self.token} '{self.name}' lacks {key}, which AWS requires")
        return self._inputs.pop(key)

    def present(self, **names: str) -> dict[str, Any]:
        """The inputs that are set, under boto3's names."""
        return {name: self._inputs.pop(key) for name, key in names.items() if key in self._inputs}

    def left_over(self) -> list[str]:
        """The inputs that the creator did not take."""
        return sorted(self._inputs)


def _plain(value: Any) -> Any:
    """`value` with whole numbers as int, because they arrive as floats and botocore refuses
    floats.
    """
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            given = cast("dict[str, Any]", value)
            return {key: _plain(inner) for key, inner in given.items()}
        case list():
            return [_plain(inner) for inner in cast("list[Any]", value)]
        case _:
            return value
