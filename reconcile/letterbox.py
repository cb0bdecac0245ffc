"""A queue, of either account, in which messages wait for a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Letterbox:
    """A queue of messages that wait for a person, and the account that it is in."""

    account: str
    url: str

    @property
    def name(self) -> str:
        """Its physical name."""
        return self.url.rpartition("/")[2]
