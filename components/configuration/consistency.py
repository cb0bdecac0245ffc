"""Finds faults that are not in one key but in two keys that do not fit together.

Each fault is recorded at one of the two keys. A value that was refused before is empty here, and is
not reported a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.configuration import arns
from handler.pictures.formats import ENCODERS

if TYPE_CHECKING:
    from components.configuration.accounts import Access
    from components.configuration.reader import Configuration
    from components.configuration.schema import Prefixes
    from components.configuration.stack import Settings


# STS accepts a session policy of at most 2048 characters. ThumbXRole's grants have 1811 characters
# with the longest names of a bucket, a region and a key, and with two prefixes of this length; they
# have 2038 if ThumbXRole deletes thumbnails.
LONGEST_BOUND_PREFIX = 200
LONGEST_FOLLOWED_PREFIX = 60

# S3 accepts a bucket policy of at most 20 KB. This is the size of our policy without ARNs and
# prefixes, with every option on and the longest partition name. Each ARN and prefix is added as
# often as the policy contains it; a test compares the sum with the document.
LARGEST_BUCKET_POLICY = 20 * 1024
_OWN_BYTES = 4000
_FOLLOW_BYTES = 300
# With scanners, or with copiers alone: the bytes of their statements, and how often these name
# administrators.
_WITH_SCANNERS, _WITH_COPIERS = (1550, 6), (750, 3)
_SCANNER_TIMES, _COPIER_TIMES = 4, 5
_ADMINISTRATOR_TIMES, _OTHER_TIMES, _PREFIX_TIMES = 6, 2, 5
_AROUND = len('"", ')


def check(config: Configuration, settings: Settings) -> None:
    """Record every fault between two keys."""
    _check_accounts(config, settings)
    _check_boundaries(config, settings)
    _check_endpoints(config, settings)
    _check_prefixes(config, settings)
    _check_animation(config, settings)
    _check_bucket_policy(config, settings)


def _check_accounts(config: Configuration, settings: Settings) -> None:
    producer, storage = settings.producer, settings.storage
    if storage.id and storage.id == producer.id and not settings.security.one_account:
        config.at("storage.account").refuse(
            storage.id,
            "which is the producer's account too",
            "name another, or set thumbx:security.oneAccount to true if both sides are to share it",
        )
    else:
        _check_administrators(config, settings)


def _check_boundaries(config: Configuration, settings: Settings) -> None:
    for name, account in (("producer", settings.producer), ("storage", settings.storage)):
        owner = arns.account_of(account.boundary) if account.boundary else "aws"
        if account.id and owner not in (account.id, "aws"):
            config.at(f"{name}.boundary").refuse(
                account.boundary,
                "which is a policy of another account, and IAM accepts no such policy as a "
                "boundary",
                f"name one of {account.id}, or one of AWS's own",
            )


def _check_endpoints(config: Configuration, settings: Settings) -> None:
    producer, storage = settings.producer, settings.storage
    for name, account, other in (("producer", producer, storage), ("storage", storage, producer)):
        if account.endpoint and not other.endpoint:
            config.at(f"{name}.endpoint").refuse(
                account.endpoint,
                "but the other account has none, so that one side would be on AWS",
                "give both accounts an endpoint, or neither",
            )
    if producer.emulator_policies and not (producer.endpoint and storage.endpoint):
        config.at("emulatorPolicies").refuse(
            producer.emulator_policies,
            "which loosens policies, but not both accounts are on an emulator",
            "set it to false, or give both accounts an endpoint",
        )


def _check_administrators(config: Configuration, settings: Settings) -> None:
    owner = settings.storage.id
    for group, kind in (
        ("administrators", "an administrator"),
        ("scanners", "a scanner"),
        ("copiers", "a copier"),
    ):
        for index, arn in enumerate(getattr(settings.access, group)):
            if arn and owner and arns.account_of(arn) != owner:
                config.at(f"access.{group}[{index}]").refuse(
                    arn,
                    f"which is not in the storage account, and being {kind} has no effect in "
                    "other accounts",
                    f"name a role or user of {owner}",
                )


def _check_prefixes(config: Configuration, settings: Settings) -> None:
    originals, thumbnails = (
        settings.thumbnails.prefixes.originals,
        settings.thumbnails.prefixes.thumbnails,
    )
    apart = not (originals.startswith(thumbnails) or thumbnails.startswith(originals))
    if not originals and not settings.storage.bucket:
        config.at("thumbnails.originalsPrefix").refuse(
            originals,
            "which means the whole bucket, but thumbx:storage.bucket names no existing bucket",
            "write a prefix such as 'originals/'",
        )
    if originals and thumbnails and not apart:
        config.at("thumbnails.thumbnailsPrefix").refuse(
            thumbnails,
            f"which overlaps with thumbx:thumbnails.originalsPrefix {originals!r}: each thumbnail "
            "would be taken for an upload",
            "choose two prefixes neither of which begins with the other",
        )
    if settings.security.session_policy:
        follow = settings.thumbnails.follow
        longest = LONGEST_FOLLOWED_PREFIX if follow else LONGEST_BOUND_PREFIX
        for key, prefix in (("originalsPrefix", originals), ("thumbnailsPrefix", thumbnails)):
            if len(prefix) > longest:
                config.at(f"thumbnails.{key}").refuse(
                    prefix,
                    "which is too long for the session policy that "
                    "thumbx:security.sessionPolicy asks for"
                    + (", with thumbx:thumbnails.removals follow" if follow else ""),
                    f"use {longest} characters at most, or set that to false",
                )


def bucket_policy_bytes(access: Access, prefixes: Prefixes, *, follow: bool) -> int:
    """The largest size of the bucket policy for these principals and prefixes."""
    others = (access.uploaders, access.readers, access.original_readers, access.distributions)
    administrators = sum(len(arn) + _AROUND for arn in access.administrators)
    scanners = sum(len(arn) + _AROUND for arn in access.scanners)
    copiers = sum(len(arn) + _AROUND for arn in access.copiers)
    more_bytes, more_times = _WITH_SCANNERS if scanners else _WITH_COPIERS if copiers else (0, 0)
    others_once = sum(len(arn) + _AROUND for arns in others for arn in arns)
    return (
        _OWN_BYTES
        + _FOLLOW_BYTES * follow
        + more_bytes
        + (_ADMINISTRATOR_TIMES + follow + more_times) * administrators
        + _SCANNER_TIMES * scanners
        + _COPIER_TIMES * copiers
        + _OTHER_TIMES * others_once
        + (_PREFIX_TIMES + more_times) * (len(prefixes.originals) + len(prefixes.thumbnails))
    )


def _check_bucket_policy(config: Configuration, settings: Settings) -> None:
    if settings.storage.bucket:  # the policy is its owner's, and `adopt policy` counts
        return
    access = settings.access
    thumbnails = settings.thumbnails
    size = bucket_policy_bytes(access, thumbnails.prefixes, follow=thumbnails.follow)
    if size > LARGEST_BUCKET_POLICY:
        administrators = len(access.administrators)
        others = sum(map(len, (access.uploaders, access.readers, access.original_readers)))
        config.at("access").refuse(
            f"{administrators} administrators and {others + len(access.distributions)} others",
            f"which makes a bucket policy of {size:,} bytes; S3 accepts {LARGEST_BUCKET_POLICY:,}",
            "name fewer, because an administrator takes "
            f"{_ADMINISTRATOR_TIMES + thumbnails.follow} times the length of its ARN, and "
            f"everybody else {_OTHER_TIMES} times; let several people or services share a role, "
            "and let one pattern (*) stand for many administrators",
        )


def _check_animation(config: Configuration, settings: Settings) -> None:
    formats = settings.thumbnails.formats
    if not all(formats) or not settings.thumbnails.animated:
        return
    if formats and not any(ENCODERS[each].animates for each in formats):
        config.at("thumbnails.animated").refuse(
            settings.thumbnails.animated,
            f"but {' and '.join(formats)} thumbnails do not move",
            "add webp to thumbx:thumbnails.formats, or set this to false",
        )
