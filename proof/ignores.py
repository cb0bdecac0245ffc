"""The findings of the linters that are ignored, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ignore:
    """Findings to ignore: those of a linter whose text matches the pattern."""

    linter: str
    pattern: str
    reason: str


# At most three, each with one pattern and its reason; an ignore that matches nothing is reported as
# a finding. No linter check is switched off in any other way, by a file or an option.
IGNORES = (
    Ignore(
        "parliament",
        r"s3:TlsVersion requires a value of type Numeric but given \['1\.2'\]",
        "it knows no numbers with decimals, such as the 1.2 of AWS's own examples",
    ),
    Ignore(
        "iam-policy-validator",
        r"^WriteEvents: confused_deputy_risk",
        "EventBridge writes to log groups of a rule's own account only, and is not documented to "
        "name its source when it makes the stream",
    ),
    Ignore(
        "iam-policy-validator",
        r": missing_(required_)?condition",
        "it asks every grant of certain actions for MFA, an address or an organisation; a service "
        "has no MFA, and the rest is the organisation's to demand, by a boundary or an SCP",
    ),
)

# These apply only to the bootstrap's documents, whose roles manage resources; the ignores above
# apply too.
OF_BOOTSTRAP = (
    Ignore(
        "iam-policy-validator",
        r"policy_size_exceeded: .* for managed policy",
        "the grants are inline, of which a role may have 10,240 characters; that they fit is held "
        "by tests/bootstrap/test_options.py",
    ),
    Ignore(
        "iam-policy-validator",
        r"^DenyReadingObjects: not_resource_deny_review",
        "meant so: whatever is attached to the preview role, it reads the program's states and no "
        "other object; tests/bootstrap/test_grants.py holds the statement by equality",
    ),
    Ignore(
        "parliament",
        r"^RESOURCE_POLICY_PRIVILEGE_ESCALATION: .* does allow s3:PutBucketPolicy",
        "true: who deploys may change the bucket's policy and so get at pictures; it is written in "
        "bootstrap/README.md, and the environment's approval, the trail and an alarm are for it",
    ),
    Ignore(
        "parliament",
        r"^RESOURCE_MISMATCH: \[({'action': 'sns:(GetSubscriptionAttributes|"
        r"SetSubscriptionAttributes|Unsubscribe)', 'required_format': '\*'}(, )?)+\]$",
        "its copy of the reference is older: AWS's, which the pair check reads, decides about a "
        "subscription on the ARN of its topic",
    ),
    Ignore(
        "parliament",
        r"^UNKNOWN_FEDERATION_SOURCE: \S+:oidc-provider/token\.actions\.githubusercontent\.com$",
        "of OIDC providers it knows those of Amazon, Facebook and Google only; this is GitHub's, "
        "which the bootstrap makes",
    ),
)
