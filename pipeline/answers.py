"""Reads the answers that docs/security.md gives to the rules of scanners.

A row names rules, the resources that the rules are about, and an answer that begins with its kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError
from recording.program import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = PROJECT / "docs" / "security.md"
HEADING = "## What a scanner says"
RULE = re.compile(r"CKV2?_AWS_\d+|[a-z0-9]+(?:_[a-z0-9]+)+")
# Of these, only `satisfied` means that the rule passes.
KINDS = ("satisfied", "no", "by option", "by configuration", "not evaluated", "scanner")
# The subjects of the rows, and the beginning of the names of such resources: a type, and a name if
# the type alone does not decide. The first entry that matches is used.
RESOURCES = {
    "state bucket": "aws_s3_bucket.*pulumi[-_]state",
    "log bucket": r"aws_s3_bucket.*thumbx[-_]logs",
    "bucket": r"aws_s3_bucket.*thumbx[-_]images",
    "function": r"aws_lambda_function\.",
    "queues": r"aws_sqs_queue",
    "topics": r"aws_sns_topic",
    "alarms": r"aws_cloudwatch_metric_alarm",
    "log groups": r"aws_cloudwatch_log_group",
    "trails": r"aws_cloudtrail\.",
    "key": r"aws_kms_key\.",
    "workflow roles": r"aws_iam_role(_policy)?\.thumbx[-_](preview|drift|deploy)",
    "roles": r"aws_iam_role\.",
    "policies": r"aws_iam_(role_)?policy\.",
    "account": r"account\.",
}


@dataclass(frozen=True, kw_only=True)
class ScannerFinding:
    """A rule that failed, and the resource, such as `aws_s3_bucket.thumbx_images`."""

    rule: str
    resource: str

    @property
    def on(self) -> str:
        """The table's name for such a resource; the resource's own name if the table has none."""
        for on, pattern in RESOURCES.items():
            if re.match(pattern, self.resource):
                return on
        return self.resource


def answers(text: str) -> dict[tuple[str, str], str]:
    """Return each answer's kind by rule and resource; PipelineError for a row without one."""
    found: dict[tuple[str, str], str] = {}
    table = text.partition(f"{HEADING}\n")[2].partition("\n## ")[0]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("| ") or cells[0] in {"rule", "---"}:
            continue
        if len(cells) != 3:  # noqa: PLR2004 - the three columns
            raise PipelineError(f"{PAGE.name}: {line[:80]} has {len(cells)} cells and not three")
        rules, on, answer = cells
        kind = answer.partition(":")[0]
        if kind not in KINDS or not answer.partition(":")[2].strip():
            raise PipelineError(
                f"{PAGE.name}: the answer to {rules} begins with '{kind}'; begin it with "
                f"{', '.join(KINDS)} and a colon, and say why"
            )
        for rule in rules.split(", "):
            for each in on.split(", "):
                if not RULE.fullmatch(rule) or each not in RESOURCES:
                    raise PipelineError(
                        f"{PAGE.name}: '{rule}' on '{each}' is no rule of checkov or prowler on "
                        f"one of {', '.join(RESOURCES)}"
                    )
                if (rule, each) in found:
                    raise PipelineError(f"{PAGE.name} answers {rule} on {each} twice")
                found[rule, each] = kind
    return found


def unanswered(findings: Iterable[ScannerFinding], known: dict[tuple[str, str], str]) -> list[str]:
    """Return a sentence for each failed rule that has no answer, or an answer that it passes."""
    said: dict[str, None] = {}
    for each in sorted(findings, key=lambda found: (found.rule, found.resource)):
        kind = known.get((each.rule, each.on))
        if kind is None:
            said[f"{each.rule} fails on {each.on} ({each.resource}), and no row answers it"] = None
        elif kind == "satisfied":
            said[f"{each.rule} fails on {each.on} ({each.resource}), called satisfied"] = None
    return list(said)
