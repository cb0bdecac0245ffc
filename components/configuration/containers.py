"""Checks of arrays and objects: their values, their names, and how many there are.

The engine passes both as JSON text. An empty text means an empty array or object: `pulumi config
set key ''`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from components.configuration import checks
from components.configuration.reader import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from components.configuration.reader import Check, Place

T = TypeVar("T")

_MOST_SIZES = 10
_MOST_TAGS = 40
_SIZE_NAME = re.compile(r"[a-z0-9-]{1,32}")
_TAG_KEY = re.compile(r"(?!(?i:aws:))[\w .:/=+@-]{1,128}")
_OWN_TAGS = ("project", "stack")  # which components.accounts adds
_TAG_VALUE = re.compile(r"[\w .:/=+@-]{0,256}")


def each(check: Check[T], *, empty: bool = True) -> Check[tuple[T, ...]]:
    """An array of values, each checked by `check`, without duplicates; an empty text means none.

    `empty` says whether there may be none.
    """

    def check_each(value: object, at: Place) -> tuple[T, ...]:
        items = _json([] if value == "" else value)
        if not isinstance(items, list):
            none = ", or [] for none" if empty else ""
            at.refuse(value, "which is not an array", f"write a list: {json.dumps([value])}{none}")
            return ()
        checked: list[T] = []
        for index, item in enumerate(cast("list[object]", items)):
            faults = len(at.faults)
            result = check(item, at.below(index))
            if len(at.faults) == faults and result in checked:
                at.below(index).refuse(item, "which is listed twice", "remove one of the two")
            checked.append(result)
        if not (items or empty):
            at.refuse(value, "which names none", "name one or more")
        return tuple(checked)

    return check_each


def fields(value: object, at: Place, known: Sequence[str]) -> Mapping[str, object] | None:
    """The fields of an object; unknown fields are refused. None if the value is not an object."""
    found = _entries(value, at, f"its fields: {', '.join(known)}")
    for name, content in (found or {}).items():
        if name not in known:
            near = nearest(name, known)
            remedy = f"did you mean {near[0]!r}?" if near else f"the fields are {', '.join(known)}"
            at.below(name).refuse(content, "which is a field that nothing reads", remedy)
    return found


def sizes(value: object, at: Place) -> Mapping[str, int]:
    """Names of thumbnails with their longest side in pixels; the smallest comes first."""
    check = checks.whole(1, 4096, "pixels of the longest side")
    entries = _entries(value, at, "a name for each size, such as small: 128")
    if entries is None:
        return {}
    found: dict[str, int] = {}
    for name, pixels in entries.items():
        if not _SIZE_NAME.fullmatch(name):
            remedy = "use up to 32 of a-z, 0-9 and '-': it becomes a file name"
            at.below(name).refuse(pixels, f"under the name {name!r}, which is no file name", remedy)
        found[name] = check(pixels, at.below(name))
    if not 1 <= len(found) <= _MOST_SIZES:
        at.refuse(value, f"which is {len(found)} sizes", f"name 1 to {_MOST_SIZES}")
    return dict(sorted(found.items(), key=lambda size: (size[1], size[0])))


def tags(value: object, at: Place) -> Mapping[str, str]:
    """Tags for every resource, within AWS's limits; ten of fifty are reserved for the program."""
    found: dict[str, str] = {}
    folded: dict[str, str] = {}
    for key, content in (_entries(value, at, "text for each tag, {} for none") or {}).items():
        if not _TAG_KEY.fullmatch(key):
            remedy = "use up to 128 letters, digits, spaces and _.:/=+-@, and not 'aws:' first"
            at.below(key).refuse(content, f"under the key {key!r}, which AWS refuses", remedy)
        elif key.casefold() in _OWN_TAGS:
            reason = f"under the key {key!r}, which the program sets itself"
            at.below(key).refuse(content, reason, "leave it out")
        elif folded.setdefault(key.casefold(), key) != key:
            # IAM treats Owner and owner as one key, and refuses both together.
            reason = (
                f"under the key {key!r}, which IAM treats as the same as {folded[key.casefold()]!r}"
            )
            at.below(key).refuse(content, reason, "leave one out")
        if not isinstance(content, str):
            at.below(key).refuse(content, "which is not text", "put it in quotes")
        elif not _TAG_VALUE.fullmatch(content):
            remedy = "use up to 256 letters, digits, spaces and _.:/=+-@"
            at.below(key).refuse(content, "which AWS refuses as a tag", remedy)
        else:
            found[key] = content
    if len(found) > _MOST_TAGS:
        at.refuse(value, f"which is {len(found)} tags", f"set {_MOST_TAGS} at most")
    return dict(sorted(found.items()))


def _entries(value: object, at: Place, remedy: str) -> dict[str, object] | None:
    entries = _json({} if value == "" else value)
    if isinstance(entries, dict):
        return cast("dict[str, object]", entries)
    at.refuse(value, "which is not an object", f"write {remedy}")
    return None


def _json(value: object) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
