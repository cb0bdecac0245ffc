"""Checks of the trails: they are on, they log what the audit needs, and nobody can change their
files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audit.accounts.errors import AuditError, aws_errors
from audit.accounts.names import LOGS, is_named
from audit.accounts.permissions import PRODUCER, STORAGE
from audit.checks.access import policy_of
from audit.checks.expected import BUCKET, BUCKET_POLICY, TRAIL, canonical, differences
from audit.checks.result import FAIL, OFF, PUT_BACK, UNKNOWN, CheckResult, judged
from audit.checks.settings import SETTINGS, setting_of
from audit.evidence.trails import BOTH, find_trails, logged, manages, that_manages, that_sees

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from audit.checks.subject import Subject
    from audit.evidence.trails import Trail

_SWITCHES = {STORAGE: "trail", PRODUCER: "managementEvents"}
_NONE = {
    STORAGE: (
        "no trail selects the objects of the bucket",
        "Set thumbx:watch.trail to create, or to a trail's ARN that logs them, then `pulumi up`",
    ),
    PRODUCER: (
        "no trail logs sessions, so a session that this account refused would be unknown",
        "Set thumbx:watch.managementEvents to create, or let a trail of the account log them",
    ),
}
UNMANAGED = "no trail of the account has all management events, so none logs AssumeRole"
# From pulumi-aws's field selectors to CloudTrail's format.
_OPERATORS = {
    "equals": "Equals",
    "notEquals": "NotEquals",
    "startsWiths": "StartsWith",
    "notStartsWiths": "NotStartsWith",
    "endsWiths": "EndsWith",
    "notEndsWiths": "NotEndsWith",
}


def logging(subject: Subject, what: str) -> CheckResult:
    """The trail is on, and its files arrive in the right place."""
    account = _account(what)
    trail = watching(subject, account, find_trails(subject.access, account))
    if trail is None:
        return _missing(subject, what, account)
    with aws_errors(f"reading the state of the trail {trail.name}", account):
        client = subject.access.client(account, "cloudtrail", trail.home)
        status = client.get_trail_status(Name=trail.arn)
    problems: list[str] = []
    if not status["IsLogging"]:
        problems.append(f"{trail.name} was stopped at {status.get('StopLoggingTime', 'some time')}")
    if status.get("LatestDeliveryError"):
        problems.append(f"{trail.name} cannot deliver: {status['LatestDeliveryError']}")
    if not trail.validated:
        problems.append(
            f"{trail.name} has no log file validation, so changes of its files would not be noticed"
        )
    if _ours(subject, account) and not is_named(trail.bucket, LOGS):
        problems.append(f"{trail.name} writes to {trail.bucket}, but the program makes {LOGS}")
    evidence = f"{trail.name} is on, last delivery {status.get('LatestDeliveryTime', 'not yet')}"
    return judged(what, problems, evidence, "`pulumi up`; `who --changes` shows who changed it")


def selectors(subject: Subject, what: str) -> CheckResult:
    """The trail selects the events that the program says, or at least those that the audit
    needs.
    """
    account = _account(what)
    trails = find_trails(subject.access, account)
    trail = watching(subject, account, trails)
    if trail is None:
        return _missing(subject, what, account)
    problems = _problems(subject, account, trail)
    if subject.expected.option("managementEvents") != OFF and not any(map(manages, trails)):
        problems.append(UNMANAGED)
    unread = [each for each in trails if each.selectors is None]
    if unread and (trail in unread or problems == [UNMANAGED]):
        return CheckResult(
            status=UNKNOWN,
            what=what,
            evidence="; ".join(each.unread for each in unread),
            remedy="Ask in the account where the trail is: aws cloudtrail get-event-selectors "
            f"--trail-name {unread[0].arn}",
        )
    titles = [each.get("Name") or "events without a name" for each in trail.selectors or []]
    evidence = f"{trail.name} selects {', '.join(titles)}"
    return judged(what, problems, evidence, "`pulumi up`, or let the adopted trail select more")


def log_bucket(subject: Subject, what: str) -> CheckResult:
    """Nobody can rewrite the trail's files: checks the policy and the settings of their bucket."""
    if not _ours(subject, STORAGE):
        trail = subject.expected.option("trail")
        evidence = f"thumbx:watch.trail is {trail}: the log bucket is not ours"
        return CheckResult(status=OFF, what=what, evidence=evidence)
    trail = watching(subject, STORAGE, find_trails(subject.access, STORAGE))
    if trail is None or not is_named(trail.bucket, LOGS):
        raise AuditError("the program's trail, which would name the log bucket, does not exist")
    subject.expected.rename(LOGS, BUCKET, trail.bucket)
    expected = subject.expected.document(f"{LOGS}-policy", BUCKET_POLICY)
    deployed = policy_of(subject, trail.bucket)
    problems = differences(expected, deployed) if deployed else ["it has no policy"]
    for setting in SETTINGS:
        wanted, found = setting_of(subject, setting, trail.bucket)
        if found != wanted:
            problems.append(f"{setting}: {found}, not {wanted}")
    sids = ", ".join(each["Sid"] for each in expected["Statement"])
    return judged(what, problems, f"{trail.bucket}: {sids}, {', '.join(SETTINGS)}", PUT_BACK)


