"""The subject of the checks: one deployment, and what the program defines for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.accounts.clients import AccountClients
    from audit.accounts.wiring import Wiring
    from audit.checks.expected import Expected
    from audit.evidence.sources import Source
    from audit.evidence.window import Window


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The deployment and the program that the checks compare."""

    access: AccountClients
    wiring: Wiring
    expected: Expected
    key: str
    """The ARN of the bucket's own key; empty if the program makes none."""
    source: Callable[[], Source]
    """Opened by the checks that need events, so that only they fail if the trail cannot be read."""
    window: Window
    oldest_key_days: int
