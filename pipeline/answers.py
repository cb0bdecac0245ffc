"""What docs/security.md answers to the rules of scanners, read from its table.

A row names rules, the resources that it is about, and an answer that begins with its kind.
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
# Of these, only `satisfied` says that the rule passes.
KINDS = ("satisfied", "no", "by option", "by configuration", "not evaluated", "scanner")
# What a row is about, and how the names of such resources begin: a type, and a name where the type
# alone does not tell. The first that fits is taken.
RESOURCES = {
    "state bucket": "aws_s3_bucket.*pulumi_state",
    "log bucket": r"aws_s3_bucket.*thumbx[-_]logs",
    "bucket": r"aws_s3_bucket.*thumbx[-_]images",
    "function": r"aws_lambda_function\.",
    "queues": r"aws_sqs_queue",
    "topics": r"aws_sns_topic",
    "alarms": r"aws_cloudwatch_metric_alarm",
    "log groups": r"aws_cloudwatch_log_group",
    "trails": r"aws_cloudtrail\.",
    "key": r"aws_kms_key\.",
    "workflow roles": r"aws_iam_role(_policy)?\.thumbx_(preview|drift|deploy)",
    "roles": r"aws_iam_role\.",
    "policies": r"aws_iam_(role_)?policy\.",
    "account": r"account\.",
}


@dataclass(frozen=True, kw_only=True)
class ScannerFinding:
    """A rule that failed, and the resource, as `aws_s3_bucket.thumbx_images`."""

    rule: str
    resource: str

    @property
    def on(self) -> str:
        """What the table calls such a resource; its own name where the table has none."""
        for on, pattern in RESOURCES.items():
            if re.match(pattern, self.resource):
                return on
        return self.resource


def answers(text: str) -> dict[tuple[str, str], str]:
    """Return the kind of each answer by rule and resource; PipelineError for a row that is none."""
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
    """Return a sentence for each rule that failed and has no answer, or one that it passes."""
    said: dict[str, None] = {}
    for each in sorted(findings, key=lambda found: (found.rule, found.resource)):
        kind = known.get((each.rule, each.on))
        if kind is None:
            said[f"{each.rule} fails on {each.on} ({each.resource}), and no row answers it"] = None
        elif kind == "satisfied":
            said[f"{each.rule} fails on {each.on} ({each.resource}), called satisfied"] = None
    return list(said)
