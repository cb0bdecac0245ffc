"""Which resources the rights of `bootstrap.rights` hold for: ARNs by the program's names, and
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
        """The ARN of a resource of this account and region; IAM's have no region."""
        region = "" if service == "iam" else self.region
        return ":".join(["arn", self.partition, service, region, self.account, resource])

    def role(self, name: str) -> str:
        """The program's roles of a name."""
        return self.arn("iam", f"role{self.role_path}{name}*")

    @property
    def roles(self) -> list[str]:
        """All of the program's roles."""
        return [self.role(self.inventory.worker), self.role(self.inventory.forwarder)]

    @property
    def buckets(self) -> list[str]:
        """The program's buckets; their ARNs name neither region nor account."""
        return [f"arn:{self.partition}:s3:::{name}*" for name in self.inventory.buckets]

    @property
    def pictures(self) -> str:
        """The bucket of pictures: the one that was there before, or the program's."""
        return f"arn:{self.partition}:s3:::{self.bucket}" if self.bucket else self.buckets[0]

    @property
    def owned(self) -> Statement:
        """The condition on S3's grants: a bucket of another account may bear such a name."""
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
    """Return the Resource of a statement, and the Condition where the name does not bind it.

    `boundary_arn` is the boundary of the program's roles; who only reads needs none.
    """
    arn, feeds = scope.arn, {"ArnLike": {"lambda:FunctionArn": scope.functions}}
    sources = arn("lambda", "event-source-mapping:*")
    groups = (f"log-group:{NAME}*", f"log-group:/aws/events/{NAME}*")
    everywhere = {"Resource": "*"}
    found: dict[str, Statement] = {
        # Reads that take no ARN, or a list.
        "AllLogGroups": everywhere,
        "AllTrails": everywhere,
        "Quotas": everywhere,
        # Writes that take none: whoever may deploy may do them to others' as well.
        "LogResourcePolicies": everywhere,
        # CloudWatch asks for a list of them all on this ARN, and for no other.
        "AllAlarms": {"Resource": arn("cloudwatch", "alarm:*")},
        "Alarms": {"Resource": arn("cloudwatch", f"alarm:{NAME}*")},
        # An alarm may stop or terminate machines, with CloudWatch's own role and not its maker's.
        "AlarmsToTopics": {
            "Resource": arn("cloudwatch", f"alarm:{NAME}*"),
            "Condition": {
                "ForAllValues:StringLike": {"cloudwatch:AlarmActions": arn("sns", f"{NAME}*")},
                "Null": {"cloudwatch:AlarmActions": "false"},  # of no values, all are anything
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
        # A bucket has no owner before it is there; whoever makes one makes it in his own scope.
        "NewBuckets": {"Resource": scope.buckets},
        # It has no ARN before it is there.
        "NewEventSources": {"Resource": "*", "Condition": feeds},
        "PassedToEvents": _passed(scope.role(scope.inventory.forwarder), "events.amazonaws.com"),
        "PassedToLambda": _passed(scope.role(scope.inventory.worker), "lambda.amazonaws.com"),
        "Queues": {"Resource": scope.queues},
        "Roles": {"Resource": scope.roles},
        # IAM and STS send some of their events in us-east-1 only.
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
