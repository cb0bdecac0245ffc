"""The imports: a folder imports only from folders above it, and no files import in a circle.

Imports for types count too, because a reader of the file needs the other file.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

# From top to bottom; a module belongs to the longest of these that it is in.
ROOMS = (
    "handler.pictures",
    "handler",
    "components.configuration",
    "components",
    "components.storage",
    "components.producer",
    "components.watch",
    "recording",
    "sandbox",
    "proof",
    "audit",
    "adopt",
    "reconcile",
    "demo",
    "pipeline",
    "bootstrap",
    "policy",
    "benchmarks",
    "tests",
)
PROGRAM = "__main__"


def modules(root: Path) -> dict[str, Path]:
    """Every Python file of the repository, by the name that it is imported by."""
    found = {PROGRAM: root / "__main__.py"}
    for folder in {room.partition(".")[0] for room in ROOMS}:
        for path in (root / folder).rglob("*.py"):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports(root: Path) -> dict[str, set[str]]:
    """The modules of the repository that each module imports."""
    paths = modules(root)

    def known(name: str) -> str:
        return name if name in paths else f"policy.{name}"  # Pulumi starts the pack in its folder

    found: dict[str, set[str]] = {}
    for name, path in paths.items():
        named: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                named |= {known(each.name) for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                whole = known(f"{node.module}")
                parts = [known(f"{node.module}.{each.name}") for each in node.names]
                named |= {each if each in paths else whole for each in parts}
        found[name] = named & set(paths)
    return found


def room(module: str) -> str:
    return max((each for each in ROOMS if f"{module}.".startswith(f"{each}.")), key=len)


def upward(graph: dict[str, set[str]]) -> list[str]:
    """The imports from a folder further down, and those of `__main__.py` from beside components."""
    return sorted(
        f"{module} imports {imported}"
        for module, all_imported in graph.items()
        for imported in all_imported
        if (
            not imported.startswith("components.")
            if module == PROGRAM
            else ROOMS.index(room(imported)) > ROOMS.index(room(module))
        )
    )


def circle(graph: dict[str, set[str]]) -> str:
    """One circle of imports, which begins and ends with the same module; empty if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " imports ".join(reversed(error.args[1]))
    return ""


def test_a_folder_imports_from_folders_above_it_alone() -> None:
    """Otherwise nobody could read, test or remove one folder without the others."""
    assert upward(imports(PROJECT)) == []


def test_no_files_import_each_other_in_a_circle() -> None:
    """Otherwise neither file could be understood or imported before the other."""
    assert circle(imports(PROJECT)) == ""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree of three files."""
    for folder in ("handler", "sandbox"):
        (tmp_path / folder).mkdir()
    (tmp_path / "__main__.py").touch()
    (tmp_path / "handler" / "events.py").touch()
    (tmp_path / "sandbox" / "clients.py").write_text("from handler import events\n")
    return tmp_path


def test_an_import_from_further_down_is_named(small: Path) -> None:
    (small / "handler" / "events.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import sandbox.clients\n"
    )
    (small / "__main__.py").write_text("from sandbox.clients import Clients\n")
    assert upward(imports(small)) == [
        "__main__ imports sandbox.clients",
        "handler.events imports sandbox.clients",
    ]


def test_a_circle_is_named(small: Path) -> None:
    assert circle(imports(small)) == ""
    (small / "handler" / "events.py").write_text("import sandbox.clients\n")
    assert circle(imports(small)) in {
        "handler.events imports sandbox.clients imports handler.events",
        "sandbox.clients imports handler.events imports sandbox.clients",
    }
