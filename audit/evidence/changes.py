"""Which records are changes, done or refused, to what the program made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from audit.accounts.names import OURS
from audit.evidence.events import refused_resource
from recording.resource_calls import endangered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from audit.evidence.events import Record

# Writes, by CloudTrail's word, that the function itself makes all day.
_ROUTINE = frozenset({"AssumeRole", "CreateLogStream"})
_ACCOUNT_WIDE = ("PutAccountPublicAccessBlock", "DeleteAccountPublicAccessBlock")


def changes_ours(record: Record, known: Collection[str] = ()) -> bool:
    """Whether a record is a change, done or refused, to something that the program made.

    What the program named is known by that name. Keys and event source mappings have ids that AWS
    chose: `known` holds those of a deployment. Without it, every dangerous call on such a thing
    counts, because the record does not say whose it is. `known` may hold other names as well, such
    as that of a bucket that was there before the program.
    """
    name = str(record.get("eventName"))
    if record.get("eventCategory") == "Data" or name in _ROUTINE:
        return False
    dangers = endangered(str(record.get("eventSource")), name)
    # "Read-only" is the trail's word; a call that can do harm is listed whatever it says.
    if not dangers and record.get("readOnly") in (True, "true"):
        return False
    # The message names the caller too, who may be ours where the thing is not.
    texts = [refused_resource(record)]
    for field in ("requestParameters", "responseElements", "resources"):
        texts += _texts(record.get(field))
    if any(ours in text for ours in (*OURS, *known) for text in texts):
        return True
    if name in _ACCOUNT_WIDE:
        return bool(dangers)
    return not known and any(not each.named for each in dangers)


def is_dangerous(source: str, name: str) -> bool:
    """Whether such a call could harm something of the program's types."""
    return bool(endangered(source, name))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth and without recursion."""
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
