"""One line of `check`."""

from __future__ import annotations

from dataclasses import dataclass

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
OFF = "off"  # by configuration: there is nothing to look at, and that is how it should be


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What was looked at, what was found, and what to do where it is not as it should be."""

    status: str
    what: str
    evidence: str
    remedy: str = ""


def judged(what: str, problems: list[str], evidence: str, remedy: str) -> CheckResult:
    """A line that passes where there are no problems."""
    if problems:
        return CheckResult(status=FAIL, what=what, evidence="; ".join(problems), remedy=remedy)
    return CheckResult(status=PASS, what=what, evidence=evidence)
