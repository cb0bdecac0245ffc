"""Makes the matrix: collects both answers and compares them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from proof import existing_columns, option_columns, service_columns
from proof.attempts import filled
from proof.cells import cells, evaluate_cells
from proof.columns import ATTEMPTS
from proof.differences import KNOWN, explained
from proof.matrix import TITLES, Column, Matrix, Outcome
from proof.principals import PRINCIPALS, WITH_OPTIONS
from proof.recorded_program import DISTRIBUTION, FOREIGN_READER, RecordedProgram
from proof.sandbox_calls import call_all
from proof.variants import STACKS
from proof.workflows import with_workflows
from recording.recording import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proof.cells import Cell
    from proof.evaluation import Answer
    from sandbox.deployment import Deployment


STACK = "dev"
SERVED = {
    "access.scanners": [service_columns.SCANNER],
    "access.copiers": [service_columns.COPIER],
}
# Options that are off in the stack; principals.WITH_OPTIONS lists the attempts that need them.
OPTIONS = {
    "storage.encryption": "kms",
    "security.presignedMinutes": option_columns.MINUTES,
    "security.sessionPolicy": True,
    "thumbnails.removals": "follow",
    "access.readers": ["arn:aws:iam::222222222222:role/reader", FOREIGN_READER, DISTRIBUTION],
    "access.originalReaders": [FOREIGN_READER],
    **SERVED,
}
ADOPTING = {"storage.bucket": existing_columns.BUCKET, **SERVED}


def build_matrix(deployment: Deployment) -> Matrix:
    """The matrix of the recorded program and of its deployment in the sandbox.

    Raises ProofError if a call answered neither yes nor no. A difference between the answers gets
    the name of the known difference, or no name if it is not known: see `unexplained`.
    """
    programs = recorded()
    asked = cells(PRINCIPALS, ATTEMPTS)
    answers = answer(*programs, asked)
    return combine(programs[0], asked, answers, call_all(deployment, asked))


def recorded() -> tuple[RecordedProgram, RecordedProgram, RecordedProgram, RecordedProgram]:
    """The documents of the stack as shipped, with options, and on an existing bucket:
    as deployed, and with our refusals in the bucket's policy.
    """
    existing = with_workflows(RecordedProgram.of(STACK, ADOPTING))
    refusals = existing_columns.closed(record(STACK, ADOPTING, stacks=STACKS))
    arn = existing.names["bucket_arn"]
    return (
        with_workflows(RecordedProgram.of(STACK)),
        with_workflows(RecordedProgram.of(STACK, OPTIONS)),
        existing,
        replace(existing, resource_policies={**existing.resource_policies, arn: refusals}),
    )


def answer(
    program: RecordedProgram,
    optional: RecordedProgram,
    existing: RecordedProgram,
    closed: RecordedProgram,
    asked: Sequence[Cell],
) -> list[Answer]:
    """IAM's answer for each cell, by the documents of the program that the attempt belongs
    to.
    """
    by_group = dict.fromkeys(WITH_OPTIONS, optional)
    by_group |= {existing_columns.OPEN: existing, existing_columns.CLOSED: closed}
    return evaluate_cells([by_group.get(cell.attempt.group, program) for cell in asked], asked)


def combine(
    program: RecordedProgram, asked: Sequence[Cell], answers: Sequence[Answer], tried: Sequence[str]
) -> Matrix:
    """The matrix of both answers."""
    outcomes: dict[tuple[str, str], Outcome] = {}
    for cell, answer, call in zip(asked, answers, tried, strict=True):
        plain = Outcome(allowed=answer.allowed, because=answer.because, sandbox=call)
        name = explained(cell, call) if plain.differs else ""
        outcomes[cell.principal.name, cell.attempt.key] = replace(plain, difference=name)
    names = {**program.names, "probe": "*"}
    return Matrix(
        principals=tuple(each.name for each in PRINCIPALS),
        columns=tuple(
            Column(group=each.group, name=each.name, says=filled(each.says, names))
            for each in ATTEMPTS
        ),
        titles={group: filled(title, names) for group, title in TITLES.items()},
        differences={each.name: each.reason for each in KNOWN},
        cells=outcomes,
    )


def unexplained(matrix: Matrix) -> list[str]:
    """One sentence for each unknown difference between the two answers; empty if all differences
    are known.
    """
    faults = [
        f"{principal} trying '{key}': AWS says {outcome.words}, and the sandbox "
        f"{outcome.sandbox}; correct the fault, or name the difference in proof/differences.py "
        "with its reason"
        for (principal, key), outcome in matrix.cells.items()
        if outcome.differs and not outcome.difference
    ]
    used = {outcome.difference for outcome in matrix.cells.values()}
    return faults + [
        f"no cell shows the known difference '{name}' any more; remove it from proof/differences.py"
        for name in matrix.differences
        if name not in used
    ]
