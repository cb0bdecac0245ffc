"""Tries what must be refused, and proves which statement is responsible.

The emulator never names one. So: with all locks of the attempt open it succeeds; and with all but
one open it is still refused, by that one alone, for each of them.
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

    from demo.blocking_statements import Lock
    from demo.refusals import Refusal
    from sandbox.attempts import Attempt
    from sandbox.deployment import Deployment
    from sandbox.documents import Policy

PATIENCE = 3.0  # seconds for a changed policy to count; IAM on AWS is eventually consistent


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a call is refused: the statement as deployed, or None where it is the lack of any."""

    document: str
    says: str
    statement: Policy | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one attempt; `problem` is a sentence, or None where all is as it should be."""

    attempt: Attempt
    call: str
    code: str
    message: str
    group: str = ""
    reasons: tuple[Reason, ...] = ()
    problem: str | None = None


def permit(deployment: Deployment, attempt: Attempt) -> Verdict:
    """Try what must be allowed."""
    error = attempt.run(deployment)
    problem = f"refused with {_code(error)}, and it must be allowed" if error else None
    return _verdict(deployment, attempt, error, problem=problem)


def refuse(deployment: Deployment, refusal: Refusal) -> Verdict:
    """Try what must be refused; then open its locks to prove that they are the ones."""
    error = refusal.attempt.run(deployment)
    with _Opener(deployment, refusal.locks) as opener:
        reasons = tuple(opener.reason(lock) for lock in refusal.locks)
        if error is None:
            problem = "allowed, and it must be refused"
        elif _code(error) not in DENIALS:
            problem = f"failed with {_code(error)}, which is not a refusal"
        else:
            problem = _unproven(deployment, refusal, opener)
    return _verdict(
        deployment, refusal.attempt, error, group=refusal.group, reasons=reasons, problem=problem
    )


def _unproven(deployment: Deployment, refusal: Refusal, opener: _Opener) -> str | None:
    """What speaks against the locks being the reason; None when they are proven."""
    for lock in refusal.locks:
        opener.open(lock)
    still = _settle(deployment, refusal.attempt, refused=False)
    if still is not None:
        return f"still refused with all of its locks open ({_message(still)})"
    for lock in refusal.locks:
        opener.close(lock)
        if _settle(deployment, refusal.attempt, refused=True) is None:
            return f"'{lock.says}' ({lock.document}) does not hold by itself"
        opener.open(lock)
    return None


def _settle(deployment: Deployment, attempt: Attempt, *, refused: bool) -> ClientError | None:
    """The attempt's error, as soon as there is one or none as expected, or PATIENCE is over."""
    deadline = time.monotonic() + PATIENCE
    error = attempt.run(deployment)
    while (error is not None) != refused and time.monotonic() < deadline:
        time.sleep(0.1)
        error = attempt.run(deployment)
    return error


class _Opener:
    """Opens and closes locks, and leaves every document as it was."""

    def __init__(self, deployment: Deployment, locks: tuple[Lock, ...]) -> None:
        self._documents = deployment.documents
        self._names = deployment.names
        self._locks = locks
        self._open: list[Lock] = []
        self._found: dict[str, Mapping[str, Policy]] = {}

    def __enter__(self) -> Self:
        self._found = {lock.document: self._documents[lock.document].read() for lock in self._locks}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Last opened, first closed: a public policy must go before the block on such comes back.
        for lock in reversed(self._locks):
            if lock in self._open:
                self.close(lock)

    def reason(self, lock: Lock) -> Reason:
        """The lock with the statement as it is deployed."""
        policies = self._found[lock.document]
        found = documents.statement(policies, lock.sid) if lock.sid else None
        return Reason(document=lock.document, says=lock.says, statement=found)

    def open(self, lock: Lock) -> None:
        """Take one more lock away."""
        self._open.append(lock)
        self._write(lock.document)

    def close(self, lock: Lock) -> None:
        """Put one lock back."""
        self._open.remove(lock)
        self._write(lock.document)

    def _write(self, title: str) -> None:
        policies = self._found[title]
        for lock in self._open:
            if lock.document == title:
                policies = lock.opened(policies, self._names)
        self._documents[title].write(policies)


def _verdict(
    deployment: Deployment, attempt: Attempt, error: ClientError | None, **rest: Any
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
