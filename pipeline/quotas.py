"""Counts resources of which AWS allows an account only a few, before the first resource is made,
because no preview checks it.

A refused call is a warning, because the quota may still be large enough.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from components.configuration.watch import CREATE, OFF
from pipeline.clients import client_of
from pipeline.stack import NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from components.configuration.accounts import Account
    from components.configuration.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A number that no account may exceed in a region."""

    noun: str
    most: int
    service: str
    action: str
    """The right that the call needs; bootstrap/grants.py takes it from here."""
    names: Callable[[Any], list[str]]
    """Asks for the names of all that there are."""
    remedy: str


def _trails(client: Any) -> list[str]:
    # Trails of all regions count here too, as shadow trails.
    found: list[dict[str, Any]] = client.describe_trails(includeShadowTrails=True)["trailList"]
    return [each["Name"] for each in found]


def _log_policies(client: Any) -> list[str]:
    # There are ten at most, and a page holds fifty.
    found: list[dict[str, Any]] = client.describe_resource_policies()["resourcePolicies"]
    return [each["policyName"] for each in found]


def _analyzers(client: Any) -> list[str]:
    pages = client.get_paginator("list_analyzers").paginate(type="ACCOUNT")
    return [each["name"] for page in pages for each in page["analyzers"]]


# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
TRAILS = Quota(
    noun="trails",
    most=5,
    service="cloudtrail",
    action="cloudtrail:DescribeTrails",
    names=_trails,
    remedy="delete one, or adopt one: thumbx:watch.trail, and thumbx:watch.managementEvents: adopt",
)
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
LOG_POLICIES = Quota(
    noun="resource policies of CloudWatch Logs",
    most=10,
    service="logs",
    action="logs:DescribeResourcePolicies",
    names=_log_policies,
    remedy="delete one, or leave out what needs it: thumbx:watch.accessAlarms and both analyzers",
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-quotas.html
ANALYZERS = Quota(
    noun="analyzers of external access",
    most=1,
    service="accessanalyzer",
    action="access-analyzer:ListAnalyzers",
    names=_analyzers,
    remedy="name its ARN in thumbx:watch.storageAnalyzer or thumbx:watch.producerAnalyzer",
)
QUOTAS = (TRAILS, LOG_POLICIES, ANALYZERS)


def made(settings: Settings) -> Mapping[str, tuple[Quota, ...]]:
    """The program's resources that count towards a quota, by account; a resource that exists in
    two accounts counts in both.
    """
    watch = settings.watch
    found: dict[str, tuple[Quota, ...]] = {}
    for account, trail, analyzer in (
        (settings.storage, watch.trail == CREATE, watch.storage_analyzer),
        (settings.producer, settings.producer_trail, watch.producer_analyzer),
    ):
        wanted = {
            TRAILS: trail,
            LOG_POLICIES: watch.access_alarms or analyzer != OFF,
            ANALYZERS: analyzer == CREATE,
        }
        of_side = tuple(quota for quota, is_made in wanted.items() if is_made)
        found[account.id] = (*found.get(account.id, ()), *of_side)
    return found


def check(stack: str, account: Account, quotas: tuple[Quota, ...]) -> Iterator[str]:
    """Yield a sentence for each quota that is too small for what the stack makes.

    `quotas` are those of `made`. A stack on an emulator has no quotas.
    """
    if account.endpoint:
        return
    for quota in QUOTAS:
        wanted = quotas.count(quota)
        if not wanted:
            continue
        try:
            names = quota.names(client_of(account, quota.service))
        except (BotoCoreError, ClientError) as error:
            sys.stderr.write(
                f"warning: the {quota.noun} of account {account.id} cannot be counted: {error}; "
                f"give the role {quota.action}, or see that there are fewer than {quota.most}\n"
            )
            continue
        ours = [each for each in names if f"{each}-".startswith(f"{NAME}-{stack}-")]
        if len(names) - len(ours) + wanted > quota.most:
            yield (
                f"account {account.id} has the {quota.noun} {', '.join(sorted(names))} in "
                f"{account.region}, where AWS allows {quota.most}, and stack {stack} makes "
                f"{wanted}; {quota.remedy}"
            )
