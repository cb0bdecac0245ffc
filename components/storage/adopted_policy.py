"""The refusals that the owner of an existing bucket can add to its policy; `adopt policy` prints
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.policies import objects

if TYPE_CHECKING:
    from components.configuration.schema import Prefixes
    from components.policies import Document, Statement

SID = "ThumbX"  # begins our Sids, because one of their statements may have the same Sid
ORIGINALS = "Originals"  # in the Sid of each statement about originals alone


def adopted_refusals(document: Document, bucket_arn: str, prefixes: Prefixes) -> list[Statement]:
    """The refusals of the program's own bucket policy, for the two prefixes in an existing bucket.

    No other object of the bucket is affected: what the program refuses for a whole bucket of its
    own is narrowed to the two prefixes. If originals have no prefix, every object except the
    thumbnails counts as one.
    """
    thumbnails = objects(bucket_arn, prefixes.thumbnails)
    ours = [objects(bucket_arn, prefixes.originals), thumbnails]
    found: list[Statement] = []
    for statement in document["Statement"]:
        if statement["Effect"] != "Deny":
            continue
        rest = {key: each for key, each in statement.items() if not key.endswith("Resource")}
        if not prefixes.originals and ORIGINALS in statement["Sid"]:
            where: Statement = {"NotResource": thumbnails}
        elif "NotResource" in statement:
            spared = _listed(statement["NotResource"])
            left = [each for each in ours if each not in spared]
            if not left:
                continue
            whole = not prefixes.originals and thumbnails in spared
            where = {"NotResource": thumbnails} if whole else _at(left)
        else:
            named = _listed(statement["Resource"])
            if not {bucket_arn, objects(bucket_arn), *ours} & set(named):
                continue  # the statement is about an object outside of our prefixes
            where = _at([each for each in named if each in ours] or ours)
        found.append({**rest, "Sid": SID + statement["Sid"], **where})
    return found


def _at(resources: list[str]) -> Statement:
    return {"Resource": resources[0] if len(resources) == 1 else resources}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
