"""Which events were seen already: files may be there twice, and two trails have the same event."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.evidence.events import Record

_SAME = ("eventID", "eventTime", "eventName", "errorCode")


class Seen:
    """The ids of events, in a database that SQLite keeps on disk beyond its small cache.

    A set of them would take most of the memory that the audit has.
    """

    def __init__(self) -> None:
        """It lasts as long as this object."""
        self._database = sqlite3.connect("", isolation_level=None)
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000"):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("CREATE TABLE seen (id BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def is_new(self, record: Record) -> bool:
        """Whether the event was not asked about before.

        Both accounts' records of one call are. So are events that share an id and nothing else,
        because an answer with one too many is better than an answer with one too few.
        """
        fields = (record.get("recipientAccountId"), *map(record.get, _SAME))
        event = " ".join(map(str, fields)).encode(errors="surrogatepass")
        added = self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (event,))
        return added.rowcount == 1
