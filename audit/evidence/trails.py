"""The trails of an account: what each selects, which of them sees the bucket, and where its
files are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.accounts.errors import AuditError, aws_errors, code_of
from audit.accounts.permissions import STORAGE
from audit.evidence.files import in_bucket
from recording.denials import DENIALS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from audit.accounts.clients import AccountClients
    from audit.evidence.files import TrailFile
    from audit.evidence.window import Window

READS, WRITES = "reads", "writes"
BOTH = frozenset({READS, WRITES})

# CloudTrail's error for a trail of another account, such as an organization's trail for a member
# account (cloud-custodian/cloud-custodian#6394), or for a trail that is read outside its home
# region.
_OUT_OF_REACH = (
    *DENIALS,
    "TrailNotFoundException",
    "CloudTrailARNInvalidException",
)


@dataclass(frozen=True, kw_only=True)
class Trail:
    """One trail; `selectors` are its advanced event selectors in CloudTrail's format."""

    name: str
    arn: str
    home: str | None
    """The region in which the trail is asked for; other regions have shadows of it."""
    bucket: str
    prefix: str
    validated: bool
    organization: bool
    selectors: list[dict[str, Any]] | None
    """None if the selectors cannot be read."""
    unread: str
    """A sentence that says why they cannot be read."""

    def files(
        self, access: AccountClients, accounts: Collection[str], window: Window
    ) -> list[TrailFile]:
        """The files of these accounts that may hold events of the window.

        One bucket may hold the trails of several accounts; an organization's trail adds one more
        folder: AWSLogs/[o-…/]account/CloudTrail/region/YYYY/MM/DD/ (CloudTrail user guide).
        """
        start = f"{self.prefix}/AWSLogs/" if self.prefix else "AWSLogs/"
        folders = _below(access, self.bucket, start)
        if self.organization:
            folders += [inner for each in folders for inner in _below(access, self.bucket, each)]
        found: list[TrailFile] = []
        for folder in folders:
            if folder.rstrip("/").rpartition("/")[2] not in accounts:
                continue
            for region in _below(access, self.bucket, f"{folder}CloudTrail/"):
                for day in window.days():
                    found += in_bucket(access, self.bucket, f"{region}{day}/", window)
        return found


def find_trails(access: AccountClients, account: str) -> list[Trail]:
    """The trails that an account has, and those of its organization."""
    with aws_errors("looking for trails", account):
        described = access.client(account, "cloudtrail").describe_trails(includeShadowTrails=True)
    return [_read(access, account, each) for each in described["trailList"]]


def _read(access: AccountClients, account: str, described: dict[str, Any]) -> Trail:
    """One trail; AuditError only for an error that does not depend on the trail's owner or
    region.
    """
    name, arn, home = described["Name"], described["TrailARN"], described.get("HomeRegion")
    selectors, unread = None, ""
    try:
        with aws_errors(f"reading what the trail {name} selects", account):
            client = access.client(account, "cloudtrail", home)
            selected = client.get_event_selectors(TrailName=arn)
        basic = selected.get("EventSelectors", [])
        selectors = selected.get("AdvancedEventSelectors") or [
            new for each in basic for new in _advanced(each)
        ]
    except AuditError as error:
        if code_of(error.__cause__) not in _OUT_OF_REACH:
            raise
        unread = str(error)
    return Trail(
        name=name,
        arn=arn,
        home=home,
        bucket=described["S3BucketName"],
        prefix=described.get("S3KeyPrefix", ""),
        validated=described.get("LogFileValidationEnabled", False),
        organization=described.get("IsOrganizationTrail", False),
        selectors=selectors,
        unread=unread,
    )


def that_sees(trails: Iterable[Trail], pictures: Collection[str]) -> Trail | None:
    """The trail that sees most of the calls on the pictures. If none sees any, a trail that may see
    them because its selectors cannot be read; else None."""
    may = [each for each in trails if logged(each, pictures) or each.selectors is None]
    return max(may, key=lambda each: (len(logged(each, pictures)), each.organization), default=None)


def that_manages(trails: Iterable[Trail]) -> Trail | None:
    """A trail that has management events; otherwise one that may have them; otherwise None."""
    may = [each for each in trails if manages(each) or each.selectors is None]
    return max(may, key=lambda each: (manages(each), each.organization), default=None)


def logged(trail: Trail, pictures: Collection[str]) -> frozenset[str]:
    """Which of the calls in `BOTH` on all the pictures the trail selects.

    `pictures` are the bucket and prefix that their keys begin with, as `Wiring.pictures`.
    """
    partition = trail.arn.split(":")[1]
    return BOTH.intersection(
        *(
            {
                kind
                for selector in trail.selectors or []
                for kind in _selected(selector, f"arn:{partition}:s3:::{each}")
            }
            for each in pictures
        )
    )


def _selected(selector: dict[str, Any], objects: str) -> frozenset[str]:
    fields = {each["Field"]: each for each in selector["FieldSelectors"]}
    arns = fields.get("resources.ARN", {"StartsWith": [""]})
    if (
        fields.get("eventCategory", {}).get("Equals") != ["Data"]
        or fields.get("resources.type", {}).get("Equals") != ["AWS::S3::Object"]
        or not any(objects.startswith(start) for start in arns.get("StartsWith", []))
    ):
        return frozenset()
    if "readOnly" not in fields:
        return BOTH
    return frozenset({READS if fields["readOnly"].get("Equals") == ["true"] else WRITES})


def _advanced(basic: dict[str, Any]) -> list[dict[str, Any]]:
    """Convert a basic event selector, which an adopted trail may have, to an advanced one."""
    selectors: list[dict[str, Any]] = []
    reads = {"ReadOnly": ["true"], "WriteOnly": ["false"]}.get(basic.get("ReadWriteType", "All"))
    only = [{"Field": "readOnly", "Equals": reads}] if reads else []
    if basic.get("IncludeManagementEvents"):
        selectors.append(
            {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, *only]}
        )
    for resource in basic.get("DataResources", []):
        fields = [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [resource["Type"]]},
            {"Field": "resources.ARN", "StartsWith": resource.get("Values", [])},
        ]
        selectors.append({"FieldSelectors": [*fields, *only]})
    return selectors


def manages(trail: Trail) -> bool:
    """Whether the trail selects management events: changes, which are writes, and AssumeRole, which
    CloudTrail counts as a read."""
    return any(
        fields.get("eventCategory", {}).get("Equals") == ["Management"] and "readOnly" not in fields
        for selector in trail.selectors or []
        for fields in [{each["Field"]: each for each in selector["FieldSelectors"]}]
    )


def _below(access: AccountClients, bucket: str, prefix: str) -> list[str]:
    listed = access.pages(
        STORAGE,
        "s3",
        "list_objects_v2",
        "CommonPrefixes",
        Bucket=bucket,
        Prefix=prefix,
        Delimiter="/",
    )
    return [each["Prefix"] for each in listed]
