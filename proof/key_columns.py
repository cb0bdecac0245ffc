"""The columns of the matrix for a stack with its own key; they are evaluated, but never called.

The emulator encrypts without a permission check, so a call would prove nothing.
"""

from __future__ import annotations

from dataclasses import replace

from proof.attempts import Attempt, Need

GROUP = "key"
ALGORITHM = "s3:x-amz-server-side-encryption"
THROUGH_S3 = {"kms:ViaService": "s3.{region}.amazonaws.com"}


def _context(arn: str) -> dict[str, str]:
    """The encryption context that S3 sends."""
    return {"kms:EncryptionContext:aws:s3:arn": arn}


def _key(name: str, says: str, action: str, *carries: dict[str, str]) -> Attempt:
    carried = {key: value for each in carries for key, value in each.items()}
    return _evaluated(
        name, says, Need(action=action, resource="{key_arn}", owner="{storage}", carries=carried)
    )


def _put(name: str, says: str, algorithm: str = "", key: str = "") -> Attempt:
    headers = {ALGORITHM: algorithm, f"{ALGORITHM}-aws-kms-key-id": key}
    carried = {header: value for header, value in headers.items() if value}
    return _evaluated(name, says, replace(PUT, carries=carried))


def _evaluated(name: str, says: str, *needs: Need) -> Attempt:
    return Attempt(group=GROUP, name=name, says=says, needs=needs)


OF_THE_BUCKET = _context("{bucket_arn}")
GET = Need(action="s3:GetObject", resource="{bucket_arn}/{originals}{there}", owner="{storage}")
GET_THUMBNAIL = replace(GET, resource="{bucket_arn}/{thumbnails}{there}")
PUT = Need(action="s3:PutObject", resource="{bucket_arn}/{originals}{probe}", owner="{storage}")
DECRYPT, ENCRYPT = (
    Need(
        action=action,
        resource="{key_arn}",
        owner="{storage}",
        carries={**THROUGH_S3, **OF_THE_BUCKET},
    )
    for action in ("kms:Decrypt", "kms:GenerateDataKey")
)

KEY = (
    _evaluated("decrypt through S3", "decrypt with the key", DECRYPT),
    _evaluated("encrypt through S3", "encrypt with the key", ENCRYPT),
    _key("decrypt directly", "use the key without S3", "kms:Decrypt", OF_THE_BUCKET),
    _key(
        "decrypt for another bucket",
        "use the key for other buckets",
        "kms:Decrypt",
        THROUGH_S3,
        _context("{neighbour_arn}"),
    ),
    _key(
        "encrypt without a bucket key",
        "write objects that the readers' grants do not cover",
        "kms:GenerateDataKey",
        THROUGH_S3,
        _context("{bucket_arn}/{originals}{there}"),
    ),
    _key("grant its use", "grant others the use of the key", "kms:CreateGrant"),
    _key("change its policy", "change the key's policy", "kms:PutKeyPolicy"),
    _key("schedule its deletion", "have the key deleted", "kms:ScheduleKeyDeletion"),
    _key("read its policy", "read the key's policy", "kms:GetKeyPolicy"),
    _evaluated("get an original", "read {originals}* with the key", GET, DECRYPT),
    _evaluated("get a thumbnail", "read {thumbnails}* with the key", GET_THUMBNAIL, DECRYPT),
    _evaluated("put an original", "write {originals}* with the key", PUT, ENCRYPT),
    _put(
        "put with another key",
        "write {originals}* under another key",
        "aws:kms",
        "arn:aws:kms:{region}:{storage}:key/another",
    ),
    _put("put with a key of S3's", "write {originals}* under a key of S3's", "AES256"),
)
