"""Tries what must be refused, and proves which statement is responsible.

The emulator never names the responsible statement. The test is therefore: with all blocking
statements lifted, the call succeeds; with all but one lifted, that one refuses it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from recording.denials import DENIALS
from sandbox import documents

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from botocore.exceptions import ClientError

    from demo.blocking_statements import BlockingStatement
    from demo.refusals import Refusal
    from sandbox.attempts import TriedCall
    from sandbox.deployment import Deployment
    from sandbox.documents import Policy

PATIENCE = 3.0  # seconds until a changed policy must apply; IAM on AWS is eventually consistent


@dataclass(frozen=True, kw_only=True)
class Reason:
    """The reason for a refusal: the statement as deployed, or None if a statement is missing."""

    document: str
    says: str
    statement: Policy | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of one attempt; `problem` is a sentence, or None if the result is right."""

    attempt: TriedCall
    call: str
    code: str
    message: str
    group: str = ""
    reasons: tuple[Reason, ...] = ()
    problem: str | None = None


def permit(deployment: Deployment, attempt: TriedCall) -> Verdict:
    """Try a call that must be allowed."""
    error = attempt.run(deployment)
    problem = f"refused with {_code(error)}, and it must be allowed" if error else None
    return _verdict(deployment, attempt, error, problem=problem)


def refuse(deployment: Deployment, refusal: Refusal) -> Verdict:
    """Try a call that must be refused; then lift its blocking statements, to prove that they
    refuse it.
    """
    error = refusal.attempt.run(deployment)
    with _PolicyEditor(deployment, refusal.blockers) as editor:
        reasons = tuple(editor.reason(blocker) for blocker in refusal.blockers)
        if error is None:
            problem = "allowed, and it must be refused"
        elif _code(error) not in DENIALS:
            problem = f"failed with {_code(error)}, which is not a refusal"
        else:
            problem = _unproven(deployment, refusal, editor)
    return _verdict(
        deployment, refusal.attempt, error, group=refusal.group, reasons=reasons, problem=problem
    )


def _unproven(deployment: Deployment, refusal: Refusal, editor: _PolicyEditor) -> str | None:
    """The evidence that these statements are not the reason; None if they are proven."""
    for blocker in refusal.blockers:
        editor.lift(blocker)
    still = _settle(deployment, refusal.attempt, refused=False)
    if still is not None:
        return f"still refused with all of its blocking statements lifted ({_message(still)})"
    for blocker in refusal.blockers:
        editor.restore(blocker)
        if _settle(deployment, refusal.attempt, refused=True) is None:
            return f"'{blocker.says}' ({blocker.document}) does not hold by itself"
        editor.lift(blocker)
    return None


def _settle(deployment: Deployment, attempt: TriedCall, *, refused: bool) -> ClientError | None:
    """Repeat the attempt until its result is as expected or PATIENCE is over; return its error
    or None.
    """
    deadline = time.monotonic() + PATIENCE
    error = attempt.run(deployment)
    while (error is not None) != refused and time.monotonic() < deadline:
        time.sleep(0.1)
        error = attempt.run(deployment)
    return error


class _PolicyEditor:
    """Lifts and restores blocking statements, and leaves every document as it was."""

    def __init__(self, deployment: Deployment, blockers: tuple[BlockingStatement, ...]) -> None:
        self._documents = deployment.documents
        self._names = deployment.names
        self._blockers = blockers
        self._lifted: list[BlockingStatement] = []
        self._found: dict[str, Mapping[str, Policy]] = {}

    def __enter__(self) -> Self:
        self._found = {
            blocker.document: self._documents[blocker.document].read() for blocker in self._blockers
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The order is reversed: a public policy must be removed before the public access block
        # returns.
        for blocker in reversed(self._blockers):
            if blocker in self._lifted:
                self.restore(blocker)

    def reason(self, blocker: BlockingStatement) -> Reason:
        """The reason with the statement as it is deployed."""
        policies = self._found[blocker.document]
        found = documents.statement(policies, blocker.sid) if blocker.sid else None
        return Reason(document=blocker.document, says=blocker.says, statement=found)

    def lift(self, blocker: BlockingStatement) -> None:
        """Lift one more."""
        self._lifted.append(blocker)
        self._write(blocker.document)

    def restore(self, blocker: BlockingStatement) -> None:
        """Restore one."""
        self._lifted.remove(blocker)
        self._write(blocker.document)

    def _write(self, title: str) -> None:
        policies = self._found[title]
        for blocker in self._lifted:
            if blocker.document == title:
                policies = blocker.lifted(policies, self._names)
        self._documents[title].write(policies)


def _verdict(
    deployment: Deployment, attempt: TriedCall, error: ClientError | None, **rest: Any
) -> Verdict:
    return Verdict(
        attempt=attempt,
        call=attempt.call(deployment.names),
        code=_code(error),
        message=_message(error),
        **rest,
    )


def _code(error: ClientError | None) -> str:
    return error.response.get("Error", {}).get("Code", "") if error else ""


def _message(error: ClientError | None) -> str:
    return error.response.get("Error", {}).get("Message", "") if error else ""
