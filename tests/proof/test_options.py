"""Options that write other policies: who may do what under them, as IAM decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proof.asking import ask
from proof.places import Program
from proof.variants import VARIANTS
from sandbox.recording import record
from tests.proof.conftest import Documents, asked_of

if TYPE_CHECKING:
    from proof.evaluation import Answer

pytestmark = pytest.mark.xdist_group("variants")

INSIDE, OUTSIDE = "the execution role", "the execution role outside its function"


def assuming_thumbxrole(program: Program) -> dict[str, Answer]:
    """Who of the matrix's principals assumes ThumbXRole."""
    asked = [each for each in asked_of(["roles"]) if each.attempt.name == "assume ThumbXRole"]
    answers = ask([program] * len(asked), asked)
    return {cell.principal.name: answer for cell, answer in zip(asked, answers, strict=True)}


def test_in_one_account_too_only_the_function_assumes_thumbxrole(layer: None) -> None:
    """There a trust policy grants by itself: the condition of the role's own grant stops nobody."""
    program = Program.of(record(*VARIANTS["one account"]))
    answers = assuming_thumbxrole(program)
    assert {name for name, answer in answers.items() if answer.allowed} == {INSIDE}
    assert answers[OUTSIDE].because == ("DenyOutsideFunction",)
    bare = Documents(program, program).changed("execution_role", {"DenyOutsideFunction": None})
    without = assuming_thumbxrole(bare.plain)
    assert {name for name, answer in without.items() if answer.allowed} == {INSIDE, OUTSIDE}
    assert without[OUTSIDE].because == ("AssumeByProducer",)
