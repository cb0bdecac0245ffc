"""Our rule on the default bus, and its note about the bucket's switch."""

from __future__ import annotations

from typing import Any

from adopt.errors import AdoptError
from audit.accounts.bridge import rules_of
from audit.accounts.clients import AccountClients  # noqa: TC001 - for the signatures
from audit.accounts.errors import aws_errors
from audit.accounts.names import RULE as NAME
from audit.accounts.permissions import STORAGE
from components.configuration.accounts import NOTE as TAG

OFF = "off"
ROLE = "ThumbXRole"


def find(access: AccountClients, bucket: str) -> str:
    """The ARN of the bucket's rule. Raises AdoptError if the stack is not deployed yet."""
    found = search(access, bucket)
    if not found:
        raise AdoptError(
            f"the storage account has no rule {NAME}-* for {bucket}; run `make up` for the stack "
            "first, so that a rule takes the events"
        )
    return found


def search(access: AccountClients, bucket: str) -> str | None:
    """The ARN of the bucket's rule; None if the stack is not deployed, or not any more."""
    found = rules_of(access, bucket)
    if len(found) > 1:
        names = ", ".join(each["Name"] for each in found)
        raise AdoptError(
            f"{len(found)} rules of the storage account tell of {bucket}: {names}; two stacks use "
            "the bucket, and each upload is processed twice; destroy one of them"
        )
    return found[0]["Arn"] if found else None


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
