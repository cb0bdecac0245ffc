"""The meaning of each error code of S3 and KMS for an original or a thumbnail: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.errors import GoneError
from handler.pictures.errors import FailedError, RefusedError, ThumbxError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

REFUSED, FAILED, GONE = "refused", "failed", "gone"

# Errors for which no retry helps: from the code to the reason and sentence of the refusal. S3's own
# words follow.
REFUSALS = {
    "InvalidObjectState": ("archived", "S3 has archived it; restore it, then upload it again"),
    "InvalidRequest": ("encrypted", "S3 cannot return it without the uploader's own key (SSE-C)"),
    "KeyTooLongError": ("key-too-long", "S3 accepts keys of 1,024 bytes at most"),
    "KMS.NotFoundException": ("encrypted", "its KMS key no longer exists"),
    "KMS.InvalidKeyUsageException": ("encrypted", "its KMS key does not encrypt objects"),
}

# A refusal by KMS arrives as S3's AccessDenied, and its message names the action. ThumbXRole may
# use only the bucket's own key, so an object under another key is never readable.
DECRYPT = "kms:Decrypt"
OTHER_KEY = ("encrypted", "ThumbXRole may not use its KMS key; upload it with the bucket's own key")

# The table. A code that is not in the table is a failure, because most errors pass by themselves
# and the dead-letter queue keeps the others. A HEAD answer has no body, so botocore knows only the
# status.
CODES = {
    **dict.fromkeys(REFUSALS, REFUSED),
    # A missing bucket is 404 too, but it does not mean that somebody deleted the picture, so it
    # stays a failure.
    "NoSuchKey": GONE,
    "404": GONE,
    "NoSuchBucket": FAILED,
    "AccessDenied": FAILED,
    "403": FAILED,
    "400": FAILED,
    "ExpiredToken": FAILED,
    "InvalidAccessKeyId": FAILED,
    "InvalidToken": FAILED,
    "SlowDown": FAILED,
    "ServiceUnavailable": FAILED,
    "InternalError": FAILED,
    "RequestTimeout": FAILED,
    # Somebody may enable the key again, and a fault of the bucket's own key must raise an alarm.
    "KMS.DisabledException": FAILED,
    "KMS.KMSInvalidStateException": FAILED,
    "KMS.ThrottlingException": FAILED,
}

# The session may have been revoked, or its keys may have become invalid; new credentials may help.
STALE = ("AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "403", "400")


def code_of(error: ClientError) -> str:
    """The error code of an answer; for HEAD, its status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def meaning(error: ClientError, action: str) -> ThumbxError:
    """The meaning of an S3 error for an action ("getting originals/a.jpg")."""
    code = code_of(error)
    if code == "AccessDenied" and DECRYPT in str(error):
        reason, sentence = OTHER_KEY
        return RefusedError(reason, f"{action}: {sentence} ({error})")
    match CODES.get(code, FAILED):
        case "refused":
            reason, sentence = REFUSALS[code]
            return RefusedError(reason, f"{action}: {sentence} ({error})")
        case "gone":
            return GoneError(f"{action}: there is no such object")
        case _:
            return FailedError(f"{action} failed: {error}")
