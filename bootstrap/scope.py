"""The resources for the permissions in `bootstrap.rights`: ARNs with the program's names, and
conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bootstrap.inventory import FIXED, NAME, SIDES
from components.configuration import arns

if TYPE_CHECKING:
    from bootstrap.inventory import Inventory
    from bootstrap.settings import BootstrapSettings
    from components.policies import Statement

PROJECT = "thumbx"  # of the program, and so the folder of its states
PATH = "/thumbx-bootstrap/"  # where the bootstrap's own roles and policies are


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The program's resources in one account, by their names.

    One of the two accounts is this one; `key_arn` is empty where the stack has no key of its own,
    `bucket` where the program makes the bucket.
    """

    inventory: Inventory
    partition: str
    region: str
    account: str
    producer_account: str
    storage_account: str
    role_path: str
    key_arn: str
    bucket: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in this account and region; IAM's ARNs have no region."""
        region = "" if service == "iam" else self.region
        return ":".join(["arn", self.partition, service, region, self.account, resource])

    def role(self, name: str) -> str:
        """The program's roles with this name."""
        return self.arn("iam", f"role{self.role_path}{name}*")

    @property
    def roles(self) -> list[str]:
        """All of the program's roles."""
        return [self.role(self.inventory.worker), self.role(self.inventory.forwarder)]

    @property
    def buckets(self) -> list[str]:
        """The program's buckets; their ARNs contain neither region nor account."""
        return [f"arn:{self.partition}:s3:::{name}*" for name in self.inventory.buckets]

    @property
    def pictures(self) -> str:
        """The bucket of pictures: an existing one, or the one that the program made."""
        return f"arn:{self.partition}:s3:::{self.bucket}" if self.bucket else self.buckets[0]

    @property
    def owned(self) -> Statement:
        """The condition for S3's grants, because a bucket of another account may have such a
        name.
        """
        return {"StringEquals": {"aws:ResourceAccount": self.account}}

    @property
    def functions(self) -> str:
        """The program's functions."""
        return self.arn("lambda", f"function:{NAME}*")

    @property
    def queues(self) -> str:
        """The program's queues."""
        return self.arn("sqs", f"{NAME}*")


def scope_of(settings: BootstrapSettings) -> Scope:
    """Return the scope of the account that the settings are for."""
    return Scope(
        inventory=SIDES[settings.side],
        partition=arns.partition_of(settings.region),
        region=settings.region,
        account=settings.account.id,
        producer_account=settings.producer_account,
        storage_account=settings.storage_account,
        role_path=settings.account.role_path or "/",
        key_arn=settings.key_arn,
        bucket=settings.bucket,
    )


def resources(on: str, scope: Scope, boundary_arn: str = "") -> Statement:
    """Return the Resource of a statement, and a Condition if the name does not limit it to the
    program.

    `boundary_arn` is the boundary of the program's roles; a role that only reads needs none.
    """
    arn, feeds = scope.arn, {"ArnLike": {"lambda:FunctionArn": scope.functions}}
    sources = arn("lambda", "event-source-mapping:*")
    groups = (f"log-group:{NAME}*", f"log-group:/aws/events/{NAME}*")
    everywhere = {"Resource": "*"}
    found: dict[str, Statement] = {
        # Read actions that accept no ARN, or that list.
        "AllLogGroups": everywhere,
        "AllTrails": everywhere,
        "Quotas": everywhere,
        # Write actions that accept no ARN: a role that deploys may also do them to resources of
        # others.
        "LogResourcePolicies": everywhere,
        # CloudWatch checks the permission to list all alarms against this ARN, and no other.
        "AllAlarms": {"Resource": arn("cloudwatch", "alarm:*")},
        "Alarms": {"Resource": arn("cloudwatch", f"alarm:{NAME}*")},
        # An alarm can stop or terminate instances, with CloudWatch's own role and not with its
        # creator's.
        "AlarmsToTopics": {
            "Resource": arn("cloudwatch", f"alarm:{NAME}*"),
            "Condition": {
                "ForAllValues:StringLike": {"cloudwatch:AlarmActions": arn("sns", f"{NAME}*")},
                # IAM's ForAllValues is also true for an empty list of values
                "Null": {"cloudwatch:AlarmActions": "false"},
            },
        },
        "AnalyzersOwnRole": {
            "Resource": arn("iam", "role/aws-service-role/access-analyzer.amazonaws.com/*"),
            "Condition": {"StringEquals": {"iam:AWSServiceName": "access-analyzer.amazonaws.com"}},
        },
        "Analyzers": {"Resource": arn("access-analyzer", f"analyzer/{FIXED}*")},
        "BoundedRoles": {
            "Resource": scope.roles,
            "Condition": {"ArnEquals": {"iam:PermissionsBoundary": boundary_arn}},
        },
        "Buckets": {"Resource": scope.buckets, "Condition": scope.owned},
        "Dashboards": {
            "Resource": f"arn:{scope.partition}:cloudwatch::{scope.account}:dashboard/{FIXED}*"
        },
        "EventSourceTags": {"Resource": sources},
        "EventSources": {"Resource": sources, "Condition": feeds},
        "Functions": {"Resource": scope.functions},
        "Key": {"Resource": scope.key_arn},
        "Layers": {"Resource": arn("lambda", f"layer:{NAME}*")},
        "LogGroups": {"Resource": [arn("logs", each) for each in groups]},
        # A bucket has no owner before it exists; the role that makes it makes it in its own
        # account.
        "NewBuckets": {"Resource": scope.buckets},
        # The resource has no ARN before it exists.
        "NewEventSources": {"Resource": "*", "Condition": feeds},
        "PassedToEvents": _passed(scope.role(scope.inventory.forwarder), "events.amazonaws.com"),
        "PassedToLambda": _passed(scope.role(scope.inventory.worker), "lambda.amazonaws.com"),
        "Queues": {"Resource": scope.queues},
        "Roles": {"Resource": scope.roles},
        # IAM and STS send some of their events only in us-east-1.
        "Rules": {"Resource": f"arn:{scope.partition}:events:*:{scope.account}:rule/{NAME}*"},
        "Topics": {"Resource": arn("sns", f"{NAME}*")},
        "Trails": {"Resource": arn("cloudtrail", f"trail/{FIXED}*")},
    }
    return found[on]


def _passed(role: str, service: str) -> Statement:
    return {
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PassedToService": service}},
    }
