"""Who gets in and who does not, as the emulator enforces the deployed policies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo.blocking_statements import denied
from demo.refusals import REFUSALS
from demo.verdicts import permit, refuse
from sandbox import documents
from sandbox.attempts import PERMITTED

if TYPE_CHECKING:
    from demo.refusals import Refusal
    from sandbox.attempts import TriedCall
    from sandbox.deployment import Deployment

pytestmark = pytest.mark.usefixtures("rocket")


@pytest.mark.parametrize("attempt", PERMITTED, ids=lambda attempt: attempt.says)
def test_who_may_can(deployment: Deployment, attempt: TriedCall) -> None:
    """A bucket that refuses everybody would pass every test below."""
    assert permit(deployment, attempt).problem is None


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.attempt.says)
def test_who_may_not_cannot_and_each_statement_alone_sees_to_it(
    deployment: Deployment, refusal: Refusal
) -> None:
    """If a call were refused for another reason, that refusal would end with that reason."""
    before = {title: each.read() for title, each in deployment.documents.items()}
    assert refuse(deployment, refusal).problem is None
    after = {title: each.read() for title, each in deployment.documents.items()}
    assert after == before, "the trial has to leave every policy as it was"


(READ_BY_INSIDER,) = (
    refusal
    for refusal in REFUSALS
    if refusal.attempt.says == "A role of B with s3:* reads an original"
)


def test_an_attempt_that_is_allowed_after_all_is_reported(deployment: Deployment) -> None:
    """Otherwise the demo would say "refused" about an open bucket."""
    policy = deployment.documents["bucket policy"]
    found = policy.read()
    try:
        policy.write(documents.without(found, "DenyOtherReadsOfOriginals"))
        verdict = refuse(deployment, replace(READ_BY_INSIDER, blockers=()))
    finally:
        policy.write(found)
    assert verdict.problem == "allowed, and it must be refused"


@pytest.mark.parametrize(
    ("blockers", "problem"),
    [
        (("DenyOldTls",), "still refused with all of its blocking statements lifted"),
        (
            ("DenyOtherReadsOfOriginals", "DenyOldTls"),
            "'DenyOldTls refuses it' (bucket policy) does not hold by itself",
        ),
    ],
    ids=["another statement", "one statement too many"],
)
def test_a_statement_that_is_not_responsible_is_reported(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, blockers: tuple[str, ...], problem: str
) -> None:
    """Otherwise the page would show any statement for any error."""
    monkeypatch.setattr("demo.verdicts.PATIENCE", 0.2)
    wrong = replace(READ_BY_INSIDER, blockers=tuple(map(denied, blockers)))
    assert problem in (refuse(deployment, wrong).problem or "")
