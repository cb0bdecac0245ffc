"""Asks a person before a command changes something."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.prompt import Confirm

if TYPE_CHECKING:
    from rich.console import Console


def agreed(out: Console, question: str, *, yes: bool) -> bool:
    """Whether the person agrees; `yes` agrees beforehand. False without a terminal."""
    if yes:
        return True
    if not sys.stdin.isatty():
        out.print(f"{question} Nobody can be asked here; give --yes to continue.")
        return False
    return Confirm.ask(question, console=out, default=False)
