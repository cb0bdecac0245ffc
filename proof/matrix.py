"""The access matrix: who tries what, and the two answers for each; read from JSON and written to
it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from proof.errors import ProofError
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT = 1
JSON = PROJECT / "docs" / "access-matrix.json"
MARKDOWN = JSON.with_suffix(".md")

TITLES = {
    "roles": "Roles",
    "originals": "Objects below {originals}",
    "thumbnails": "Objects below {thumbnails}",
    "elsewhere": "Objects below any other prefix",
    "bucket": "The bucket itself",
    "other buckets": "Other buckets of B",
    "queues": "Queues",
    "function and log": "The function and its log",
    "trail": "The trail",
    "deliveries": "Deliveries of S3",
    "trail files": "The trail's files",
    "key": "The key, if thumbx:storage.encryption is kms, and readers of other accounts",
    "workflows": "Resources that are not the program's, and the rights of the workflows' roles",
    "follow": "Removals, if thumbx:thumbnails.removals is follow",
    "services": "The owner's services, if thumbx:access names scanners and copiers",
    "existing bucket": "An existing bucket (thumbx:storage.bucket), as deployed: its owner "
    "decides about everything that is not refused",
    "existing bucket, adopt policy": "The same with the refusals that `adopt policy` prints",
    "presigned": "Presigned URLs and forms, if thumbx:security.presignedMinutes is 60",
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One cell: AWS's answer, the statements that decide it, and the sandbox's answer.

    `because` holds the Sids of the statements that allow it or deny it; it is empty if no statement
    allows it. `difference` is the name of the known difference if the two answers differ.
    """

    allowed: bool
    because: tuple[str, ...]
    sandbox: str
    difference: str = ""

    @property
    def differs(self) -> bool:
        """Whether the sandbox's answer differs."""
        return self.sandbox != ("allowed" if self.allowed else "refused")

    @property
    def mark(self) -> str:
        """`*` if the sandbox's answer differs, `°` if no call could be made in the sandbox."""
        if not self.differs:
            return ""
        return "°" if self.sandbox == "not tried" else "*"

    @property
    def words(self) -> str:
        """The cell for people."""
        if self.allowed:
            return "allowed"
        return ", ".join(self.because) or "no grant"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One thing that is tried; `says` is what a caller who is allowed it can do."""

    group: str
    name: str
    says: str

    @property
    def key(self) -> str:
        """How cells name it."""
        return f"{self.group}: {self.name}"


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """The whole matrix; a combination without a cell is not possible."""

    principals: tuple[str, ...]
    columns: tuple[Column, ...]
    titles: Mapping[str, str]
    differences: Mapping[str, str]
    cells: Mapping[tuple[str, str], Outcome]
    """The outcomes, by principal and column key."""

    def groups(self) -> list[tuple[str, list[str], list[Column]]]:
        """The tables: for each, its title, rows and columns."""
        return [
            (
                self.titles[group],
                [each for each in self.principals if self._asked(each, columns)],
                columns,
            )
            for group in self.titles
            if (columns := [each for each in self.columns if each.group == group])
        ]

    def _asked(self, principal: str, columns: Sequence[Column]) -> bool:
        return any((principal, column.key) in self.cells for column in columns)

    def text(self) -> str:
        """The JSON, with one line for each cell, so that a changed cell is a changed line."""
        cells: dict[str, dict[str, str]] = {}
        for (principal, key), outcome in self.cells.items():
            found = {name: each for name, each in asdict(outcome).items() if each != ""}
            cells.setdefault(principal, {})[key] = json.dumps(found)
        rows = ",\n".join(
            f"    {json.dumps(principal)}: {{\n"
            + ",\n".join(f"      {json.dumps(key)}: {cell}" for key, cell in row.items())
            + "\n    }"
            for principal, row in cells.items()
        )
        columns = ",\n".join(f"    {json.dumps(asdict(each))}" for each in self.columns)
        return (
            f'{{\n  "format": {FORMAT},\n'
            f'  "titles": {json.dumps(dict(self.titles))},\n'
            f'  "differences": {json.dumps(dict(self.differences))},\n'
            f'  "attempts": [\n{columns}\n  ],\n'
            f'  "cells": {{\n{rows}\n  }}\n}}\n'
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `text` wrote; raises ProofError for any other text."""
        try:
            found: Any = json.loads(path.read_text("utf-8"))
            if found["format"] != FORMAT:
                raise ProofError(
                    f"{path} has format {found['format']}, but this program reads {FORMAT}; make "
                    "it again with make matrix"
                )
            return cls(
                principals=tuple(found["cells"]),
                columns=tuple(Column(**each) for each in found["attempts"]),
                titles=found["titles"],
                differences=found["differences"],
                cells={
                    (principal, key): Outcome(**(cell | {"because": tuple(cell["because"])}))
                    for principal, row in found["cells"].items()
                    for key, cell in row.items()
                },
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProofError(
                f"{path} is not an access matrix ({error!r}); make matrix writes docs/{JSON.name}"
            ) from error
