"""The permissions boundary that the bootstrap sets on the program's roles, as IAM evaluates it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from proof.cells import cells, request_of
from proof.columns import ATTEMPTS
from proof.evaluation import evaluate
from proof.principals import EVERYTHING, PRINCIPALS
from tests.documents import document
from tests.recorded import record

if TYPE_CHECKING:
    from tests.proof.conftest import Documents

pytestmark = pytest.mark.slow

# What each role could do in addition to its grants, whatever is attached to it: the row, its
# account, and the excess of the boundary, which only contains the beginnings of names.
SLACK = [
    (
        "the execution role",
        "producer",
        {
            ("sqs:ReceiveMessage", "dead_arn"),
            ("sqs:ReceiveMessage", "refused_arn"),
            ("sqs:SendMessage", "dead_arn"),
            ("sqs:SendMessage", "uploads_arn"),
        },
    ),
    ("ThumbXRole", "storage", {("s3:ListBucket", "bucket_arn")}),
]


@pytest.mark.parametrize(("row", "side", "slack"), SLACK)
def test_the_boundary_takes_nothing_from_the_role_that_it_bounds(
    documents: Documents, row: str, side: str, slack: set[tuple[str, str]]
) -> None:
    """With *:* attached, the role can still reach only the program's queues and bucket: no other
    bucket, no role, no function, no trail. A deployed role gives no way around the limits of the
    role that deploys it."""
    program = documents.keyed
    (principal,) = [each for each in PRINCIPALS if each.name == row]
    boundary = document(record(f"dev-{side}", project="bootstrap"), "thumbx-boundary")
    attached = {"attached": {"Version": "2012-10-17", "Statement": [EVERYTHING]}}
    requests = [
        request_of(program, principal, need)
        for cell in cells([principal], ATTEMPTS)
        for need in cell.attempt.needs
    ]
    bounded = [replace(each, boundary=boundary) for each in requests]
    wide = [replace(each, identity_policies=attached) for each in bounded]
    answers = [each.allowed for each in evaluate([*requests, *bounded, *wide])]
    count = len(requests)
    granted, within, most = answers[:count], answers[count:-count], answers[-count:]
    assert within == granted
    beyond = {
        (request.action, request.resource)
        for request, could, can in zip(requests, most, granted, strict=True)
        if could and not can
    }
    assert beyond == {(action, program.names[name]) for action, name in slack}
