"""Options that write other policies: who may do what under them, as IAM decides."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from proof.cells import evaluate_cells, request_of
from proof.evaluation import evaluate
from proof.matrix_builder import OPTIONS, STACK
from proof.principals import EVERYTHING
from proof.recorded_program import RecordedProgram
from proof.variants import VARIANTS
from tests.proof.conftest import Documents, asked_of
from tests.recorded import record

if TYPE_CHECKING:
    from proof.evaluation import Answer, Request

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("variants")]

OWN = {"the execution role", "stolen environment credentials, key present"}
OTHER = "another function or person with the execution role"


def assuming_thumbxrole(program: RecordedProgram) -> dict[str, Answer]:
    """Who of the matrix's principals assumes ThumbXRole, the workflows' roles left out."""
    asked = [
        each
        for each in asked_of(["roles"])
        if each.attempt.name == "assume ThumbXRole" and each.principal.tried
    ]
    answers = evaluate_cells([program] * len(asked), asked)
    return {cell.principal.name: answer for cell, answer in zip(asked, answers, strict=True)}


def test_in_one_account_too_only_credentials_of_the_function_assume_thumbxrole(layer: None) -> None:
    """In one account the trust policy alone is enough: the grant's condition stops nobody."""
    program = RecordedProgram.of(*VARIANTS["one account"])
    answers = assuming_thumbxrole(program)
    assert {name for name, answer in answers.items() if answer.allowed} == OWN
    assert answers[OTHER].because == ("DenyOtherCredentials",)
    bare = Documents(program, program, program, program).changed(
        "execution_role", {"DenyOtherCredentials": None}
    )
    without = assuming_thumbxrole(bare.plain)
    assert {name for name, answer in without.items() if answer.allowed} == OWN | {OTHER}
    assert without[OTHER].because == ("AssumeByProducer",)


@pytest.mark.parametrize("home", ["", "eu-central-1/"])
def test_the_shipped_pattern_spares_identity_centers_administrators(
    documents: Documents, home: str
) -> None:
    """Its roles have its home region in their path, but for us-east-1, and random last letters."""
    path = f"aws-reserved/sso.amazonaws.com/{home}"
    role = f"arn:aws:iam::222222222222:role/{path}AWSReservedSSO_Admin_0123456789abcdef"
    program = replace(documents.plain, names={**documents.plain.names, "administrator_role": role})
    asked = [each for each in asked_of(["originals"]) if each.principal.name == "B's administrator"]
    assert all(answer.allowed for answer in evaluate_cells([program] * len(asked), asked))


@pytest.fixture(scope="module")
def session_policy(layer: None) -> dict[str, Any]:
    """What the function passes along when it assumes ThumbXRole."""
    function = record(STACK, OPTIONS).named("ThumbX-function")
    return json.loads(function.inputs["environment"]["variables"]["SESSION_POLICY"])


@pytest.mark.parametrize("bound", ["session_policy", "boundary"])
def test_what_is_attached_to_thumbxrole_later_ends_at_its_bounds(
    documents: Documents, session_policy: dict[str, Any], bound: str
) -> None:
    """The option's session policy and a platform team's boundary: with *:* on the role, a session
    does what today's grants let it do, the use of the key among it, and nothing else."""
    program = documents.keyed
    requests = [
        request_of(program, cell.principal, need)
        for cell in asked_of(["originals", "thumbnails", "elsewhere", "bucket", "roles", "key"])
        if cell.principal.name == "ThumbXRole"
        for need in cell.attempt.needs
    ]
    attached = {"attached": {"Version": "2012-10-17", "Statement": [EVERYTHING]}}
    wide = [replace(each, identity_policies=attached) for each in requests]
    bounded = [replace(each, **{bound: session_policy}) for each in wide]
    granted, within = allowed(requests), allowed(bounded)
    assert within == granted
    assert ("kms:Decrypt", program.names["key_arn"]) in within
    assert set(allowed(wide)) > set(granted)


def allowed(requests: list[Request]) -> list[tuple[str, str]]:
    """The action and the resource of each request that IAM allows."""
    return [
        (request.action, request.resource)
        for request, answer in zip(requests, evaluate(requests), strict=True)
        if answer.allowed
    ]
