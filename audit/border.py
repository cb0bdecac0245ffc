"""Where text of others leaves the audit: for a terminal, and for programs.

Names, agents and keys are chosen by whoever called. An escape sequence in one could clear the
screen, a bidirectional mark could turn an ARN round, and a new line could forge a row.
"""

from __future__ import annotations

import json
from typing import Any


def plain(text: str) -> str:
    """The text with everything escaped that is not seen as it stands."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _escaped(each) for each in text)


def plain_lines(text: str) -> str:
    """The same for sentences of our own, which may take several lines; later ones are indented."""
    return "\n  ".join(plain(line) for line in text.split("\n"))


def json_text(data: Any) -> str:
    """The data as JSON of ASCII alone: nothing is lost, and nothing in it moves a terminal."""
    return json.dumps(data, indent=2, ensure_ascii=True)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
