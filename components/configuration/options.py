"""An option of the configuration: a dataclass field with its check, default and meaning.

The field's name in camel case is the option's name. A field that is not made by `option` or
`required` is no option: the code that builds the dataclass fills it in.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import MISSING, dataclass
from typing import TYPE_CHECKING, Any, cast

from components.configuration import containers

if TYPE_CHECKING:
    from components.configuration.reader import Check, Place


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option; `type` is its annotation, and `default` is MISSING if the option must be set."""

    key: str
    field: str
    type: str
    check: Check[Any]
    default: Any
    meaning: str


def option(check: Check[Any], default: Any, meaning: str) -> Any:
    """Return a field whose values pass `check`; docs/options.md shows `meaning`."""
    return dataclasses.field(
        default_factory=lambda: copy.copy(default), metadata={"option": (check, default, meaning)}
    )


def required(check: Check[Any], meaning: str, *, key: str) -> Any:
    """Return a field that has no default, for the option of this name."""
    return dataclasses.field(metadata={"option": (check, MISSING, meaning), "key": key})


def options_of(group: type) -> list[Option]:
    """Return the options of a group, in the order in which it declares them."""
    found: list[Option] = []
    for each in dataclasses.fields(group):
        if "option" in each.metadata:
            check, default, meaning = each.metadata["option"]
            first, *rest = each.name.split("_")
            found.append(
                Option(
                    key=each.metadata.get("key", first + "".join(map(str.capitalize, rest))),
                    field=each.name,
                    type=str(each.type),
                    check=check,
                    default=default,
                    meaning=meaning,
                )
            )
    return found


def group(kind: type) -> Check[dict[str, Any]]:
    """An object with the options of `kind`, by field: each is checked, or has its default."""
    known = options_of(kind)

    def check(value: object, at: Place) -> dict[str, Any]:
        given = containers.fields({} if value is None else value, at, [each.key for each in known])
        if given is None:  # refused as a whole, so missing fields are not reported
            at = at.unheard()
        found = dict(given or {})
        return {each.field: _read(each, found.get(each.key), at) for each in known}

    return check


def _read(option: Option, value: object, group: Place) -> Any:
    at = group.below(option.key)
    if isinstance(value, dict) and list(cast("dict[str, object]", value)) == ["secure"]:
        at.refuse_secret()
        return option.check(None, at.unheard())
    if value is None and option.default is not MISSING:
        return copy.copy(option.default)
    return option.check(cast("object", value), at)
