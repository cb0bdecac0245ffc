"""Options by their path in design.md, such as `storage.deletable`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.configured import declarations

if TYPE_CHECKING:
    from tests.engine.engine import Engine

_FLAT = {
    "formats": "format",
    "logDays": "logRetentionDays",
    "trailDays": "trailRetentionDays",
    "versionDays": "versionRetentionDays",
}
_OF_ACCOUNTS = {"account", "boundary", "caBundle", "endpoint", "profile", "rolePath"}


def option(engine: Engine, path: str, value: Any) -> dict[str, Any]:
    """The key and value that sets one field beside what the stack says already."""
    group, _, name = path.partition(".")
    if not name:
        return {f"thumbx:{group}": value}
    grouped = f"thumbx:{group}" in declarations() and (
        group not in {"producer", "storage"} or name in _OF_ACCOUNTS or _are_groups()
    )
    if not grouped:
        return {f"thumbx:{_FLAT.get(name, name)}": value}
    fields = dict(engine.configured(f"thumbx:{group}"))
    fields[name] = value
    return {f"thumbx:{group}": {key: each for key, each in fields.items() if each is not None}}


def _are_groups() -> bool:
    return "thumbx:thumbnails" in declarations()


def flat(paths: set[str]) -> set[str]:
    """The keys of today's Pulumi.yaml for these paths."""
    names = {path.rpartition(".")[2]: path for path in paths}
    return {
        path.partition(".")[0] if name in _OF_ACCOUNTS else _FLAT.get(name, name)
        for name, path in names.items()
    }
