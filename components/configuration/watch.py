"""What records every access and what raises an alarm: one group of the configuration."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.configuration import checks

if TYPE_CHECKING:
    from components.configuration.reader import Check, Configuration, Place

CREATE, ADOPT, OFF = "create", "adopt", "off"

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Trails, analyzers, alarms and dashboards of both accounts.

    `trail` and the analyzers are `create`, `off` or the ARN of one that exists. `management_events`
    is `create` (in our trails), `adopt` (another trail of each account logs them) or `off`.
    """

    trail: str
    trail_bucket: str | None
    management_events: str
    data_events: str
    storage_analyzer: str
    producer_analyzer: str
    alarms: bool
    access_alarms: bool
    refused_percent: int
    alert_email: str | None
    dashboards: bool


def read_watch(config: Configuration) -> Watch:
    """Read the keys of this group; faults are recorded in `config`."""
    return Watch(
        trail=config.read("trail", _made_or("cloudtrail", "trail")),
        trail_bucket=config.read(
            "trailBucket", _matching(_BUCKET, "a bucket's name", "'audit-logs'")
        ),
        management_events=config.read("managementEvents", checks.choice(CREATE, ADOPT, OFF)),
        data_events=config.read("dataEvents", checks.choice("all", "reads", "writes")),
        storage_analyzer=config.read("storageAnalyzer", _made_or("access-analyzer", "analyzer")),
        producer_analyzer=config.read("producerAnalyzer", _made_or("access-analyzer", "analyzer")),
        alarms=config.read("alarms", checks.boolean),
        access_alarms=config.read("accessAlarms", checks.boolean),
        refused_percent=config.read("refusedPercent", checks.whole(1, 100, "percent")),
        alert_email=config.read(
            "alertEmail", _matching(_EMAIL, "an e-mail address", "'pictures@example.com'")
        ),
        dashboards=config.read("dashboards", checks.boolean),
    )


def adopted(choice: str) -> bool:
    """Whether the choice is the ARN of one that exists."""
    return choice.startswith("arn:")


def _made_or(service: str, kind: str) -> Check[str]:
    """`create`, `off` or the ARN of a `kind` that exists; the stand-in is empty."""
    arn = re.compile(rf"arn:[a-z-]+:{service}:[a-z0-9-]+:[0-9]{{12}}:{kind}/[A-Za-z0-9._-]+")
    example = f"arn:aws:{service}:eu-central-1:222222222222:{kind}/audit"

    def check(value: object, at: Place) -> str:
        if isinstance(value, str) and (value in (CREATE, OFF) or arn.fullmatch(value)):
            return value
        remedy = f"set 'create', 'off', or the ARN of one that exists, such as '{example}'"
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
