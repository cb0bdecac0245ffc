"""The mutants: what they change, and what they leave alone."""

from __future__ import annotations

import ast

import pytest
import yaml

from proof.mutants import mutants, names
from proof.mutating import MODULES, SURVIVORS, source_of
from recording.program import PROJECT
from tests.structure.test_rooms import imports

SOURCE = '''
"""A docstring."""
from components.dependencies import after

DAYS: int = 30

def grants(bucket: str, *, strict: bool) -> dict:
    """Another."""
    Queue("uploads", description="people", days=DAYS + 1)
    return {"Action": ["s3:Get"], "On": f"{bucket}/*" if strict else after(arn, gate)}
'''


WHOLE = "{'Action': ['s3:Get'], 'On': f'{bucket}/*' if strict else after(arn, gate)}"[:60]


def test_each_kind_of_change_is_made() -> None:
    """A kind that is missing is a kind of mistake that no test was ever asked about."""
    assert [each.change for each in mutants("module", SOURCE)] == names(SOURCE)
    assert names(SOURCE) == [
        "module: 30 becomes 31",
        "grants: days= goes from Queue('uploads', description='people', days=DAYS + 1)",
        "grants: 'uploads' gets another end",
        "grants: DAYS + 1 loses its end",
        "grants: 1 becomes 2",
        f"grants: 'Action' goes from {WHOLE}...",
        f"grants: 'On' goes from {WHOLE}...",
        "grants: 's3:Get' goes from ['s3:Get']",
        "grants: 's3:Get' gets another end",
        "grants: f'{bucket}/*' if strict else after(arn, gate) is never so",
        "grants: f'{bucket}/*' if strict else after(arn, gate) is always so",
        "grants: '/*' gets another end",
        "grants: after(arn, gate) no longer waits for gate",
    ]


def test_each_mutant_is_a_program_and_another_one() -> None:
    """One that cannot be parsed would count as killed and say nothing."""
    plain = ast.unparse(ast.parse(SOURCE))
    made = list(mutants("module", SOURCE))
    for each in made:
        assert ast.unparse(ast.parse(each.source)) == each.source
        assert each.source != plain
    assert len({each.source for each in made}) == len(made)


def test_every_module_that_decides_who_may_do_what_has_mutants() -> None:
    """One that is left out is one whose tests nobody has tried."""
    graph = imports(PROJECT)
    deciding = {name for name in graph if "components.policies" in graph[name]}
    deciding |= {name for name in graph if name.startswith(("policy.rules.", "bootstrap."))}
    about_none = {
        "bootstrap.__main__",
        "bootstrap.inventory",
        "bootstrap.settings",
        "policy.__main__",
        "policy.rules.resource",
    }
    ours = {
        name
        for name in deciding - about_none
        if name.startswith(("bootstrap", "components", "policy"))
    }
    assert len(ours) > 20
    assert ours - set(MODULES) == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_two_mutants_of_a_module_have_one_name(module: str) -> None:
    """The list of survivors uses names, so that it stays valid when lines move."""
    found = names(source_of(module))
    assert len(set(found)) == len(found) > 0


def test_each_listed_survivor_is_a_mutant_and_has_a_reason() -> None:
    """A reason for a survivor that no longer exists would hide the next one with that name."""
    survivors = yaml.safe_load(SURVIVORS.read_text("utf-8"))
    known = {(module, name) for module in survivors for name in names(source_of(module))}
    listed = {(module, name) for module in survivors for name in survivors[module]}
    assert listed - known == set()
    reasons = [reason for each in survivors.values() for reason in each.values()]
    assert [each for each in reasons if len(each) <= 20] == []
