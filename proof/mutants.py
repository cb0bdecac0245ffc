"""Makes the mutants of a module: one small change to its syntax tree in each.

mutmut is not used, for two reasons. The program runs in a separate process for every recording, but
mutmut finds the tests of a function by watching it run inside pytest's process. mutmut also does
not change a module's constants and f-strings, which hold the ARNs and actions.

Not changed: docstrings, annotations, imports, the `description` of a resource and a component's
registered outputs. No policy and no resource depends on these.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from recording.program import PROJECT

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

_LONGEST = 60  # the number of characters of a change that are shown


@dataclass(frozen=True)
class Mutant:
    """A module with one change; `change` describes it without line numbers, so that it stays
    valid when lines move.
    """

    module: str
    line: int
    change: str
    source: str


def source_path(module: str) -> pathlib.Path:
    """The file of a module by its dotted name; `__main__` is the program itself."""
    return (PROJECT / module.replace(".", "/")).with_suffix(".py")


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of the module, in the order of its lines."""
    tree = ast.parse(source)
    for change, line, path, replaced in _named(tree):
        changed = copy.deepcopy(tree)
        _put(changed, path, replaced)
        yield Mutant(module, line, change, ast.unparse(ast.fix_missing_locations(changed)))


def names(source: str) -> list[str]:
    """The changes of every mutant of a module, without making the mutants."""
    return [change for change, *_ in _named(ast.parse(source))]


Path = tuple[tuple[str, int | None], ...]


def _named(tree: ast.Module) -> Iterator[tuple[str, int, Path, ast.expr]]:
    """Each change: its name, its line, the old expression and the new one."""
    seen: Counter[str] = Counter()
    for path, node in _worth_changing(tree):
        for what, replaced in _changes(node):
            change = f"{_function(tree, path)}: {what}"
            seen[change] += 1
            if seen[change] > 1:
                change = f"{change} ({seen[change]})"
            yield change, node.lineno, path, replaced


def _worth_changing(tree: ast.Module) -> Iterator[tuple[Path, ast.expr]]:
    """Every expression that can change the result, by its path from the root."""

    def walk(node: ast.AST, path: Path) -> Iterator[tuple[Path, ast.expr]]:
        if isinstance(node, ast.expr):
            yield path, node
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "decorator_list", "bases", "keys"}:
                continue  # renaming a key has the same effect as removing it, which is tried
            children = cast("list[object]", value if isinstance(value, list) else [value])
            for index, child in enumerate(children):
                if isinstance(child, ast.AST) and not _left_alone(child):
                    step = (field, index if isinstance(value, list) else None)
                    yield from walk(child, (*path, step))

    yield from walk(tree, ())


def _left_alone(node: ast.AST) -> bool:
    match node:
        case (
            ast.Import()
            | ast.ImportFrom()
            | ast.Expr(value=ast.Constant())  # a docstring
            | ast.If(test=ast.Name(id="TYPE_CHECKING"))
            | ast.keyword(arg="description")
            | ast.Call(func=ast.Attribute(attr="register_outputs"))
            | ast.Call(func=ast.Name(id="TypeVar" | "dataclass"))
            | ast.Assign(targets=[ast.Name(id="Statement" | "Document")])  # names for types
        ):
            return True
        case _:
            return False


def _changes(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The replacements of an expression, with their names."""
    shown = _short(node)
    match node:
        case ast.Constant(value=bool() as value):
            yield f"{value} becomes {not value}", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield f"{value} becomes {value + 1}", ast.Constant(value + 1)
        case ast.Constant(value=str() as value):
            yield f"{value!r} gets another end", ast.Constant(f"{value}XX")
        case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.Call():
            yield from _shorter(node)
        case ast.IfExp():
            yield f"{shown} is never so", node.orelse
            yield f"{shown} is always so", node.body
        case ast.BinOp():
            yield f"{shown} loses its end", node.left
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            yield f"{shown} becomes its opposite", ast.UnaryOp(ast.Not(), node)
        case _:
            return


def _shorter(
    node: ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Call,
) -> Iterator[tuple[str, ast.expr]]:
    """The same expression without one of its parts, and a gated output without its gate."""
    shown = _short(node)
    if isinstance(node, ast.Dict):
        for index, key in enumerate(node.keys):
            fewer = copy.deepcopy(node)
            del fewer.keys[index], fewer.values[index]
            yield f"{_short(key or node.values[index])} goes from {shown}", fewer
    elif isinstance(node, ast.Call):
        for index, keyword in enumerate(node.keywords):
            if _left_alone(keyword):
                continue
            name = keyword.arg or _short(keyword.value)
            yield f"{name}= goes from {shown}", _without(node, "keywords", index)
        if isinstance(node.func, ast.Name) and node.func.id == "after":
            for index, gate in enumerate(node.args[1:], 1):
                yield f"{shown} no longer waits for {_short(gate)}", _without(node, "args", index)
    else:
        for index, item in enumerate(node.elts):
            yield f"{_short(item)} goes from {shown}", _without(node, "elts", index)


def _without(node: ast.expr, field: str, index: int) -> ast.expr:
    fewer = copy.deepcopy(node)
    del getattr(fewer, field)[index]
    return fewer


def _put(tree: ast.AST, path: Path, node: ast.expr) -> None:
    *way, (field, index) = path
    for name, step in way:
        value = getattr(tree, name)
        tree = value if step is None else value[step]
    if index is None:
        setattr(tree, field, node)
    else:
        getattr(tree, field)[index] = node


def _function(tree: ast.AST, path: Path) -> str:
    """The names of the functions and classes around a place, joined by dots."""
    names: list[str] = []
    for name, step in path:
        value = getattr(tree, name)
        tree = value if step is None else value[step]
        if isinstance(tree, (ast.FunctionDef, ast.ClassDef)):
            names.append(tree.name)
    return ".".join(names) or "module"


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
