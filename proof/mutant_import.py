"""Replaces a module by its mutant in this process."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from typing import TYPE_CHECKING, Any

from recording import program

if TYPE_CHECKING:
    from proof.mutants import Mutant


def install(mutant: Mutant) -> None:
    """Make Python import or run the mutant instead of its module or of the program itself."""
    if mutant.module == "__main__":
        program.runpy.run_path = _running(mutant)  # type: ignore[assignment]
    else:
        sys.meta_path.insert(0, _Mutated(mutant))


def _running(mutant: Mutant) -> Any:
    def run_path(path: str, run_name: str) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": run_name, "__file__": path}
        exec(compile(mutant.source, path, "exec"), names)  # noqa: S102 - as runpy does
        return names

    return run_path


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports one module from the mutant's source; Python imports all others as usual."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = mutant.module.removeprefix("policy.")  # Pulumi starts the pack in that folder
        self._source = mutant.source

    def find_spec(self, fullname: str, _path: Any, _target: Any = None) -> Any:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def get_source(self, fullname: str) -> str:  # noqa: ARG002 - the protocol fixes the name
        return self._source
