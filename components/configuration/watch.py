"""The options for recording access and raising alarms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration import arns, checks, containers
from components.configuration.options import option

if TYPE_CHECKING:
    from components.configuration.reader import Check, Place

CREATE, ADOPT, OFF = "create", "adopt", "off"

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def adopted(choice: str) -> bool:
    """Whether the choice is the ARN of an existing resource."""
    return choice.startswith("arn:")


def _made_or(service: str, kind: str) -> Check[str]:
    """`create`, `off` or the ARN of an existing `kind`; an empty text if it is refused."""
    arn = re.compile(rf"arn:[a-z-]+:{service}:[a-z0-9-]+:[0-9]{{12}}:{kind}/[A-Za-z0-9._-]+")
    example = f"arn:aws:{service}:eu-central-1:222222222222:{kind}/audit"

    def check(value: object, at: Place) -> str:
        if isinstance(value, str) and (value in (CREATE, OFF) or arn.fullmatch(value)):
            return value
        remedy = f"set 'create', 'off', or the ARN of an existing one, such as '{example}'"
        at.refuse(value, "which is none of the choices", remedy)
        return ""

    return check


def _matching(pattern: re.Pattern[str], noun: str, example: str) -> Check[str | None]:
    def check(value: object, at: Place) -> str | None:
        if isinstance(value, str) and (not value or pattern.fullmatch(value)):
            return value or None
        at.refuse(value, f"which is not {noun}", f"write one such as {example}, or '' for none")
        return None

    return check


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Trails, analyzers, alarms and dashboards of both accounts.

    The defaults are for two accounts that have none of these resources yet. Prices are AWS's list
    prices in us-east-1; docs/audit.md has them in one table.
    """

    trail: str = option(
        _made_or("cloudtrail", "trail"),
        CREATE,
        "The storage account's trail, which logs every get and put of a picture by anybody: "
        "`create`, `off`, or the ARN of an existing trail that logs the bucket's data events (an "
        "organisation's, for example). It costs $0.10 for each 100,000 calls, about $0.60 for "
        "100,000 pictures. Its log bucket has the same protection as the pictures.",
    )
    trail_bucket: str | None = option(
        checks.bucket,
        None,
        "The name of the bucket that the existing trail named in `trail` writes to. The audit "
        "reads there.",
    )
    data_events: str = option(
        checks.choice("all", "reads", "writes"),
        "all",
        "`all`, `reads` or `writes`: the calls on pictures that the trail logs and that AWS "
        "charges for. All by default, because people ask more often who saw a picture than who "
        "put it. The alarm on denied calls and the audit's `check` see only the calls that are "
        "logged.",
    )
    management_events: str = option(
        checks.choice(CREATE, ADOPT, OFF),
        CREATE,
        "Who logs changes and sessions (AssumeRole), which the audit's trace and accessAlarms "
        "need. `create`: our trail, and one in the producer's account that writes to the same log "
        "bucket; the first copy in an account is free. `adopt`: an existing trail of each "
        "account, because a second copy would cost $2.00 for each 100,000 events. `off`: nobody.",
    )
    storage_analyzer: str = option(
        _made_or("access-analyzer", "analyzer"),
        CREATE,
        "IAM Access Analyzer in the storage account, which finds what is open to outsiders within "
        "an hour of the change: `create`, `off`, or the ARN of an existing one (an account may "
        "have one such analyzer in a region). It is free; its alarm costs $0.10 a month.",
    )
    producer_analyzer: str = option(
        _made_or("access-analyzer", "analyzer"),
        CREATE,
        "The same in the producer's account, where nothing should be open to outsiders. If both "
        "sides share one account, storageAnalyzer serves both.",
    )
    alarms: bool = option(
        checks.boolean,
        True,
        "Alarms on dead letters, the oldest message, errors, throttles and refused pictures. Six "
        "metrics cost $0.10 a month each; the first ten in an account are free.",
    )
    refused_percent: int = option(
        checks.whole(1, 100, "percent"),
        20,
        "The percentage of refused pictures within an hour that raises an alarm, 1 to 100. A few "
        "pictures are always broken, but a fifth means that a client sends something else.",
    )
    access_alarms: bool = option(
        checks.boolean,
        True,
        "Alarms on denied calls and on changes to roles, bucket, key, function and trail, and to "
        "the watchers themselves: rules, alarms, topic, analyzer. They need managementEvents and "
        "trail. Sixteen alarms, and one more with a key, cost $0.10 a month each. The rules that "
        "feed them cost almost nothing: a million events forwarded from IAM's region cost $1.00.",
    )
    deployers: tuple[str, ...] = option(
        containers.each(arns.principal),
        (),
        "Roles whose own sessions raise none of the alarms on changes, because they deploy: the "
        "output `deploy_role_arn` of the bootstrap in each account. Give whole ARNs, because "
        "whoever can make a role that matches a pattern could change everything without an alarm. "
        "None by default, so that each deployment raises the alarms.",
    )
    alert_email: str | None = option(
        _matching(_EMAIL, "an e-mail address", "'pictures@example.com'"),
        None,
        "The address that gets the alarms of both accounts by mail; AWS first sends a "
        "confirmation for each account's topic. None by default, because a topic without a "
        "subscriber harms nobody, but a wrong address learns of the alarms.",
    )
    dashboards: bool = option(
        checks.boolean,
        True,
        "A CloudWatch dashboard in each account. The producer's shows flow, times, refusals, dead "
        "letters and what causes cost; the storage account's shows the contents of the buckets; "
        "each shows the alarms of its account. Three dashboards in an account are free, and each "
        "further one costs $3.00 a month.",
    )
