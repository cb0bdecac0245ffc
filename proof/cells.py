"""The first answer: what the recorded documents say about each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proof import workflow_columns
from proof.attempts import filled
from proof.evaluation import Answer, Request, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from proof.attempts import Attempt, Need
    from proof.principals import Principal
    from proof.recorded_program import RecordedProgram

SESSION = "thumbx-session"


@dataclass(frozen=True)
class Cell:
    """One principal that tries one thing."""

    principal: Principal
    attempt: Attempt


def cells(principals: Iterable[Principal], attempts: Sequence[Attempt]) -> list[Cell]:
    """Every combination that is possible, row by row."""
    return [
        Cell(principal, attempt)
        for principal in principals
        for attempt in attempts
        if makes_sense(principal, attempt)
    ]


def makes_sense(principal: Principal, attempt: Attempt) -> bool:
    """Whether the principal could try it at all.

    Only services deliver, and a service does nothing else; a caller without credentials signs no
    URL. Only the workflows' roles are tried on resources that are not the program's.
    """
    if attempt.presigned and not principal.role:
        return False
    if principal.asked:
        return not principal.asked.isdisjoint({attempt.group, attempt.key})
    return attempt.group not in {"deliveries", workflow_columns.GROUP}


def evaluate_cells(programs: Sequence[RecordedProgram], asked: Sequence[Cell]) -> list[Answer]:
    """The answer of IAM's rules for each cell, by the documents of the cell's program.

    A call is allowed if all permissions that it needs are allowed.
    """
    requests = [
        (number, request_of(program, cell.principal, need))
        for number, (program, cell) in enumerate(zip(programs, asked, strict=True))
        for need in cell.attempt.needs
    ]
    answers = evaluate([request for _, request in requests])
    of_cell: list[list[Answer]] = [[] for _ in asked]
    for (number, _), answer in zip(requests, answers, strict=True):
        of_cell[number].append(answer)
    return [_together(each) for each in of_cell]


def _together(answers: Sequence[Answer]) -> Answer:
    allowed = all(each.allowed for each in answers)
    sids = [sid for each in answers if each.allowed == allowed for sid in each.because]
    return Answer(allowed=allowed, because=tuple(dict.fromkeys(sids)))


def request_of(program: RecordedProgram, principal: Principal, need: Need) -> Request:
    """The request to IAM for one permission that an attempt needs."""
    names = {**program.names, "probe": "probe"}
    resource = filled(need.resource, names)
    role = filled(principal.role, names)
    bucket = resource.partition("/")[0]
    owned = {"own": {"Version": "2012-10-17", "Statement": list(principal.own)}}
    return Request(
        principal=role or principal.service or None,
        action=need.action,
        resource=resource,
        owner=filled(need.owner, names),
        context=_context(program, principal, need, role),
        identity_policies=owned if principal.own else program.grants.get(role, {}),
        resource_policy=(
            program.resource_policies.get(resource) or program.resource_policies.get(bucket)
        ),
        public_access_block=bucket in program.blocked,
    )


def _context(
    program: RecordedProgram, principal: Principal, need: Need, role: str
) -> dict[str, str]:
    """The condition keys that the request carries."""
    names = program.names
    context = {
        "aws:SecureTransport": str(not principal.plain_http).lower(),
        "aws:ResourceAccount": filled(need.owner, names),
        "aws:PrincipalIsAWSService": str(bool(principal.service)).lower(),
        "s3:TlsVersion": principal.tls,
    }
    if principal.service:
        context["aws:PrincipalServiceName"] = principal.service
    if role:
        unique = program.unique_ids.get(role, "AROAOTHERROLE00000000")
        context |= {
            "aws:PrincipalArn": role,
            "aws:PrincipalAccount": filled(principal.account, names),
            "aws:PrincipalType": "AssumedRole",
            "kms:CallerAccount": filled(principal.account, names),
            "aws:userid": f"{unique}:{SESSION}",
        }
    if principal.plain_http:
        del context["s3:TlsVersion"]
    return context | filled({**principal.carries, **need.carries}, names)
