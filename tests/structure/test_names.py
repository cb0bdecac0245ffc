"""A public class has a unique name: a search for it finds one class."""

from __future__ import annotations

import ast
from collections import defaultdict

from recording.program import PROJECT
from tests.structure.test_rooms import modules


def test_no_two_public_classes_of_the_product_share_a_name() -> None:
    """Before, 24 names stood for two or three classes each."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module, path in modules(PROJECT).items():
        if module.partition(".")[0] == "tests":
            continue
        for each in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(each, ast.ClassDef) and not each.name.startswith("_"):
                found[each.name].append(module)
    assert len(found) > 100
    assert {name: where for name, where in found.items() if len(where) > 1} == {}
