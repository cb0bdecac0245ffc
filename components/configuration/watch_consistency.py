"""Finds faults between the options that say what is recorded and what raises an alarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.configuration import arns
from components.configuration.watch import CREATE, OFF, adopted

if TYPE_CHECKING:
    from components.configuration.reader import Configuration
    from components.configuration.stack import Settings


# EventBridge's limit for a rule's pattern:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
# Our longest pattern has at most _OWN_CHARACTERS without the deployers; a test compares them.
LONGEST_PATTERN = 2048
_OWN_CHARACTERS = 1150


def check(config: Configuration, settings: Settings) -> None:
    """Record every fault between two options of the watch group."""
    if settings.watch.trail:
        _check_trail(config, settings)
    _check_alarms(config, settings)
    _check_deployers(config, settings)
    for side, account in (("storage", settings.storage), ("producer", settings.producer)):
        analyzer = getattr(settings.watch, f"{side}_analyzer")
        if not (adopted(analyzer) and settings.region and account.id):
            continue
        here = f":{settings.region}:{account.id}:"
        if here not in analyzer:
            config.at(f"watch.{side}Analyzer").refuse(
                analyzer,
                "which is not in the account and region that it is to watch",
                f"name an analyzer of {account.id} in {settings.region}, or set 'create'",
            )


def _check_trail(config: Configuration, settings: Settings) -> None:
    watch = settings.watch
    partition = arns.partition_of(settings.region) if settings.region else ""
    if adopted(watch.trail):
        if partition and not watch.trail.startswith(f"arn:{partition}:"):
            config.at("watch.trail").refuse(
                watch.trail,
                "which is in another partition than the region",
                f"name a trail of partition {partition!r}, or set 'create'",
            )
        if not watch.trail_bucket:
            remedy = "set the name of the bucket that the adopted trail writes to"
            config.at("watch.trailBucket").refuse(None, "", remedy)
    elif watch.trail_bucket:
        config.at("watch.trailBucket").refuse(
            watch.trail_bucket,
            f"but thumbx:watch.trail is {watch.trail!r}, which names no existing trail",
            "leave it out, or set thumbx:watch.trail to the ARN of the trail that writes there",
        )
    if watch.management_events == CREATE and watch.trail != CREATE:
        config.at("watch.managementEvents").refuse(
            watch.management_events,
            f"but thumbx:watch.trail is {watch.trail!r}, so that the program makes no trail that "
            "could log them",
            "set 'adopt' if another trail logs them, 'off' if none does",
        )


def _check_deployers(config: Configuration, settings: Settings) -> None:
    ours = (settings.producer.id, settings.storage.id)
    for index, arn in enumerate(settings.watch.deployers):
        if arn and all(ours) and (arns.account_of(arn) not in ours or ":role/" not in arn):
            config.at(f"watch.deployers[{index}]").refuse(
                arn,
                "which is not a role of one of the two accounts, and only such a role deploys",
                f"name a role of {ours[0]} or {ours[1]}",
            )
    size = _OWN_CHARACTERS + sum(len(arn) + len('"", ') for arn in settings.watch.deployers)
    if settings.watch.deployers and size > LONGEST_PATTERN:
        config.at("watch.deployers").refuse(
            f"{len(settings.watch.deployers)} roles",
            f"which makes an event pattern of {size:,} characters; EventBridge accepts "
            f"{LONGEST_PATTERN:,}",
            "name fewer, or let one role of each account deploy",
        )


def _check_alarms(config: Configuration, settings: Settings) -> None:
    watch = settings.watch
    if not watch.access_alarms:
        return
    remedy = "or set this to false"
    if watch.management_events == OFF:
        config.at("watch.accessAlarms").refuse(
            watch.access_alarms,
            "but thumbx:watch.managementEvents is 'off': EventBridge gets an API call only if a "
            "trail logs it, so that none of these alarms would ever ring",
            f"set thumbx:watch.managementEvents to 'create' or 'adopt', {remedy}",
        )
    elif watch.trail == OFF:
        config.at("watch.accessAlarms").refuse(
            watch.access_alarms,
            "but thumbx:watch.trail is 'off': no trail logs the calls on objects, so that the "
            "alarm on denied calls would never ring",
            f"set thumbx:watch.trail to 'create' or to a trail's ARN, {remedy}",
        )
