"""Faults between the keys that say what is recorded and what raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.configuration import arns
from components.configuration.watch import CREATE, OFF, adopted

if TYPE_CHECKING:
    from components.configuration.reader import Configuration
    from components.configuration.settings import Settings


def check(config: Configuration, settings: Settings) -> None:
    """Record every fault between the keys of the audit."""
    if settings.audit.trail:
        _check_trail(config, settings)
    _check_alarms(config, settings)
    for side, account in (("storage", settings.storage), ("producer", settings.producer)):
        analyzer = getattr(settings.audit, f"{side}_analyzer")
        if not (adopted(analyzer) and settings.region and account.id):
            continue
        here = f":{settings.region}:{account.id}:"
        if here not in analyzer:
            config.at(f"{side}Analyzer").refuse(
                analyzer,
                "which is not in the account and region that it is to watch",
                f"name an analyzer of {account.id} in {settings.region}, or set 'create'",
            )


def _check_trail(config: Configuration, settings: Settings) -> None:
    audit = settings.audit
    partition = arns.partition_of(settings.region) if settings.region else ""
    if adopted(audit.trail):
        if partition and not audit.trail.startswith(f"arn:{partition}:"):
            config.at("trail").refuse(
                audit.trail,
                "which is in another partition than the region",
                f"name a trail of partition {partition!r}, or set 'create'",
            )
        if not audit.adopted_log_bucket:
            remedy = "set the name of the bucket that the adopted trail writes to"
            config.at("trailBucket").refuse(None, "", remedy)
    elif audit.adopted_log_bucket:
        config.at("trailBucket").refuse(
            audit.adopted_log_bucket,
            f"but thumbx:trail is {audit.trail!r}, which adopts no trail",
            "leave it out, or set thumbx:trail to the ARN of the trail that writes there",
        )
    if audit.management_events == CREATE and audit.trail != CREATE:
        config.at("managementEvents").refuse(
            audit.management_events,
            f"but thumbx:trail is {audit.trail!r}, so that there is no trail of ours to log them",
            "set 'adopt' where another trail logs them, 'off' where none does",
        )


def _check_alarms(config: Configuration, settings: Settings) -> None:
    audit = settings.audit
    if not audit.access_alarms:
        return
    remedy = "or set this to false"
    if audit.management_events == OFF:
        config.at("accessAlarms").refuse(
            audit.access_alarms,
            "but thumbx:managementEvents is 'off': EventBridge hears of an API call only where a "
            "trail logs it, so that none of these alarms would ever ring",
            f"set thumbx:managementEvents to 'create' or 'adopt', {remedy}",
        )
    elif audit.trail == OFF:
        config.at("accessAlarms").refuse(
            audit.access_alarms,
            "but thumbx:trail is 'off': nobody logs what is done with objects, so that the alarm "
            "on denied calls would never ring",
            f"set thumbx:trail to 'create' or to a trail's ARN, {remedy}",
        )