def watching(subject: Subject, account: str, trails: Sequence[Trail]) -> Trail | None:
    """The program's own trail of the account, by its name, if the program makes one. Otherwise a
    trail that sees the bucket's objects or, in the producer's account, logs sessions."""
    ours = _ours(subject, account)
    if ours:
        return next((e for e in trails if e.name == ours["name"] and not e.organization), None)
    if subject.expected.option(_SWITCHES[account]) == OFF:
        # A trail that cannot be read is then no problem.
        trails = [each for each in trails if each.selectors is not None]
    return (
        that_sees(trails, subject.wiring.pictures) if account == STORAGE else that_manages(trails)
    )


CHECKS: tuple[tuple[str, Callable[[Subject, str], CheckResult]], ...] = (
    *(
        (f"{what}, {account}", check)
        for account in (STORAGE, PRODUCER)
        for what, check in (("trail", logging), ("trail's selectors", selectors))
    ),
    ("log bucket", log_bucket),
)


def _account(what: str) -> str:
    return what.rpartition(" ")[2]


def _ours(subject: Subject, account: str) -> dict[str, Any] | None:
    """The inputs of the program's trail in the account; None if it makes none there."""
    role = "ThumbXRole" if account == STORAGE else "ThumbX-producer"
    number = subject.expected.accounts[role]
    return next((given for owner, given in subject.expected.of(TRAIL) if owner == number), None)


def _missing(subject: Subject, what: str, account: str) -> CheckResult:
    ours, switch = _ours(subject, account), _SWITCHES[account]
    if ours:
        evidence = f"the program's trail {ours['name']} does not exist"
        return CheckResult(status=FAIL, what=what, evidence=evidence, remedy=PUT_BACK)
    if subject.expected.option(switch) == OFF:
        return CheckResult(status=OFF, what=what, evidence=f"thumbx:watch.{switch} is off")
    evidence, remedy = _NONE[account]
    return CheckResult(status=FAIL, what=what, evidence=evidence, remedy=remedy)


def _problems(subject: Subject, account: str, trail: Trail) -> list[str]:
    """The differences between what one trail selects and what it should select."""
    ours, wiring = _ours(subject, account), subject.wiring
    if ours:
        wanted = [_in_cloudtrails_words(each) for each in ours["advancedEventSelectors"]]
        same = canonical(trail.selectors) == canonical(wanted)
        return [] if same else [f"{trail.name} selects {trail.selectors}, not {wanted}"]
    if account == STORAGE and logged(trail, wiring.pictures) != BOTH:
        return [f"{trail.name} does not log both reads and writes of {wiring.bucket}"]
    return []


def _in_cloudtrails_words(selector: dict[str, Any]) -> dict[str, Any]:
    fields = [
        {"Field": each["field"]}
        | {_OPERATORS[key]: value for key, value in each.items() if key in _OPERATORS}
        for each in selector["fieldSelectors"]
    ]
    return {"Name": selector["name"], "FieldSelectors": fields}
