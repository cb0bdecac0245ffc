"""The keys that a run still has to send: a file and a position, so that a killed run can continue.

The comparison writes the list once; after that it is only read. The position moves when SQS has
accepted a whole batch, so a run that starts again sends at most the last batch twice.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reconcile.errors import ReconcileError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path
    from typing import IO

BATCH = 10  # messages that one SendMessageBatch takes


@dataclass(frozen=True, kw_only=True)
class Worklist:
    """A folder with `keys` (one JSON text a line), `position` and `run.json` (the options)."""

    folder: Path

    @property
    def is_there(self) -> bool:
        """Whether a comparison was finished here; `run.json` is written last."""
        return self._run.is_file()

    @property
    def about(self) -> dict[str, Any]:
        """The facts that `finish` wrote. Raises ReconcileError if the file is damaged."""
        try:
            return json.loads(self._run.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ReconcileError(
                f"{self._run} cannot be read ({error}); delete {self.folder} to compare again"
            ) from error

    @contextmanager
    def writing(self) -> Generator[IO[str]]:
        """The new list, open for one JSON text on each line; an older list is deleted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for each in (self._run, self._position):
            each.unlink(missing_ok=True)
        with self._keys.open("w", encoding="utf-8") as keys:
            yield keys

    def finish(self, about: dict[str, Any]) -> None:
        """Write the options of the list; from now on the list is there."""
        new = self._run.with_suffix(".new")
        new.write_text(json.dumps(about, indent=2), "utf-8")
        new.rename(self._run)

    def batches(self) -> Iterator[list[str]]:
        """Yield the keys that were not accepted yet; a batch counts as accepted when the next is
        requested.

        The position is a number of bytes in `keys`. The position is written with one system call,
        so a process that is killed leaves the old or the new position.
        """
        at = self._read_position()
        marker = os.open(self._position, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            with self._keys.open("rb") as keys:
                keys.seek(at)
                while lines := [line for _ in range(BATCH) if (line := keys.readline())]:
                    yield [json.loads(line) for line in lines]
                    at += sum(map(len, lines))
                    os.pwrite(marker, b"%020d" % at, 0)
        finally:
            os.close(marker)

    def sent(self) -> int:
        """How many keys were accepted already."""
        at, count = self._read_position(), 0
        with self._keys.open("rb") as keys:
            while keys.tell() < at and keys.readline():
                count += 1
        return count

    def forget(self) -> None:
        """Delete the list, because everything was sent."""
        for each in (self._run, self._keys, self._position):
            each.unlink(missing_ok=True)

    def _read_position(self) -> int:
        return int(self._position.read_bytes() or b"0") if self._position.exists() else 0

    @property
    def _keys(self) -> Path:
        return self.folder / "keys"

    @property
    def _position(self) -> Path:
        return self.folder / "position"

    @property
    def _run(self) -> Path:
        return self.folder / "run.json"
