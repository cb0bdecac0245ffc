"""Options by their path, such as `storage.deletable`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.engine.engine import Engine


def option(engine: Engine, path: str, value: Any) -> dict[str, Any]:
    """The key and value that sets one field beside what the stack says already."""
    group, _, name = path.partition(".")
    if not name:
        return {f"thumbx:{group}": value}
    fields = dict(engine.configured(f"thumbx:{group}"))
    fields[name] = value
    return {f"thumbx:{group}": {key: each for key, each in fields.items() if each is not None}}
