"""The evaluated matrix, without the sandbox: the calls are taken to answer as IAM does."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from proof.cells import Cell, cells
from proof.columns import ATTEMPTS
from proof.matrix_builder import answer, combine, recorded
from proof.principals import PRINCIPALS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from proof.evaluation import Answer
    from proof.matrix import Matrix
    from proof.recorded_program import RecordedProgram

Statements = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Documents:
    """The stack with and without a key of its own, and what it is to change a statement of it.

    `adopting` and `closed` are of an existing bucket, without and with our refusals.
    """

    plain: RecordedProgram
    keyed: RecordedProgram
    adopting: RecordedProgram
    closed: RecordedProgram

    def changed(self, document: str, sids: Mapping[str, Mapping[str, Any] | None]) -> Documents:
        """The same with other elements in some statements of a resource's policy; None drops one.

        An element of None is dropped too. `document` is a name of `proof.recorded_program`.
        """
        plain, keyed = (_changed(each, document, sids) for each in (self.plain, self.keyed))
        return replace(self, plain=plain, keyed=keyed)


def _changed(
    program: RecordedProgram, document: str, sids: Mapping[str, Mapping[str, Any] | None]
) -> RecordedProgram:
    arn = program.names[document]
    policies = copy.deepcopy(dict(program.resource_policies))
    grants = copy.deepcopy(dict(program.grants))
    touched = set()
    for each in (policies.get(arn), *grants.get(arn, {}).values()):
        if each is None:
            continue
        kept = []
        for statement in each["Statement"]:
            change = sids.get(statement["Sid"], {})
            touched |= {statement["Sid"]} & set(sids)
            if change is not None:
                merged = statement | change
                kept.append({key: value for key, value in merged.items() if value is not None})
        each["Statement"] = kept
    assert touched == set(sids) or (program.names["key_arn"] == "" and document == "key_arn")
    return replace(program, resource_policies=policies, grants=grants)


@pytest.fixture(scope="session")
def documents(layer: None) -> Documents:
    """Of stack dev."""
    return Documents(*recorded())


def asked_of(groups: Iterable[str]) -> list[Cell]:
    """The cells of some groups of attempts; all of them if none is named."""
    wanted = set(groups)
    return [each for each in cells(PRINCIPALS, ATTEMPTS) if each.attempt.group in wanted]


def evaluated(documents: Documents, asked: Sequence[Cell]) -> Matrix:
    """The matrix of these cells."""
    programs = (documents.plain, documents.keyed, documents.adopting, documents.closed)
    return matrix_of(documents, asked, answer(*programs, asked))


def matrix_of(documents: Documents, asked: Sequence[Cell], answers: Sequence[Answer]) -> Matrix:
    """The matrix of cells that are answered."""
    tried = ["allowed" if each.allowed else "refused" for each in answers]
    return combine(documents.plain, asked, answers, tried)
