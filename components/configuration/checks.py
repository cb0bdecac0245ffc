"""Checks of single configuration values: each returns the value in its own type or refuses it.

The engine passes top-level values as text; inside arrays and objects they have JSON's own types. A
check therefore accepts both forms.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from components.configuration.reader import nearest, one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.configuration.reader import Check, Place

_LOOPBACK = ("localhost", "127.0.0.1")
_STACK_NAME = re.compile(r"(?=.{1,64}$)[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
NO_PREFIX = "?/"  # stands for a refused prefix; no valid prefix is written like this
_CACHE_CONTROL = re.compile(r"[a-z-]+(?:=[0-9]{1,9})?(?:, ?[a-z-]+(?:=[0-9]{1,9})?){0,7}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
# Browsers leave out a scheme's own port, so an origin with it would never match.
_ORIGIN = re.compile(
    rf"https://{_LABEL}(?:\.{_LABEL})*(?::(?!443$)[1-9][0-9]{{0,4}})?"
    r"|http://localhost:(?!80$)[1-9][0-9]{0,4}"
)
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)+")


def text(value: object, at: Place) -> str | None:
    """Any text; None if it is empty or missing."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    at.refuse(value, "which is not text", "put it in quotes")
    return None


def boolean(value: object, at: Place) -> bool:
    """True or false; YAML's yes, no, on and off reach the check as text and are refused."""
    words = {"true": True, "True": True, "false": False, "False": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in words:
        return words[value]
    at.refuse(value, "which is neither true nor false", "set true or false")
    return False


def whole(low: int, high: int, unit: str = "") -> Check[int]:
    """A whole number from `low` to `high`, both included; `unit` is for the message only."""
    remedy = f"set a whole number from {low} to {high}{unit and f' ({unit})'}"

    def check(value: object, at: Place) -> int:
        number = _number(value)
        if number is None:
            at.refuse(value, "which is not a whole number", remedy)
        elif number < low:
            at.refuse(value, f"which is below {low}", remedy)
        elif number > high:
            at.refuse(value, f"which is above {high}", remedy)
        else:
            return number
        return low

    return check


def days_of(accepted: Sequence[int]) -> Check[int]:
    """One of a list of numbers of days; the message names the nearest allowed numbers."""

    def check(value: object, at: Place) -> int:
        number = _number(value)
        if number is None:
            at.refuse(value, "which is not a whole number", f"set {one_of(accepted)} (days)")
        elif number in accepted:
            return number
        else:
            below = [days for days in accepted if days < number][-1:]
            above = [days for days in accepted if days > number][:1]
            at.refuse(
                value,
                "a number of days that CloudWatch Logs does not offer",
                f"the nearest are {one_of(below + above)}",
            )
        return accepted[0]

    return check


def choice(*words: str) -> Check[str]:
    """One of a few words, in exactly this spelling; an empty text if it is refused."""

    def check(value: object, at: Place) -> str:
        if isinstance(value, str) and value in words:
            return value
        near = nearest(value, words) if isinstance(value, str) else []
        hint = f"did you mean {near[0]!r}? " if near else ""
        at.refuse(value, "which is none of the choices", f"{hint}set {one_of(words)}")
        return ""

    return check


def cache_control(value: object, at: Place) -> str:
    """The value of a Cache-Control header: directives with commas between; empty for none."""
    if isinstance(value, str) and (not value or _CACHE_CONTROL.fullmatch(value)):
        return value
    at.refuse(value, "which is not a Cache-Control header", "write 'max-age=86400', or '' for none")
    return ""


def colour(value: object, at: Place) -> str:
    """A colour as `#rrggbb`, in lower case."""
    if isinstance(value, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        return value.lower()
    remedy = "write '#rrggbb' in quotes (without them YAML takes the # for a comment)"
    at.refuse(value, "which is not a colour", remedy)
    return ""


def prefix(value: object, at: Place) -> str:
    """A prefix of object keys, ending in a slash.

    Few characters are allowed, because the prefix is used in IAM patterns, where `*`, `?` and `$`
    have a meaning, and in an S3 event filter, where other characters would have to be URL-encoded.
    """
    if isinstance(value, str) and _PREFIX.fullmatch(value):
        return value
    if not isinstance(value, str):
        at.refuse(value, "which is not text", "write a prefix such as 'originals/'")
    elif value.startswith("/"):
        at.refuse(
            value,
            "which starts with a slash",
            "leave the slash out, because object keys do not begin with one",
        )
    elif not value:
        at.refuse(value, "which means the whole bucket", "write a prefix such as 'originals/'")
    elif not value.endswith("/"):
        at.refuse(value, "which does not end in a slash", f"write {value + '/'!r}")
    else:
        remedy = "use letters, digits, '-', '_' and '.' between slashes; no dot first"
        at.refuse(value, "which is not a plain prefix", remedy)
    return ""


def prefix_or_all(value: object, at: Place) -> str:
    """A prefix, or empty text for a whole bucket; NO_PREFIX if the value is refused."""
    return "" if value == "" else prefix(value, at) or NO_PREFIX


def bucket(value: object, at: Place) -> str | None:
    """The name of a bucket; None where it is empty."""
    if isinstance(value, str) and (not value or _BUCKET.fullmatch(value)):
        return value or None
    at.refuse(value, "which is not a bucket's name", "write one such as 'pictures', or '' for none")
    return None


def stack_name(value: object, at: Place) -> str:
    """A stack's name that can be part of every name that is made from it.

    Pulumi also allows dots, which the names of layers and dashboards may not contain; CloudTrail
    refuses two special characters in a row.
    """
    if isinstance(value, str) and _STACK_NAME.fullmatch(value):
        return value
    remedy = (
        "use up to 64 letters and digits with single '-' or '_' between them, as in: "
        "pulumi stack rename my-stack"
    )
    at.refuse(value, "which cannot be part of the names of layer, trail and dashboards", remedy)
    return ""


def origin(value: object, at: Place) -> str:
    """A web origin as browsers send it: https and a host without a path, or this machine's http.

    `*` is refused, because S3 would answer the scripts of every page.
    """
    if isinstance(value, str) and _ORIGIN.fullmatch(value):
        return value
    remedy = "write 'https://pictures.example.com', or 'http://localhost:3000' to try a page"
    at.refuse(value, "which is not the origin of one page as a browser sends it", remedy)
    return ""


def endpoint(value: object, at: Place) -> str | None:
    """The address of an emulator on this machine, or None.

    No other address is allowed, because every request goes there, with the credentials' signatures
    and the pictures.
    """
    address = text(value, at)
    if address is None:
        return None
    remedy = (
        "set an emulator on this machine, such as 'https://localhost:4566', or leave it out for AWS"
    )
    try:
        parts = urlsplit(address)
        bare = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)
        good = parts.scheme in ("http", "https") and parts.port is not None and bare
    except ValueError:
        good, parts = False, urlsplit("")
    if not good:
        at.refuse(value, "which is not http(s)://host:port", remedy)
    elif parts.hostname not in _LOOPBACK:
        at.refuse(value, "which is not on this machine", remedy)
    else:
        return address.rstrip("/")
    return None


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None
