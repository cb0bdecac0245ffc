"""Our rule on the default bus, and its note about the bucket's switch."""

from __future__ import annotations

from typing import Any

from adopt.errors import AdoptError
from audit.accounts.clients import AccountClients  # noqa: TC001 - for the signatures
from audit.accounts.errors import aws_errors
from audit.accounts.names import RULE as NAME
from audit.accounts.permissions import STORAGE

TAG = "thumbx:event-bridge-before"
OFF = "off"
ROLE = "ThumbXRole"


def find(access: AccountClients) -> str:
    """The rule's ARN. Raises AdoptError if the stack is not deployed yet."""
    found = access.pages(STORAGE, "events", "list_rules", "Rules", NamePrefix=f"{NAME}-")
    if len(found) != 1:
        names = ", ".join(each["Name"] for each in found) or "none"
        raise AdoptError(
            f"the storage account has {len(found)} rules {NAME}-* ({names}), not one; run `make "
            "up` for the stack first, so that a rule takes the events"
        )
    return found[0]["Arn"]


def remember(access: AccountClients, arn: str) -> None:
    """Note that the switch was off before `enable`."""
    with aws_errors("noting on our rule that EventBridge was off", STORAGE):
        access.client(STORAGE, "events").tag_resource(
            ResourceARN=arn, Tags=[{"Key": TAG, "Value": OFF}]
        )


def was_off(access: AccountClients, arn: str) -> bool:
    """Whether `remember` was called for the rule."""
    with aws_errors("reading the tags of our rule", STORAGE):
        tags: list[dict[str, Any]] = access.client(STORAGE, "events").list_tags_for_resource(
            ResourceARN=arn
        )["Tags"]
    return {"Key": TAG, "Value": OFF} in tags


def forget(access: AccountClients, arn: str) -> None:
    """Remove the note, because the switch is off again."""
    with aws_errors("taking the note off our rule", STORAGE):
        access.client(STORAGE, "events").untag_resource(ResourceARN=arn, TagKeys=[TAG])


def thumbx_role(access: AccountClients) -> dict[str, Any]:
    """ThumbXRole from IAM's list of roles; AdoptError if the stack is not deployed yet."""
    roles = access.pages(STORAGE, "iam", "list_roles", "Roles")
    found = [each for each in roles if each["RoleName"].startswith(f"{ROLE}-")]
    if len(found) != 1:
        raise AdoptError(
            f"the storage account has {len(found)} roles {ROLE}-*, not one; run `make up` for the "
            "stack first, because policies name its role"
        )
    return found[0]
