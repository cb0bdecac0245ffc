"""The runbook: an entry for each alarm of a stack, with profiles and names filled in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from components.watch.alerts import entry_of
from pipeline.errors import PipelineError
from pipeline.stack import settings_of
from recording.errors import RecordingError
from recording.program import PROJECT, settings_from
from recording.recording import record
from recording.stack_file import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.configuration.settings import Settings
    from recording.recording import Recording, Resource

ENTRIES = PROJECT / "pipeline" / "runbook.yaml"
EXAMPLES = "tests/stacks"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
# The program's exports, by the names that the entries use.
EXPORTED = ("queue_url", "dead_letter_queue_url", "refused_queue_url", "function_name", "log_group")
HEARD = (
    "aws logs filter-log-events --log-group-name [[events]] [[hour]] "
    "--query 'events[].message' --output text [[as]]"
)
KEY = (
    "aws s3api get-bucket-encryption --bucket [[bucket]] --query 'ServerSideEncryptionConfiguration"
    ".Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID' --output text [[as]]"
)
_NAME = re.compile(r"\[\[(\w+)\]\]")


def page(stack: str, outputs: Mapping[str, Any]) -> str:
    """Return the runbook of a stack; PipelineError with every fault of its file.

    `outputs` are the deployed stack's, so that its commands need no Pulumi.
    """
    settings_of(stack)
    try:
        return _page(record(stack), outputs)
    except RecordingError as error:
        raise PipelineError(str(error)) from error


def example() -> str:
    """Return docs/runbook.md: an example with all possible alarms."""
    return _page(record("dev", {"storage.encryption": "kms"}, stacks=EXAMPLES), {})


def _page(recording: Recording, outputs: Mapping[str, Any]) -> str:
    stack, settings = recording.stack, settings_from(recording.config)
    everywhere = _names(stack, settings, outputs)
    text = _filled(entries()["introduction"], everywhere)
    for alarm in sorted(recording.of(ALARM), key=lambda each: each.name):
        text += "\n" + _entry(alarm, recording, settings, everywhere)
    return text


def entries() -> dict[str, Any]:
    """Writes what to do when an alarm rings, for each alarm."""
    return load(ENTRIES)


def _entry(alarm: Resource, recording: Recording, settings: Settings, names: dict[str, str]) -> str:
    entry = entry_of(alarm.name)
    side, _, bare = entry.partition("-")
    known = entries()
    wanted = known.get(entry) or known.get(bare)
    if wanted is None:
        raise PipelineError(f"the alarm {alarm.name} has no entry in {ENTRIES.name}; write one")
    account = settings.storage if side == "storage" else settings.producer
    here = f"--profile {account.profile} " if account.profile else ""
    names = names | {
        "as": f"{here}--region {settings.region}",
        "events": f"/aws/events/ThumbX-{side}-{recording.stack}",
        "prefix": f"ThumbX-{side}-",
        "alerts": names["storage_alerts" if side == "storage" else "producer_alerts"],
    }
    meaning = str(alarm.inputs["alarmDescription"]).partition(" First: ")[0]
    lines = [f"## {entry}", "", meaning, "", f"Account {account.id}, {settings.region}.", ""]
    for step in wanted["first"]:
        lines += ["```sh", _filled(step["run"], names), "```", ""]
        lines += [f"Shows: {_filled(step['expect'], names)}", ""]
    return "\n".join([*lines, f"**Over** when {_filled(wanted['over'], names)}", ""])


def _names(stack: str, settings: Settings, outputs: Mapping[str, Any]) -> dict[str, str]:
    def output(name: str) -> str:
        asked = ("pulumi", "stack", "output", name, "--stack", stack)
        return str(outputs.get(name) or f'"$({" ".join(asked)})"')

    sides = {"producer": settings.producer, "storage": settings.storage}
    profiles = [f"--{side}-profile {each.profile}" for side, each in sides.items() if each.profile]
    exported = {name: output(name) for name in (*EXPORTED, "bucket")}
    return {
        **exported,
        "producer_alerts": output("producer_alerts"),
        "storage_alerts": output("storage_alerts"),
        "stack": stack,
        "region": settings.region,
        "producer_id": settings.producer.id,
        "storage_id": settings.storage.id,
        "audit": " ".join([*profiles, f"--region {settings.region}"]),
        "hour": "--start-time $(($(date +%s) - 3600))000",
        "day": "--start-time $(($(date +%s) - 86400))000",
        "heard": HEARD,
        "key": KEY,
    }


def _filled(text: str, names: Mapping[str, str]) -> str:
    """Fill in names, which may contain further names."""
    while _NAME.search(text):
        text = _NAME.sub(lambda found: names[found[1]], text)
    return text.strip() if "\n" not in text.strip() else text
