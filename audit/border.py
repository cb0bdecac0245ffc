"""Makes untrusted text safe where it leaves the audit, for a terminal and for programs.

Callers choose the names, user agents and keys. An escape sequence in such a text could clear the
screen, a bidirectional mark could reverse an ARN on the screen, and a line break could forge a row.
"""

from __future__ import annotations

import json
from typing import Any


def plain(text: str) -> str:
    """The text with every character escaped that a terminal does not show as it is."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def plain_lines(text: str) -> str:
    """Like `plain`, for our own sentences of several lines; all lines but the first are
    indented.
    """
    return "\n  ".join(plain(line) for line in text.split("\n"))


def json_text(data: Any) -> str:
    """The data as JSON in ASCII: no character is lost, and none of them controls a terminal."""
    return json.dumps(data, indent=2, ensure_ascii=True)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
