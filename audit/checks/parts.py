"""Checks of the parts that are not about access: the function, its event source, the key,
replication.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import aws_errors
from audit.accounts.permissions import STORAGE
from audit.checks.expected import FUNCTION, KEY, QUEUE, differ, differences
from audit.checks.result import OFF, PUT_BACK, CheckResult, judged, or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from audit.checks.subject import Subject

MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
REDRIVE = "aws:sqs/redrivePolicy:RedrivePolicy"
ALLOW_REDRIVE = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"


def event_source(subject: Subject, what: str) -> CheckResult:
    """The queue feeds the function, and failed messages are reported one by one."""
    found = subject.wiring.mapping
    wanted = subject.expected.inputs("ThumbX-uploads-to-function", MAPPING)
    problems = differ(
        {
            "State": ("Enabled", found.get("State")),
            "BatchSize": (wanted["batchSize"], found.get("BatchSize")),
            "FunctionArn": (wanted["functionName"], found.get("FunctionArn")),
            "FunctionResponseTypes": (
                wanted["functionResponseTypes"],
                found.get("FunctionResponseTypes"),
            ),
        }
    )
    return judged(what, problems, "on, and feeds the function", PUT_BACK)


def function(subject: Subject, what: str) -> CheckResult:
    """The function's settings. The digest of the code is shown and not compared, because Pulumi
    builds the archive.
    """
    found = subject.wiring.function
    wanted = subject.expected.inputs("ThumbX-function", FUNCTION)
    problems = differ(
        {
            "Role": (wanted["role"], found["Role"]),
            "Runtime": (wanted["runtime"], found.get("Runtime")),
            "Handler": (wanted["handler"], found.get("Handler")),
            "MemorySize": (wanted["memorySize"], found.get("MemorySize")),
            "Timeout": (wanted["timeout"], found.get("Timeout")),
            "Environment": (wanted["environment"]["variables"], subject.wiring.environment),
            "layers": (len(wanted.get("layers", [])), len(found.get("Layers", []))),
        }
    )
    evidence = (
        f"its settings are the program's; its code is {found.get('CodeSha256', 'unknown')} since "
        f"{found.get('LastModified', 'unknown')}, and `who --changes` shows who deployed it"
    )
    return judged(what, problems, evidence, PUT_BACK)


def queues(subject: Subject, what: str) -> CheckResult:
    """How long messages stay in the queues, and where failed messages go."""
    queues, expected = subject.wiring.queues, subject.expected
    problems: list[str] = []
    for logical, queue in queues.items():
        inputs = expected.inputs(logical, QUEUE)
        wanted: dict[str, Any] = {
            "MessageRetentionPeriod": inputs.get("messageRetentionSeconds"),
            "VisibilityTimeout": inputs.get("visibilityTimeoutSeconds"),
            "SqsManagedSseEnabled": inputs.get("sqsManagedSseEnabled"),
        }
        for token, field, name in (
            (REDRIVE, "redrivePolicy", "RedrivePolicy"),
            (ALLOW_REDRIVE, "redriveAllowPolicy", "RedriveAllowPolicy"),
        ):
            for _, given in expected.of(token):
                if given["queueUrl"].rpartition("/")[2] == queue.name:
                    wanted[name] = given[field]
        found = {
            name: (_plain(value), _plain(queue.attributes.get(name)))
            for name, value in wanted.items()
            if value is not None
        }
        problems += [f"{queue.name}: {each}" for each in differ(found)]
    return judged(what, problems, ", ".join(queues), PUT_BACK)


def replication(subject: Subject, what: str) -> CheckResult:
    """No rule copies the pictures to another bucket."""
    bucket = subject.wiring.bucket
    with aws_errors(f"reading the replication of {bucket}", STORAGE):
        found: Any = or_none(
            lambda: subject.access.client(STORAGE, "s3").get_bucket_replication(Bucket=bucket),
            "ReplicationConfigurationNotFoundError",
        )
    rules: list[dict[str, Any]] = found["ReplicationConfiguration"]["Rules"] if found else []
    problems = [
        f"rule {rule.get('ID', '?')} copies to {rule['Destination']['Bucket']}" for rule in rules
    ]
    remedy = "Find out who set it (`who --changes`) and delete it; the program makes none"
    return judged(what, problems, "there is no replication", remedy)


def key(subject: Subject, what: str) -> CheckResult:
    """The bucket's own key can be used, rotates, and has the program's policy."""
    if not subject.expected.of(KEY):
        return CheckResult(status=OFF, what=what, evidence="the program makes no key of its own")
    kms = subject.access.client(STORAGE, "kms")
    with aws_errors("reading the key", STORAGE):
        state = kms.describe_key(KeyId=subject.key)["KeyMetadata"]["KeyState"]
        document = json.loads(kms.get_key_policy(KeyId=subject.key)["Policy"])
        rotates = kms.get_key_rotation_status(KeyId=subject.key)["KeyRotationEnabled"]
    wanted = subject.expected.inputs("thumbx-images-key", KEY)
    problems = [
        *differ(
            {
                "KeyState": ("Enabled", state),
                "KeyRotationEnabled": (wanted.get("enableKeyRotation", False), rotates),
            }
        ),
        *differences(json.loads(wanted["policy"]), document),
    ]
    return judged(what, problems, f"{subject.key} is enabled and rotates", PUT_BACK)


CHECKS: tuple[tuple[str, Callable[[Subject, str], CheckResult]], ...] = (
    ("event source", event_source),
    ("function", function),
    ("queues", queues),
    ("replication", replication),
    ("key", key),
)


def _plain(value: Any) -> Any:
    """SQS returns numbers and booleans as text, and documents as JSON text."""
    if isinstance(value, str) and value.startswith("{"):
        return json.loads(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, (int, float)) else value
