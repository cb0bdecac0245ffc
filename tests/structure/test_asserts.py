"""No test may check nothing: each has an assertion that always runs."""

from __future__ import annotations

import ast

import pytest

from recording.program import PROJECT

SOME = {"range", "enumerate", "zip", "sorted", "reversed"}  # as full as what they are given


def is_filled(iterable: ast.expr, constants: frozenset[str]) -> bool:
    """Whether a loop over it surely runs: it is a literal, or surely not empty."""
    match iterable:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return any(not isinstance(each, ast.Starred) for each in elements)
        case ast.Call(func=ast.Name(id="filled")) | ast.Dict(keys=[_, *_]):
            return True
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in SOME:
            return all(
                isinstance(each, ast.Constant) or is_filled(each, constants) for each in arguments
            )
        case ast.Call(func=ast.Attribute(value=value, attr="items" | "values" | "keys")):
            return is_filled(value, constants)
        case _:
            return isinstance(iterable, ast.Name) and iterable.id in constants


def asserts(node: ast.stmt, constants: frozenset[str]) -> bool:
    """Whether running this statement to its end asserts something."""

    def any_of(body: list[ast.stmt]) -> bool:
        return any(asserts(each, constants) for each in body)

    match node:
        case ast.For(iter=iterable, body=body):
            return is_filled(iterable, constants) and any_of(body)
        case ast.With(items=items, body=body):
            return any("raises" in ast.dump(each) for each in items) or any_of(body)
        case ast.Try(body=body, finalbody=last):
            return any_of(body) or any_of(last)
        case ast.If(body=body, orelse=other):
            return any_of(body) and any_of(other)
        case _:
            return isinstance(node, ast.Assert)


def vacuous(source: str) -> list[str]:
    """The tests of a module whose assertions are all in loops that may be empty."""
    tree = ast.parse(source)
    constants: frozenset[str] = frozenset()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if is_filled(node.value, constants):
                constants |= {each.id for each in targets if isinstance(each, ast.Name)}
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        # A property test runs on many values, and also claims that no other error is raised.
        if not any("given" in ast.dump(each) for each in node.decorator_list)
        if any(isinstance(each, ast.Assert) for each in ast.walk(node))
        if not any(asserts(each, constants) for each in node.body)
    ]


def test_no_test_asserts_only_inside_a_loop_that_may_be_empty() -> None:
    """If the list became empty, the test would pass without checking anything."""
    found = [
        f"{path.relative_to(PROJECT)}: {name}"
        for path in sorted((PROJECT / "tests").rglob("test_*.py"))
        for name in vacuous(path.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("body", "there"),
    [
        ("for each in found: assert each", False),
        ("for each in (1, 2): assert each", True),
        ("for each in SOME: assert each", True),
        ("for each in NONE: assert each", False),
        ("assert found\n for each in found: assert each", True),
        ("if found: assert found", False),
    ],
)
def test_a_test_of_nothing_is_found(body: str, there: bool) -> None:
    source = f"SOME, NONE = (), ()\nSOME = (1,)\nNONE = ()\ndef test_x(found):\n {body}\n"
    assert vacuous(source) == ([] if there else ["test_x"])
