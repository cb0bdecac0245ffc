"""Checks of who is watching: the trail, and what the analyzers found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.calls import PRODUCER, STORAGE
from audit.errors import asking
from audit.expected import BUCKET_POLICY, TRAIL, canonical
from audit.lines import FAIL, Line, judged
from audit.named import read_policy
from audit.names import OURS
from audit.trails import Trail, find_trail, manages, sees

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.check import Subject

NO_TRAIL = (
    "Set thumbx:trail to create, or to the ARN of a trail that selects the bucket's objects, then "
    "`pulumi up`"
)
# Of pulumi-aws's field selectors, in CloudTrail's words.
_OPERATORS = {
    "equals": "Equals",
    "notEquals": "NotEquals",
    "startsWiths": "StartsWith",
    "notStartsWiths": "NotStartsWith",
    "endsWiths": "EndsWith",
    "notEndsWiths": "NotEndsWith",
}


def logging(subject: Subject, what: str) -> Line:
    """A trail sees the bucket's objects, is on, and its files arrive."""
    trail = find_trail(subject.access, subject.wiring.bucket)
    if trail is None:
        evidence = f"no trail selects the objects of {subject.wiring.bucket}"
        return Line(status=FAIL, what=what, evidence=evidence, remedy=NO_TRAIL)
    with asking(f"reading the state of the trail {trail.name}", STORAGE):
        status = subject.access.client(STORAGE, "cloudtrail").get_trail_status(Name=trail.arn)
    problems: list[str] = []
    if not status["IsLogging"]:
        problems.append(f"{trail.name} was stopped at {status.get('StopLoggingTime', 'some time')}")
    if status.get("LatestDeliveryError"):
        problems.append(f"{trail.name} cannot deliver: {status['LatestDeliveryError']}")
    if not trail.validated:
        problems.append(f"{trail.name} has no log file validation, so files can be changed unseen")
    evidence = f"{trail.name} is on, last delivery {status.get('LatestDeliveryTime', 'not yet')}"
    return judged(what, problems, evidence, "`pulumi up`; `who --changes` says who stopped it")


def selectors(subject: Subject, what: str) -> Line:
    """What the trail selects is what the program says, or at least what the audit needs."""
    trail = find_trail(subject.access, subject.wiring.bucket)
    if trail is None:
        evidence = f"no trail selects the objects of {subject.wiring.bucket}"
        return Line(status=FAIL, what=what, evidence=evidence, remedy=NO_TRAIL)
    account = subject.expected.accounts["ThumbXRole"]
    ours = [inputs for owner, inputs in subject.expected.of(TRAIL) if owner == account]
    if ours and trail.name == ours[0]["name"]:
        wanted = [_in_cloudtrails_words(each) for each in ours[0]["advancedEventSelectors"]]
        same = canonical(trail.selectors) == canonical(wanted)
        problems = [] if same else [f"{trail.name} selects {trail.selectors}, not {wanted}"]
    else:
        problems = _lacks(trail, subject.wiring.bucket)
    evidence = f"{trail.name} selects {', '.join(_titles(trail))}"
    return judged(what, problems, evidence, "`pulumi up`, or widen the adopted trail")


def findings(subject: Subject, what: str) -> Line:
    """Somebody analyses external access to the account, and found nothing new of ours."""
    account = PRODUCER if what.endswith(PRODUCER) else STORAGE
    pages = subject.access.pages
    analyzers = [
        each
        for each in pages(account, "accessanalyzer", "list_analyzers", "analyzers")
        # The others analyse unused access, of which their findings speak.
        if each["type"] in ("ACCOUNT", "ORGANIZATION") and each["status"] == "ACTIVE"
    ]
    if not analyzers:
        return Line(
            status=FAIL,
            what=what,
            evidence=f"no analyzer of external access is active in the {account} account",
            remedy=f"Set thumbx:{account}Analyzer to create, then `pulumi up`",
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
    expected = _expected_principals(subject)
    ours = [each for each in active if any(o in each.get("resource", "") for o in OURS)]
    problems = [
        f"{each['resource']} is open to {_opened_to(each)} (finding {each['id']})"
        for each in ours
        if each.get("isPublic") or each.get("principal", {}).get("AWS") not in expected
    ]
    others = len(active) - len(ours)
    evidence = f"{len(analyzers)} active, no finding beyond what the program grants"
    if others:
        evidence += f"; {others} about other things of the account"
    remedy = "If nobody meant to open it, `who --changes` says who did and `pulumi up` closes it"
    return judged(what, problems, evidence, remedy)


CHECKS: tuple[tuple[str, Callable[[Subject, str], Line]], ...] = (
    ("trail", logging),
    ("trail's selectors", selectors),
    (f"analyzer findings, {STORAGE}", findings),
    (f"analyzer findings, {PRODUCER}", findings),
)


def _lacks(trail: Trail, bucket: str) -> list[str]:
    problems: list[str] = []
    if not manages(trail):
        problems.append(f"{trail.name} has no management events, so no AssumeRole")
    if not sees(trail, bucket):
        problems.append(f"{trail.name} does not log both reads and writes of {bucket}")
    return problems


def _titles(trail: Trail) -> list[str]:
    return [each.get("Name") or "events without a name" for each in trail.selectors]


def _in_cloudtrails_words(selector: dict[str, Any]) -> dict[str, Any]:
    fields = [
        {"Field": each["field"]}
        | {_OPERATORS[key]: value for key, value in each.items() if key in _OPERATORS}
        for each in selector["fieldSelectors"]
    ]
    return {"Name": selector["name"], "FieldSelectors": fields}


def _expected_principals(subject: Subject) -> frozenset[str]:
    """Whom the program itself lets in from another account: an adopted analyzer may have no
    archive rules for them."""
    policy = subject.expected.document("thumbx-images-policy", BUCKET_POLICY)
    return frozenset({subject.wiring.execution_role, *read_policy(policy).arns})


def _opened_to(finding: dict[str, Any]) -> str:
    return "everybody" if finding.get("isPublic") else f"{finding.get('principal')}"
