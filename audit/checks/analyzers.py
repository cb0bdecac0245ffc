"""Checks of the analyzers' findings: which outsiders may access what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.accounts.names import OURS
from audit.accounts.permissions import PRODUCER, STORAGE
from audit.checks.result import FAIL, OFF, CheckResult, judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.checks.subject import Subject


def findings(subject: Subject, what: str) -> CheckResult:
    """An analyzer watches external access to the account, and has no unexpected finding about
    our resources.
    """
    account = PRODUCER if what.endswith(PRODUCER) else STORAGE
    option, pages = f"{account}Analyzer", subject.access.pages
    if subject.expected.option(option) == OFF:
        return CheckResult(status=OFF, what=what, evidence=f"thumbx:watch.{option} is off")
    analyzers = [
        each
        for each in pages(account, "accessanalyzer", "list_analyzers", "analyzers")
        # The other analyzers watch unused access, and their findings are about that.
        if each["type"] in ("ACCOUNT", "ORGANIZATION") and each["status"] == "ACTIVE"
    ]
    if not analyzers:
        return CheckResult(
            status=FAIL,
            what=what,
            evidence=f"no analyzer of external access is active in the {account} account",
            remedy=f"Set thumbx:watch.{option} to create, then `pulumi up`",
        )
    active = [
        finding
        for analyzer in analyzers
        for finding in pages(
            account,
            "accessanalyzer",
            "list_findings",
            "findings",
            analyzerArn=analyzer["arn"],
            filter={"status": {"eq": ["ACTIVE"]}},
        )
    ]
    ours = [each for each in active if _is_ours(subject, each.get("resource", ""))]
    expected = _expected(subject)
    problems = [
        f"{each['resource']} is open to {_opened_to(each)} (finding {each['id']})"
        for each in ours
        if each.get("isPublic")
        or (each["resource"], each.get("principal", {}).get("AWS")) not in expected
    ]
    others = len(active) - len(ours)
    evidence = f"{len(analyzers)} active, no finding except what the program grants"
    if others:
        evidence += f"; {others} about other resources of the account"
    remedy = (
        "If nobody opened it on purpose, `who --changes` shows who did it, and `pulumi up` closes "
        "it"
    )
    return judged(what, problems, evidence, remedy)


CHECKS: tuple[tuple[str, Callable[[Subject, str], CheckResult]], ...] = (
    (f"analyzer findings, {STORAGE}", findings),
    (f"analyzer findings, {PRODUCER}", findings),
)


def _is_ours(subject: Subject, resource: str) -> bool:
    """Whether the program made the resource: by its name, or, for the key, by its ARN, because a
    key has no name.
    """
    return any(each in resource for each in OURS) or resource == subject.key


def _expected(subject: Subject) -> frozenset[tuple[str, str]]:
    """The access that the program itself gives, and to whom. An adopted analyzer may have no
    archive rules, and the same caller on another resource is a new finding."""
    wiring = subject.wiring
    partition = wiring.thumbx_role.split(":")[1]
    readers = [arn for arn, _ in subject.expected.let_in()]
    opened = [f"arn:{partition}:s3:::{wiring.bucket}", *filter(None, [subject.key])]
    return frozenset(
        {
            (wiring.thumbx_role, wiring.execution_role),
            *((thing, arn) for thing in opened for arn in readers),
        }
    )


def _opened_to(finding: dict[str, Any]) -> str:
    return "everybody" if finding.get("isPublic") else f"{finding.get('principal')}"
