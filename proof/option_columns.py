"""The columns of the matrix for an option that is off: presigned requests, refused by age."""

from __future__ import annotations

from proof.attempts import Attempt, Need

GROUP = "presigned"
MINUTES = 60


def _presigned(name: str, says: str, how: str, need: tuple[str, str], minutes: int) -> Attempt:
    action, resource = need
    carries = {"s3:authType": how, "s3:signatureAge": str(minutes * 60 * 1000)}
    return Attempt(
        group=GROUP,
        name=name,
        says=says,
        needs=(Need(action=action, resource=resource, owner="{storage}", carries=carries),),
    )


READ = ("s3:GetObject", "{bucket_arn}/{thumbnails}{there}")
WRITE = ("s3:PutObject", "{bucket_arn}/{originals}{there}")

PRESIGNED = tuple(
    _presigned(
        f"{verb} {what} by a {paper} {age} minutes old",
        f"hand out {paper}s that {verb} {{{what}}}* for {age} minutes",
        how,
        need,
        age,
    )
    for verb, what, paper, how, need in (
        ("read", "thumbnails", "URL", "REST-QUERY-STRING", READ),
        ("write", "originals", "URL", "REST-QUERY-STRING", WRITE),
        ("write", "originals", "form", "POST", WRITE),
    )
    for age in (MINUTES - 1, MINUTES + 1)
)
