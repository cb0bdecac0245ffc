"""The columns of the matrix for an option that is off: presigned URLs, refused by their age."""

from __future__ import annotations

from proof.attempts import Attempt, Need

GROUP = "presigned"
MINUTES = 60


def _by_url(name: str, says: str, action: str, resource: str, minutes: int) -> Attempt:
    carries = {
        "s3:authType": "REST-QUERY-STRING",
        "s3:signatureAge": str(minutes * 60 * 1000),
    }
    need = Need(action=action, resource=resource, owner="{storage}", carries=carries)
    return Attempt(
        group=GROUP, name=name, says=says, needs=(need,), service="", operation="", parameters={}
    )


PRESIGNED = tuple(
    _by_url(
        f"{verb} {what} by a URL {age} minutes old",
        f"hand out links that {verb} {{{what}}}* for {age} minutes",
        action,
        f"{{bucket_arn}}/{{{what}}}{{there}}",
        age,
    )
    for verb, what, action in (
        ("read", "thumbnails", "s3:GetObject"),
        ("write", "originals", "s3:PutObject"),
    )
    for age in (MINUTES - 1, MINUTES + 1)
)
