"""The trail of the storage account: which one sees the bucket, and where its files are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.calls import STORAGE
from audit.errors import asking
from audit.files import in_bucket

if TYPE_CHECKING:
    from collections.abc import Collection

    from audit.access import Access
    from audit.files import TrailFile
    from audit.window import Window


@dataclass(frozen=True, kw_only=True)
class Trail:
    """One trail; `selectors` are its advanced event selectors, as CloudTrail has them."""

    name: str
    arn: str
    bucket: str
    prefix: str
    validated: bool
    organization: bool
    selectors: list[dict[str, Any]]

    def files(self, access: Access, accounts: Collection[str], window: Window) -> list[TrailFile]:
        """The files of these accounts that may hold events of the window.

        One bucket may hold the trails of several accounts, an organization's below one folder
        more: AWSLogs/[o-…/]account/CloudTrail/region/YYYY/MM/DD/ (CloudTrail user guide).
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


def find_trails(access: Access) -> list[Trail]:
    """The trails that the storage account has or is part of, those of its organization included."""
    cloudtrail = access.client(STORAGE, "cloudtrail")
    with asking("looking for trails", STORAGE):
        described = cloudtrail.describe_trails(includeShadowTrails=True)["trailList"]
    found: list[Trail] = []
    for each in described:
        with asking(f"reading what the trail {each['Name']} selects", STORAGE):
            selected = cloudtrail.get_event_selectors(TrailName=each["TrailARN"])
        found.append(
            Trail(
                name=each["Name"],
                arn=each["TrailARN"],
                bucket=each["S3BucketName"],
                prefix=each.get("S3KeyPrefix", ""),
                validated=each.get("LogFileValidationEnabled", False),
                organization=each.get("IsOrganizationTrail", False),
                selectors=selected.get("AdvancedEventSelectors")
                or [
                    made
                    for basic in selected.get("EventSelectors", [])
                    for made in _advanced(basic)
                ],
            )
        )
    return found


def find_trail(access: Access, bucket: str) -> Trail | None:
    """The trail that sees the bucket's objects, best one that sees reads and writes; else None."""
    trails = find_trails(access)
    whole = [each for each in trails if sees(each, bucket)]
    part = [each for each in trails if sees(each, bucket, partly=True)]
    return next(iter(whole + part), None)


def sees(trail: Trail, bucket: str, *, partly: bool = False) -> bool:
    """Whether the trail selects reads and writes (`partly`: either) of the bucket's objects."""
    return any(_selects(selector, bucket, partly=partly) for selector in trail.selectors)


def _selects(selector: dict[str, Any], bucket: str, *, partly: bool) -> bool:
    fields = {each["Field"]: each for each in selector["FieldSelectors"]}
    if fields.get("eventCategory", {}).get("Equals") != ["Data"]:
        return False
    if fields.get("resources.type", {}).get("Equals") != ["AWS::S3::Object"]:
        return False
    if "readOnly" in fields and not partly:
        return False
    arns = fields.get("resources.ARN")
    return arns is None or any(
        f"arn:aws:s3:::{bucket}/".startswith(start) for start in arns.get("StartsWith", [])
    )


def _advanced(basic: dict[str, Any]) -> list[dict[str, Any]]:
    """A selector of the older form, which an adopted trail may have, in the newer one."""
    made: list[dict[str, Any]] = []
    reads = {"ReadOnly": ["true"], "WriteOnly": ["false"]}.get(basic.get("ReadWriteType", "All"))
    only = [{"Field": "readOnly", "Equals": reads}] if reads else []
    if basic.get("IncludeManagementEvents"):
        made.append(
            {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, *only]}
        )
    for resource in basic.get("DataResources", []):
        fields = [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": [resource["Type"]]},
            {"Field": "resources.ARN", "StartsWith": resource.get("Values", [])},
        ]
        made.append({"FieldSelectors": [*fields, *only]})
    return made


def manages(trail: Trail) -> bool:
    """Whether the trail selects management events, which AssumeRole is."""
    return any(
        each["Field"] == "eventCategory" and each.get("Equals") == ["Management"]
        for selector in trail.selectors
        for each in selector["FieldSelectors"]
    )


def _below(access: Access, bucket: str, prefix: str) -> list[str]:
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
