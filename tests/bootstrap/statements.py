"""A recorded document's statements, and what their patterns match."""

from __future__ import annotations

import fnmatch
from typing import Any

ACCOUNTS = {"producer": "111111111111", "storage": "222222222222"}
# The state's bucket, and what is in it of the program.
STATE = "arn:aws:s3:::pulumi-state-0a1b2c3"
STATES = [
    f"{STATE}/.pulumi/stacks/thumbx/*",
    f"{STATE}/.pulumi/history/thumbx/*",
    f"{STATE}/.pulumi/backups/thumbx/*",
    f"{STATE}/.pulumi/journal/thumbx/*",
    f"{STATE}/.pulumi/locks/organization/thumbx/*",
]
LAYOUT = f"{STATE}/.pulumi/meta.yaml"


def allowed(policy: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in policy["Statement"] if each["Effect"] == "Allow"}


def denied(policy: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in policy["Statement"] if each["Effect"] == "Deny"}


def matches(pattern: str | list[str], value: str) -> bool:
    patterns = [pattern] if isinstance(pattern, str) else pattern
    return any(fnmatch.fnmatchcase(value, each) for each in patterns)


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
