"""Which records are changes, done or refused, to what the program made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from audit.accounts.names import OURS
from audit.evidence.events import refused_resource

if TYPE_CHECKING:
    from audit.evidence.events import Record

# Writes, by CloudTrail's word, that the function itself makes all day.
_ROUTINE = frozenset({"AssumeRole", "CreateLogStream"})


def changes_ours(record: Record) -> bool:
    """Whether a record is a change, done or refused, to something that the program made."""
    if record.get("readOnly") in (True, "true") or record.get("eventCategory") == "Data":
        return False
    if record.get("eventName") in _ROUTINE:
        return False
    # The message names the caller too, who may be ours where the thing is not.
    told = json.dumps(record.get("requestParameters")) + refused_resource(record)
    return any(ours in told for ours in OURS)
