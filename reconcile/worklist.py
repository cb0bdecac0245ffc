"""What a run still has to send: a file of keys and how far it got, so that a killed run goes on.

The list is written once, by the comparison, and is only read afterwards. The position moves when
SQS has accepted a whole batch: whoever starts again sends at most the batch that was under way.
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
    """A folder with `keys` (a JSON text a line), `position` and `run.json` (what was asked)."""

    folder: Path

    @property
    def is_there(self) -> bool:
        """Whether a comparison was finished here; `run.json` is written last."""
        return self._run.is_file()

    @property
    def about(self) -> dict[str, Any]:
        """What `finish` was told. Raises ReconcileError where the file is damaged."""
        try:
            return json.loads(self._run.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ReconcileError(
                f"{self._run} cannot be read ({error}); delete {self.folder} to compare anew"
            ) from error

    @contextmanager
    def writing(self) -> Generator[IO[str]]:
        """The new list, open for one JSON text a line; whatever was here before is forgotten."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for each in (self._run, self._position):
            each.unlink(missing_ok=True)
        with self._keys.open("w", encoding="utf-8") as keys:
            yield keys

    def finish(self, about: dict[str, Any]) -> None:
        """Say what the list is about; from now on it is there."""
        new = self._run.with_suffix(".new")
        new.write_text(json.dumps(about, indent=2), "utf-8")
        new.rename(self._run)

    def batches(self) -> Iterator[list[str]]:
        """The keys that were not accepted yet; a batch counts as accepted when the next is asked.

        The position is a number of bytes in `keys`. It is written with one call of the operating
        system, so a process that is killed leaves the old or the new one.
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
        """Remove the list: everything was sent."""
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
