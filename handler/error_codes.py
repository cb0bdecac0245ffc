"""What each error code of S3 and KMS means for an original or a thumbnail: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handler.errors import GoneError
from handler.pictures.errors import FailedError, RefusedError, ThumbxError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

REFUSED, FAILED, GONE = "refused", "failed", "gone"

# No retry helps: code to the reason of the refusal and its sentence. S3's own words follow.
REFUSALS = {
    "InvalidObjectState": ("archived", "S3 has archived it; restore it, then upload it again"),
    "InvalidRequest": ("encrypted", "S3 cannot give it without a key of the uploader's (SSE-C)"),
    "KeyTooLongError": ("key-too-long", "S3 takes keys of 1,024 bytes at most"),
    "KMS.NotFoundException": ("encrypted", "its KMS key is not there any more"),
    "KMS.InvalidKeyUsageException": ("encrypted", "its KMS key does not encrypt objects"),
}

# A refusal by KMS reaches us as S3's AccessDenied, and names the action. ThumbXRole may use the
# bucket's own key only, so an object under another one is never readable.
DECRYPT = "kms:Decrypt"
OTHER_KEY = ("encrypted", "ThumbXRole may not use its KMS key; upload it under the bucket's own")

# The table. What is not in it is a failure: most codes pass by themselves, and a dead letter keeps
# what does not. HEAD has no body, so botocore has only the status to go by.
CODES = {
    **dict.fromkeys(REFUSALS, REFUSED),
    # A missing bucket is 404 too, but no picture that somebody deleted: it stays a failure.
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
    # Somebody may enable the key again, and the bucket's own is a fault that must raise an alarm.
    "KMS.DisabledException": FAILED,
    "KMS.KMSInvalidStateException": FAILED,
    "KMS.ThrottlingException": FAILED,
}

# The session may have been revoked, or its keys have become invalid: new ones may help.
STALE = ("AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "403", "400")


def code_of(error: ClientError) -> str:
    """The code of an answer; for HEAD its status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def meaning(error: ClientError, action: str) -> ThumbxError:
    """What an error that S3 answered to an action ("getting originals/a.jpg") means for it."""
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
