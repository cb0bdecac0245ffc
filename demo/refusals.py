"""All calls that must be refused, and all statements that refuse each of them.

The demo shows this list and the end-to-end tests run it. A name in braces is filled in after the
deployment: see `Deployment.names`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.blocking_statements import blocked, denied, stops_short, ungranted
from sandbox.attempts import assume, delete, get, put

if TYPE_CHECKING:
    from demo.blocking_statements import BlockingStatement
    from sandbox.attempts import TriedCall

OBJECTS = "arn:aws:s3:::{bucket}/"
ORIGINALS = OBJECTS + "{originals}*"
THUMBNAILS = OBJECTS + "{thumbnails}*"
BOTH = [ORIGINALS, THUMBNAILS]

BUCKET = "bucket policy"
TRUST = "trust policy of ThumbXRole"
THUMBX = "grants of ThumbXRole"
EXECUTION = "grants of the execution role"

# A principal of another account needs two grants: its own and the bucket policy's. With A's root as
# principal, the bucket policy leaves the decision to A: the bucket is opened to account A.
NOT_TO_A = "no statement names anybody of A"
OPEN_TO_A = {"Principal": {"AWS": "arn:aws:iam::{producer}:root"}, "Action": "s3:GetObject"}


FROM_A = "From account A"
AS_THUMBX = "ThumbXRole, with other calls than its two"
INSIDE_B = "A role of B that has s3:* already, so that only a Deny can stop it"
NAMED = "The people whom the bucket policy names, with calls that it does not grant them"
ANYBODY = "Any caller"


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A call that fails, and the statements that each refuse it on their own."""

    group: str
    attempt: TriedCall
    blockers: tuple[BlockingStatement, ...]


REFUSALS = (
    Refusal(
        group=FROM_A,
        attempt=assume(
            "stranger", "{thumbx_role}", "Another role of A, with every permission, as ThumbXRole"
        ),
        blockers=(
            stops_short(
                TRUST,
                "AssumeByProducer",
                "Principal",
                {"AWS": ["{execution_role}", "{stranger_role}"]},
            ),
        ),
    ),
    Refusal(
        group=FROM_A,
        attempt=get("stranger", "{thumbnail}", "Another role of A, straight to a thumbnail"),
        blockers=(
            ungranted(BUCKET, NOT_TO_A, **OPEN_TO_A, Resource=THUMBNAILS),
            denied("DenyOtherReadsOfThumbnails"),
        ),
    ),
    Refusal(
        group=FROM_A,
        attempt=get("execution role", "{original}", "The execution role, straight to an original"),
        blockers=(
            ungranted(
                EXECUTION, "no statement is about S3", Action="s3:GetObject", Resource=ORIGINALS
            ),
            ungranted(BUCKET, NOT_TO_A, **OPEN_TO_A, Resource=ORIGINALS),
            denied("DenyOtherReadsOfOriginals"),
        ),
    ),
    Refusal(
        group=AS_THUMBX,
        attempt=put("ThumbXRole", "{originals}probe", "ThumbXRole writes an original"),
        blockers=(
            stops_short(THUMBX, "WriteThumbnails", "Resource", BOTH),
            denied("DenyOtherWritesOfOriginals"),
        ),
    ),
    Refusal(
        group=AS_THUMBX,
        attempt=get("ThumbXRole", "{thumbnail}", "ThumbXRole reads a thumbnail"),
        blockers=(
            stops_short(THUMBX, "ReadOriginals", "Resource", BOTH),
            denied("DenyOtherReadsOfThumbnails"),
        ),
    ),
    Refusal(
        group=AS_THUMBX,
        attempt=delete("ThumbXRole", "{original}", "ThumbXRole deletes an original"),
        blockers=(
            ungranted(THUMBX, "no statement deletes", Action="s3:DeleteObject", Resource=ORIGINALS),
            denied("DenyOtherObjectActions"),
        ),
    ),
    Refusal(
        group=INSIDE_B,
        attempt=get("insider", "{original}", "A role of B with s3:* reads an original"),
        blockers=(denied("DenyOtherReadsOfOriginals"),),
    ),
    Refusal(
        group=INSIDE_B,
        attempt=put("insider", "{originals}probe", "A role of B with s3:* writes an original"),
        blockers=(denied("DenyOtherWritesOfOriginals"),),
    ),
    Refusal(
        group=INSIDE_B,
        attempt=get("insider", "{thumbnail}", "A role of B with s3:* reads a thumbnail"),
        blockers=(denied("DenyOtherReadsOfThumbnails"),),
    ),
    Refusal(
        group=INSIDE_B,
        attempt=put("insider", "{thumbnail}", "A role of B with s3:* replaces a thumbnail"),
        blockers=(denied("DenyOtherWritesOfThumbnails"),),
    ),
    Refusal(
        group=INSIDE_B,
        attempt=delete("insider", "{original}", "A role of B with s3:* deletes an original"),
        blockers=(denied("DenyOtherObjectActions"),),
    ),
    Refusal(
        group=INSIDE_B,
        attempt=put("insider", "elsewhere/probe", "A role of B with s3:* opens a third prefix"),
        blockers=(denied("DenyOtherPrefixes"),),
    ),
    Refusal(
        group=NAMED,
        attempt=get("uploader", "{original}", "The uploader reads back what it uploaded"),
        blockers=(
            stops_short(BUCKET, "AllowUploads", "Action", ["s3:PutObject", "s3:GetObject"]),
            denied("DenyOtherReadsOfOriginals"),
        ),
    ),
    Refusal(
        group=NAMED,
        attempt=delete("uploader", "{original}", "The uploader deletes what it uploaded"),
        blockers=(
            stops_short(BUCKET, "AllowUploads", "Action", ["s3:PutObject", "s3:DeleteObject"]),
            denied("DenyOtherObjectActions"),
        ),
    ),
    Refusal(
        group=NAMED,
        attempt=put("reader", "{thumbnail}", "A reader replaces a thumbnail"),
        blockers=(
            stops_short(BUCKET, "AllowReads", "Action", ["s3:GetObject", "s3:PutObject"]),
            denied("DenyOtherWritesOfThumbnails"),
        ),
    ),
    Refusal(
        group=NAMED,
        attempt=get("reader", "{original}", "A reader reads an original"),
        blockers=(
            stops_short(BUCKET, "AllowReads", "Resource", BOTH),
            denied("DenyOtherReadsOfOriginals"),
        ),
    ),
    Refusal(
        group=ANYBODY,
        attempt=get("anonymous", "{thumbnail}", "Anybody, without credentials, reads a thumbnail"),
        blockers=(
            blocked(),
            stops_short(BUCKET, "AllowReads", "Principal", "*"),
            denied("DenyOtherReadsOfThumbnails"),
        ),
    ),
    Refusal(
        group=ANYBODY,
        attempt=get(
            "reader", "{thumbnail}", "A reader gets a thumbnail without TLS", plain_http=True
        ),
        blockers=(denied("DenyInsecureTransport"),),
    ),
)
