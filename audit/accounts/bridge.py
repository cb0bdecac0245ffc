"""The rule on the default bus that takes the events of a bucket that existed before the program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import WiringError
from audit.accounts.names import RULE
from audit.accounts.permissions import STORAGE

if TYPE_CHECKING:
    from audit.accounts.clients import AccountClients


def target_of(access: AccountClients, bucket: str) -> tuple[str, dict[str, Any]]:
    """The name of the bucket's rule, and its one target as ListTargetsByRule has it.

    Raises WiringError where there is no such rule or target, AuditError where they cannot be read.
    """
    rules = [each["Name"] for each in rules_of(access, bucket)]
    if len(rules) != 1:
        raise WiringError(
            f"{len(rules)} rules {RULE}-* of the storage account get events of {bucket}, not one; "
            "is it the bucket of thumbx:storage.bucket? `pulumi up` makes its rule"
        )
    targets = access.pages(STORAGE, "events", "list_targets_by_rule", "Targets", Rule=rules[0])
    if len(targets) != 1:
        raise WiringError(
            f"the rule {rules[0]} has {len(targets)} targets, not one; `pulumi up` makes it, and "
            "`who --changes` says who changed it"
        )
    return rules[0], targets[0]


def rules_of(access: AccountClients, bucket: str) -> list[dict[str, Any]]:
    """The program's rules that tell of the bucket, as ListRules has them; one, where it is
    deployed once.
    """
    listed = access.pages(STORAGE, "events", "list_rules", "Rules", NamePrefix=f"{RULE}-")
    return [each for each in listed if bucket in _buckets(each)]


def _buckets(rule: dict[str, Any]) -> list[str]:
    """The buckets that a rule's pattern names."""
    detail: dict[str, Any] = json.loads(rule.get("EventPattern", "{}")).get("detail", {})
    return list(detail.get("bucket", {}).get("name", []))
