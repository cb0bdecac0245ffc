"""Remembers which events were read already, because a file may be there twice and two trails may
hold the same event.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.evidence.events import Record

_SAME = ("eventID", "eventTime", "eventName", "errorCode")


class Seen:
    """The ids of events, in an SQLite database on disk with a small cache.

    A set of all ids would take most of the audit's memory.
    """

    def __init__(self) -> None:
        """The database is deleted with this object."""
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE seen (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def is_new(self, record: Record) -> bool:
        """Whether the event was not seen before.

        The records of one call in both accounts are different events. Events that share only an id
        are different too, because an extra event in an answer is better than a missing one.
        """
        fields = (record.get("recipientAccountId"), *map(record.get, _SAME))
        event = " ".join(map(str, fields)).encode(errors="surrogatepass")
        added = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (event,))
        return added.rowcount == 1
