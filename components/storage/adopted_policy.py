"""Our refusals, for the policy of a bucket that was there before; `adopt policy` prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from components.policies import objects

if TYPE_CHECKING:
    from components.configuration.schema import Prefixes
    from components.policies import Document, Statement

SID = "ThumbX"  # begins the Sid of each of our statements: theirs may be called the same
ORIGINALS = "Originals"  # in the Sid of each statement that is about them alone


def adopted_refusals(document: Document, bucket_arn: str, prefixes: Prefixes) -> list[Statement]:
    """The refusals of the program's own bucket policy, for our two prefixes of another bucket.

    Nothing else in the bucket is touched: what the program refuses on a whole bucket of its own is
    narrowed to the two prefixes. Where originals have no prefix they are all but the thumbnails.
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
                continue  # one object outside of our prefixes
            where = _at([each for each in named if each in ours] or ours)
        found.append({**rest, "Sid": SID + statement["Sid"], **where})
    return found


def _at(resources: list[str]) -> Statement:
    return {"Resource": resources[0] if len(resources) == 1 else resources}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
