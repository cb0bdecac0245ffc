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
        "it accepts no numbers with decimals, such as the 1.2 of AWS's own examples",
    ),
    Ignore(
        "iam-policy-validator",
        r"^WriteEvents: confused_deputy_risk",
        "EventBridge writes only to log groups of the rule's own account, and no document says "
        "that it names its source when it makes the stream",
    ),
    Ignore(
        "iam-policy-validator",
        r": missing_(required_)?condition",
        "it wants a condition on MFA, an address or an organisation in every grant of certain "
        "actions; a service has no MFA, and an organisation can demand the rest by a boundary or "
        "an SCP",
    ),
)

# These apply only to the bootstrap's documents, whose roles manage resources; the ignores above
# apply too.
OF_BOOTSTRAP = (
    Ignore(
        "iam-policy-validator",
        r"policy_size_exceeded: .* for managed policy",
        "the grants are inline policies, of which a role may have 10,240 characters; "
        "tests/bootstrap/test_options.py checks that they fit",
    ),
    Ignore(
        "iam-policy-validator",
        r"^DenyReadingObjects: not_resource_deny_review",
        "intended: whatever is attached to the preview role, it can read the program's states and "
        "no other object; tests/bootstrap/test_grants.py compares the whole statement",
    ),
    Ignore(
        "parliament",
        r"^RESOURCE_POLICY_PRIVILEGE_ESCALATION: .* does allow s3:PutBucketPolicy",
        "true: a deployer may change the bucket's policy and so read pictures; "
        "bootstrap/README.md says so, and the environment's approval, the trail and an alarm "
        "cover it",
    ),
    Ignore(
        "parliament",
        r"^RESOURCE_MISMATCH: \[({'action': 'sns:(GetSubscriptionAttributes|"
        r"SetSubscriptionAttributes|Unsubscribe)', 'required_format': '\*'}(, )?)+\]$",
        "its copy of the reference is older; AWS's own, which the pair check reads, evaluates a "
        "subscription on the ARN of its topic",
    ),
    Ignore(
        "parliament",
        r"^UNKNOWN_FEDERATION_SOURCE: \S+:oidc-provider/token\.actions\.githubusercontent\.com$",
        "it knows only the OIDC providers of Amazon, Facebook and Google; this is GitHub's, which "
        "the bootstrap makes",
    ),
)
