"""Where the rights of `bootstrap.rights` hold: ARNs by the program's names, and conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bootstrap.made import FIXED, NAME, SIDES
from components.configuration import arns

if TYPE_CHECKING:
    from bootstrap.made import Made
    from bootstrap.settings import Settings
    from components.policies import Statement

PROJECT = "thumbx"  # of the program, and so the folder of its states
PATH = "/thumbx-bootstrap/"  # where the bootstrap's own roles and policies are


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the program, and the boundary that its roles must have."""

    made: Made
    partition: str
    region: str
    id: str
    role_path: str
    key_arn: str
    boundary_arn: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region; IAM's have no region."""
        region = "" if service == "iam" else self.region
        return ":".join(["arn", self.partition, service, region, self.id, resource])

    def role(self, name: str) -> str:
        """The program's roles of a name."""
        return self.arn("iam", f"role{self.role_path}{name}*")

    @property
    def roles(self) -> list[str]:
        """All of the program's roles."""
        return [self.role(self.made.worker), self.role(self.made.forwarder)]

    @property
    def buckets(self) -> list[str]:
        """The program's buckets; their ARNs name neither region nor account."""
        return [f"arn:{self.partition}:s3:::{name}*" for name in self.made.buckets]

    @property
    def functions(self) -> str:
        """The program's functions."""
        return self.arn("lambda", f"function:{NAME}*")

    @property
    def queues(self) -> str:
        """The program's queues."""
        return self.arn("sqs", f"{NAME}*")


def account(settings: Settings, boundary_arn: str = "") -> Account:
    """The account that the settings are for; who only reads needs no boundary."""
    return Account(
        made=SIDES[settings.side],
        partition=arns.partition_of(settings.region),
        region=settings.region,
        id=settings.account.id,
        role_path=settings.account.role_path or "/",
        key_arn=settings.key_arn,
        boundary_arn=boundary_arn,
    )


def place(on: str, account: Account) -> Statement:
    """The Resource of a statement, and the Condition where the name does not bind it."""
    arn, feeds = account.arn, {"ArnLike": {"lambda:FunctionArn": account.functions}}
    sources = arn("lambda", "event-source-mapping:*")
    groups = (f"log-group:{NAME}*", f"log-group:/aws/events/{NAME}*")
    everywhere = {"Resource": "*"}
    places: dict[str, Statement] = {
        # Reads that take no ARN, or a list.
        "AllLogGroups": everywhere,
        "AllTrails": everywhere,
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
            "Resource": account.roles,
            "Condition": {"ArnEquals": {"iam:PermissionsBoundary": account.boundary_arn}},
        },
        "Buckets": {"Resource": account.buckets},
        "Dashboards": {
            "Resource": f"arn:{account.partition}:cloudwatch::{account.id}:dashboard/{FIXED}*"
        },
        "EventSourceTags": {"Resource": sources},
        "EventSources": {"Resource": sources, "Condition": feeds},
        "Functions": {"Resource": account.functions},
        "Key": {"Resource": account.key_arn},
        "Layers": {"Resource": arn("lambda", f"layer:{NAME}*")},
        "LogGroups": {"Resource": [arn("logs", each) for each in groups]},
        # It has no ARN before it is there.
        "NewEventSources": {"Resource": "*", "Condition": feeds},
        "PassedToEvents": _passed(account.role(account.made.forwarder), "events.amazonaws.com"),
        "PassedToLambda": _passed(account.role(account.made.worker), "lambda.amazonaws.com"),
        "Queues": {"Resource": account.queues},
        "Roles": {"Resource": account.roles},
        # IAM and STS send some of their events in us-east-1 only.
        "Rules": {"Resource": f"arn:{account.partition}:events:*:{account.id}:rule/{NAME}*"},
        "Topics": {"Resource": arn("sns", f"{NAME}*")},
        "Trails": {"Resource": arn("cloudtrail", f"trail/{FIXED}*")},
    }
    return places[on]


def _passed(role: str, service: str) -> Statement:
    return {
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PassedToService": service}},
    }
