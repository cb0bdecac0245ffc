"""Where the rights of `bootstrap.rights` hold: ARNs by the program's names, and conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bootstrap.made import SIDES
from components import arns

if TYPE_CHECKING:
    from bootstrap.made import Made
    from bootstrap.settings import Settings
    from components.policies import Statement

PROJECT = "thumbx"  # of the program, and so the value of the tag that all of its resources carry
PATH = "/thumbx-bootstrap/"  # where the bootstrap's own roles and policies are


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the program, and the boundary that its roles must have."""

    made: Made
    partition: str
    region: str
    id: str
    role_path: str
    boundary_arn: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account and region; IAM's have no region."""
        region = "" if service == "iam" else self.region
        return ":".join(["arn", self.partition, service, region, self.id, resource])

    @property
    def roles(self) -> str:
        """The program's roles."""
        return self.arn("iam", f"role{self.role_path}{self.made.role}*")

    @property
    def buckets(self) -> str:
        """The program's buckets; their ARNs name neither region nor account."""
        return f"arn:{self.partition}:s3:::{self.made.other}*"

    @property
    def functions(self) -> str:
        """The program's functions."""
        return self.arn("lambda", f"function:{self.made.other}*")


def account(settings: Settings, boundary_arn: str = "") -> Account:
    """The account that the settings are for; who only reads needs no boundary."""
    return Account(
        made=SIDES[settings.side],
        partition=arns.partition_of(settings.region),
        region=settings.region,
        id=settings.account.id,
        role_path=settings.account.role_path or "/",
        boundary_arn=boundary_arn,
    )


def place(on: str, account: Account) -> Statement:
    """The Resource of a statement, and the Condition where the name does not bind it."""
    other, feeds = account.made.other, {"ArnLike": {"lambda:FunctionArn": account.functions}}
    sources = account.arn("lambda", "event-source-mapping:*")
    places: dict[str, Statement] = {
        "AllLogGroups": {"Resource": "*"},
        "BoundedRoles": {
            "Resource": account.roles,
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": account.boundary_arn}},
        },
        "Buckets": {"Resource": account.buckets},
        "EventSourceTags": {"Resource": sources},
        "EventSources": {"Resource": sources, "Condition": feeds},
        "Functions": {"Resource": account.functions},
        "Keys": {
            "Resource": account.arn("kms", "key/*"),
            "Condition": {"StringEquals": {"aws:ResourceTag/project": PROJECT}},
        },
        "Layers": {"Resource": account.arn("lambda", f"layer:{other}*")},
        "LogGroups": {"Resource": account.arn("logs", f"log-group:{other}*")},
        # Neither has an ARN before it is there.
        "NewEventSources": {"Resource": "*", "Condition": feeds},
        "NewKeys": {
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestTag/project": PROJECT}},
        },
        "PassedRoles": {
            "Resource": account.roles,
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        "Queues": {"Resource": account.arn("sqs", f"{other}*")},
        "Roles": {"Resource": account.roles},
    }
    return places[on]
