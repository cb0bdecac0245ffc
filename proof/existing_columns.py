"""The columns of the matrix for an existing bucket; evaluated only.

Once as deployed: nothing refuses there what the owner's own policies allow. And once with the
refusals that `adopt policy` prints in the bucket's policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.policies import policy
from components.storage.adopted_policy import adopted_refusals
from components.storage.bucket_policy import bucket_policy
from proof.attempts import object_attempt
from recording.program import settings_from

if TYPE_CHECKING:
    from components.policies import Document
    from recording.recording import Recording

OPEN, CLOSED = GROUPS = ("existing bucket", "existing bucket, adopt policy")
BUCKET = "their-pictures"


def closed(recording: Recording) -> Document:
    """The policy of a bucket that had none, after `adopt policy --write`."""
    settings = settings_from(recording.config)
    role = recording.named("ThumbXRole", "aws:iam/role:Role")
    prefixes = settings.thumbnails.prefixes
    arn = f"arn:aws:s3:::{BUCKET}"
    document = bucket_policy(
        bucket_arn=arn,
        thumbx_role_id=role.outputs["uniqueId"],
        prefixes=prefixes,
        access=settings.access,
        session_patterns=False,
        key_arn=None,
        presigned_minutes=settings.security.presigned_minutes,
        follow=settings.thumbnails.follow,
    )
    return policy(*adopted_refusals(document, arn, prefixes))


EXISTING = tuple(
    object_attempt(group, f"{verb} {place}", action, f"{{{place}}}{{there}}")
    for group in GROUPS
    for verb, action in (
        ("read", "GetObject"),
        ("read versions of", "GetObjectVersion"),
        ("write", "PutObject"),
        ("delete", "DeleteObject"),
    )
    for place in ("originals", "thumbnails", "elsewhere")
)
