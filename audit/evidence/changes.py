"""Decides which records are changes of the program's resources, successful or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from audit.accounts.names import OURS
from audit.evidence.events import refused_resource
from recording.resource_calls import endangered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from audit.evidence.events import Record

# Calls that CloudTrail counts as writes, and that the function itself makes all the time.
_ROUTINE = frozenset({"AssumeRole", "CreateLogStream"})
_ACCOUNT_WIDE = ("PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock")


def changes_ours(record: Record, known: Collection[str] = ()) -> bool:
    """Whether a record is a change of a resource of the program, successful or refused.

    Resources that the program named are recognised by their names. Keys and event source mappings
    have ids that AWS chose; `known` holds the ids of a deployment. Without `known`, every dangerous
    call on such a resource counts, because the record does not say whose it is. `known` may also
    hold other names, such as the name of a bucket that existed before the program.
    """
    name = str(record.get("eventName"))
    if record.get("eventCategory") == "Data" or name in _ROUTINE:
        return False
    dangers = endangered(str(record.get("eventSource")), name)
    # CloudTrail decides what "read-only" means; a call that can do harm is listed even if
    # CloudTrail calls it read-only.
    if not dangers and record.get("readOnly") in (True, "true"):
        return False
    # The message also names the caller, which may be the program's even if the resource is not.
    texts = [refused_resource(record)]
    for field in ("requestParameters", "responseElements", "resources"):
        texts += _texts(record.get(field))
    if any(ours in text for ours in (*OURS, *known) for text in texts):
        return True
    if name in _ACCOUNT_WIDE:
        return bool(dangers)
    return not known and any(not each.named for each in dangers)


def is_dangerous(source: str, name: str) -> bool:
    """Whether such a call could harm a resource of the program's types."""
    return bool(endangered(source, name))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth, without recursion."""
    rest = [value]
    while rest:
        each = rest.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            found = cast("dict[str, Any]", each)
            rest += [*found, *found.values()]
        elif isinstance(each, list):
            rest += cast("list[Any]", each)
