"""One line of `check`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from audit.accounts.errors import code_of

if TYPE_CHECKING:
    from collections.abc import Callable

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
OFF = "off"  # not configured, so there is correctly nothing to check


PUT_BACK = (
    "Find out who changed it (`who --changes`), then `pulumi up` restores the program's state; "
    "put an intended change into the program"
)


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The part that was checked, the finding, and the remedy if it is wrong."""

    status: str
    what: str
    evidence: str
    remedy: str = ""


def judged(what: str, problems: list[str], evidence: str, remedy: str) -> CheckResult:
    """A line that passes if there are no problems."""
    if problems:
        return CheckResult(status=FAIL, what=what, evidence="; ".join(problems), remedy=remedy)
    return CheckResult(status=PASS, what=what, evidence=evidence)


def of_owner(what: str) -> CheckResult:
    """The line for a part of an existing bucket, which the program leaves alone."""
    return CheckResult(
        status=OFF, what=what, evidence="the owner decides; the stack only names the bucket"
    )


def or_none(call: Callable[[], Any], *missing: str) -> Any:
    """The answer of the call, or None if AWS answers that the thing does not exist."""
    try:
        return call()
    except ClientError as error:
        if code_of(error) in missing:
            return None
        raise
