"""Converts a recorded program to the JSON of a Terraform plan, which checkov reads.

Pulumi's AWS provider is Terraform's, so each resource has the same arguments under other names. The
recording holds each argument as the engine would send it, including policies with their ARNs, so
nothing is unknown. A block that Pulumi passes as one object is a list with one item in Terraform.
If an argument holds another resource's name or ARN, the plan says so, because checkov's graph rules
("the bucket has a public access block") follow these references.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from recording.recording import Recording, Resource

# Types whose Terraform names cannot be derived from Pulumi's class names.
TYPES = {
    "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "aws_sqs_queue_redrive_allow_policy",
    "aws:sqs/redrivePolicy:RedrivePolicy": "aws_sqs_queue_redrive_policy",
}
SPELLINGS = {
    "startsWiths": "starts_with",
    "endsWiths": "ends_with",
    "clientIdLists": "client_id_list",
}
MAPS = {"tags", "variables", "dimensions"}  # objects that are maps and not blocks


def plan(recording: Recording) -> dict[str, Any]:
    """Return the plan: each AWS resource with its arguments and references."""
    resources = [each for each in recording.resources if each.token.startswith("aws:")]
    referred: dict[str, str] = {}
    for each in resources:
        for name in ("arn", "id", "bucket", "name", "url"):
            # The first resource with a value owns it, because a bucket's settings have the bucket's
            # name as their id.
            if value := each.outputs.get(name):
                referred.setdefault(str(value), f"{_address(each)}.{name}")
    made: list[dict[str, Any]] = []
    configured: list[dict[str, Any]] = []
    for each in resources:
        address = _address(each)
        common = {"address": address, "mode": "managed", "type": _type(each.token)}
        common["name"] = address.partition(".")[2]
        refers = {
            key: referred[value]
            for key, value in each.inputs.items()
            if isinstance(value, str) and not referred.get(value, address).startswith(address)
        }
        # A reference to a resource is not known before that resource is made, and is no value of a
        # plan.
        known = {key: value for key, value in each.inputs.items() if key not in refers}
        made.append(common | {"values": arguments(known)})
        expressions = {
            _snake(key): {"references": [name, name.rpartition(".")[0]]}
            for key, name in refers.items()
        }
        configured.append(common | {"expressions": expressions})
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": made}},
        "resource_changes": [
            {key: each[key] for key in ("address", "mode", "type", "name")}
            | {"change": {"actions": ["create"], "before": None, "after": each["values"]}}
            for each in made
        ],
        "configuration": {"root_module": {"resources": configured}},
    }


def arguments(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a resource's inputs under Terraform's names."""
    return {name: value for key, each in inputs.items() for name, value in [_argument(key, each)]}


def _argument(key: str, value: Any) -> tuple[str, Any]:
    name = SPELLINGS.get(key, _snake(key))
    if isinstance(value, dict):
        block = cast("dict[str, Any]", value)
        return name, block if key in MAPS else [arguments(block)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        single = re.sub("ies$", "y", name) if name.endswith("ies") else name.removesuffix("s")
        return single, [arguments(each) for each in cast("list[dict[str, Any]]", value)]
    if isinstance(value, float) and value.is_integer():
        return name, int(value)  # the recording's numbers are JavaScript's
    return name, cast("Any", value)


def _snake(key: str) -> str:
    return re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", key)


def _type(token: str) -> str:
    service, _, rest = token.removeprefix("aws:").partition("/")
    return TYPES.get(token, f"aws_{service}_{_snake(rest.partition(':')[0])}")


def _address(each: Resource) -> str:
    return f"{_type(each.token)}.{re.sub('[^A-Za-z0-9_]', '_', each.name)}"
