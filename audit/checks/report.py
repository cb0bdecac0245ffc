"""Compares the deployed state with the program: a line for each part, and the remedy."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import AuditError, BrokenEvidenceError, WiringError, aws_errors
from audit.accounts.permissions import STORAGE
from audit.accounts.wiring import follow
from audit.checks import access as access_checks
from audit.checks import analyzers, parts, trails, use, watch
from audit.checks.expected import KEY, Expected
from audit.checks.result import FAIL, OFF, PASS, UNKNOWN, CheckResult
from audit.checks.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.accounts.clients import AccountClients
    from audit.accounts.wiring import Wiring
    from audit.evidence.sources import Source
    from audit.evidence.window import Window
    from recording.recording import Recording

# The exit codes for cron: all is well; something is wrong; or not everything could be checked.
EXIT = {PASS: 0, FAIL: 1, UNKNOWN: 2}
BROKEN = 3  # not checked, because the evidence is broken


@dataclass(kw_only=True)
class CheckReport:
    """All result lines of one check."""

    bucket: str
    stack: str
    lines: list[CheckResult] = field(default_factory=list[CheckResult])
    broken: bool = False
    """Whether some existing evidence cannot be read completely."""

    @property
    def status(self) -> str:
        """The overall status: "failed" before "unknown" before "passed"."""
        found = {line.status for line in self.lines}
        return FAIL if FAIL in found else UNKNOWN if UNKNOWN in found or not found else PASS

    @property
    def exit_code(self) -> int:
        """The exit code, for cron."""
        return BROKEN if self.broken and self.status == UNKNOWN else EXIT[self.status]

    @property
    def summary(self) -> str:
        """One sentence."""
        counts = {
            status: sum(line.status == status for line in self.lines)
            for status in (PASS, FAIL, UNKNOWN, OFF)
        }
        return ", ".join(f"{number} {status}" for status, number in counts.items())

    def as_json(self) -> dict[str, Any]:
        """The report for `--json`."""
        return {
            "bucket": self.bucket,
            "stack": self.stack,
            "status": self.status,
            "lines": [asdict(line) for line in self.lines],
        }


CHECKS = (
    *access_checks.CHECKS,
    *parts.CHECKS,
    *watch.CHECKS,
    *trails.CHECKS,
    *analyzers.CHECKS,
    *use.CHECKS,
)


def check(
    access: AccountClients,
    bucket: str,
    recording: Recording,
    source: Callable[[Wiring], Source],
    window: Window,
    oldest_key_days: int,
) -> CheckReport:
    """Run every check. Run all checks; AuditError if not even the bucket's settings can be read."""
    report = CheckReport(bucket=bucket, stack=recording.stack)
    try:
        wiring = follow(access, bucket)
    except WiringError as error:
        report.lines.append(
            CheckResult(status=FAIL, what="wiring", evidence=str(error), remedy="`pulumi up`")
        )
        return report
    with aws_errors("reading ThumbXRole", STORAGE):
        role = access.client(STORAGE, "iam").get_role(
            RoleName=wiring.thumbx_role.rpartition("/")[2]
        )
    expected = Expected(recording, wiring, role["Role"]["RoleId"])
    subject = Subject(
        access=access,
        wiring=wiring,
        expected=expected,
        key=_key(access, wiring, expected) if expected.of(KEY) else "",
        source=lambda: source(wiring),
        window=window,
        oldest_key_days=oldest_key_days,
    )
    for what, run in CHECKS:
        try:
            report.lines.append(run(subject, what))
        except AuditError as error:
            report.broken |= isinstance(error, BrokenEvidenceError)
            report.lines.append(
                CheckResult(
                    status=UNKNOWN,
                    what=what,
                    evidence=str(error),
                    remedy=(
                        "Copy the trail's files again, or find out who changed them"
                        if isinstance(error, BrokenEvidenceError)
                        else "Give the audit the rights of docs/audit-policy.json"
                    ),
                )
            )
    return report


def _key(access: AccountClients, wiring: Wiring, expected: Expected) -> str:
    """The key with which the bucket encrypts, by the bucket.

    On the way from kms to s3 the bucket names none any more, and ThumbXRole's grant does.
    """
    with aws_errors("reading the bucket's key", STORAGE):
        found = access.client(STORAGE, "s3").get_bucket_encryption(Bucket=wiring.bucket)
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    key: str = rule["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID", "")
    key = key or _granted_key(access, wiring.thumbx_role.rpartition("/")[2])
    expected.rename("thumbx-images-key", KEY, key.rpartition("/")[2])
    return key


def _granted_key(access: AccountClients, role: str) -> str:
    """The key that the role may use; empty where it may use none."""
    pages = access.pages(STORAGE, "iam", "list_role_policies", "PolicyNames", RoleName=role)
    with aws_errors("reading ThumbXRole's key", STORAGE):
        iam = access.client(STORAGE, "iam")
        for name in pages:
            document: Any = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for statement in document["Statement"]:
                if statement.get("Sid") == "UseKey":
                    return str(statement["Resource"])
    return ""
