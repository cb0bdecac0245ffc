"""One stack's configuration, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration.watch import CREATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.accounts import Access, Account, Storage
    from components.configuration.schema import Function, Retention, Security, Thumbnails
    from components.configuration.watch import Watch


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stack's configuration, checked."""

    region: str
    producer: Account
    storage: Storage
    access: Access
    thumbnails: Thumbnails
    function: Function
    security: Security
    watch: Watch
    retention: Retention
    tags: Mapping[str, str]

    @property
    def one_account(self) -> bool:
        """Whether both sides share an account."""
        return self.producer.id == self.storage.id

    @property
    def producer_trail(self) -> bool:
        """Whether the producer's account gets its own trail."""
        return self.watch.management_events == CREATE and not self.one_account

    @property
    def trail_accounts(self) -> tuple[str, ...]:
        """The accounts whose trails write to the log bucket."""
        return (self.storage.id, *([self.producer.id] if self.producer_trail else []))
