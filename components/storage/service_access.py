"""The rights of scanners and copiers in the bucket, which everybody else is refused.

Scanners are services such as GuardDuty's malware protection, copiers such as replication, AWS
Backup and Macie. Each acts with a role of the storage account, and has grants of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.policies import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from components.configuration.accounts import Access
    from components.configuration.schema import Prefixes
    from components.policies import Statement

# All reads except the plain one: versions, tags, attributes, and what replication asks for.
DETAILS = "s3:GetObject?*"
TAGGING = ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")
# GuardDuty puts it to see whether its role works [AWS documentation].
VALIDATION_OBJECT = "malware-protection-resource-validation-object"


def decided_here(access: Access) -> list[str]:
    """The actions that `service_refusals` decides about, instead of the refusal of all other
    actions.
    """
    return [
        *([DETAILS] if access.scanners or access.copiers else []),
        *(TAGGING if access.scanners else ()),
    ]


def service_refusals(
    bucket_arn: str,
    prefixes: Prefixes,
    access: Access,
    deny: Callable[..., Statement],
    none_of: Callable[..., Statement],
) -> list[Statement]:
    """Refuse to everybody except scanners and copiers what these services need."""
    administrators, scanners, copiers = access.administrators, access.scanners, access.copiers
    if not (scanners or copiers):
        return []
    originals = objects(bucket_arn, prefixes.originals)
    found = [
        deny(
            "DenyOtherDetailsOfOriginals",
            {"Action": DETAILS, "Resource": originals},
            none_of(scanners, copiers, administrators),
        ),
        deny(
            "DenyOtherDetails",
            {"Action": DETAILS, "NotResource": originals},
            none_of(copiers, administrators),
        ),
    ]
    if scanners:
        found += [
            deny(
                "DenyOtherTaggingOfOriginals",
                {"Action": list(TAGGING), "Resource": originals},
                none_of(scanners, administrators),
            ),
            deny(
                "DenyOtherTagging",
                {"Action": list(TAGGING), "NotResource": originals},
                none_of(administrators),
            ),
        ]
    return found


def prefix_refusals(
    bucket_arn: str,
    prefixes: Prefixes,
    access: Access,
    deny: Callable[..., Statement],
    none_of: Callable[..., Statement],
) -> list[Statement]:
    """Refuse everything that is below none of our prefixes."""
    administrators = none_of(access.administrators)
    ours = [objects(bucket_arn, each) for each in (prefixes.originals, prefixes.thumbnails)]
    if not (access.scanners or access.copiers):
        both = ["s3:GetObject", "s3:PutObject"]
        return [deny("DenyOtherPrefixes", {"Action": both, "NotResource": ours}, administrators)]
    checked: Sequence[str] = ["/".join([bucket_arn, VALIDATION_OBJECT])] if access.scanners else []
    found = [
        deny(
            "DenyOtherReadsElsewhere",
            {"Action": "s3:GetObject", "NotResource": ours},
            none_of(access.copiers, access.administrators),
        ),
        deny(
            "DenyOtherPrefixes",
            {"Action": "s3:PutObject", "NotResource": [*ours, *checked]},
            administrators,
        ),
    ]
    if checked:
        found.append(
            deny(
                "DenyOtherValidation",
                {"Action": "s3:PutObject", "Resource": checked[0]},
                none_of(access.scanners, access.administrators),
            )
        )
    return found
