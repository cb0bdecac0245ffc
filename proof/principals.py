"""The rows of the matrix: who tries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from proof import (
    existing_columns,
    follow_columns,
    key_columns,
    option_columns,
    service_columns,
)
from proof.matrix import TITLES
from proof.workflows import ROLES, SIDES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from components.policies import Statement


EVERYTHING: Statement = {
    "Sid": "AdministratorAccess",
    "Effect": "Allow",
    "Action": "*",
    "Resource": "*",
}
ALL_OF_S3: Statement = {
    "Sid": "AmazonS3FullAccess",
    "Effect": "Allow",
    "Action": "s3:*",
    "Resource": "*",
}


@dataclass(frozen=True, kw_only=True)
class Principal:
    """One row; texts may hold names in braces (`proof.recorded_program`).

    A principal is a `role` (with its `own` grants, or with those of the program), a `service` that
    acts for an `account`, or an anonymous caller. `carries` holds the condition keys that the
    principal's requests have in addition to every session's. `asked` limits it to some attempts.
    `tried_with` is the bucket whose notification makes S3 send in the sandbox. A principal that is
    not `tried` has no role in the sandbox.
    """

    name: str
    role: str = ""
    account: str = ""
    service: str = ""
    own: tuple[Statement, ...] = ()
    carries: Mapping[str, str] = field(default_factory=dict[str, str])
    plain_http: bool = False
    tls: str = "1.3"
    asked: frozenset[str] = frozenset()
    tried_with: str = ""
    tried: bool = True


def _role(account: str, name: str) -> str:
    return f"arn:aws:iam::{{{account}}}:role/{name}"


OBJECTS = frozenset({"originals", "thumbnails", "elsewhere"})
WITH_OPTIONS = frozenset(
    {key_columns.GROUP, option_columns.GROUP, follow_columns.GROUP, service_columns.GROUP}
)
IN_THE_FUNCTION = {"lambda:SourceFunctionArn": "{function_arn}"}

PRINCIPALS = (
    Principal(
        name="the execution role",
        role="{execution_role}",
        account="{producer}",
        carries=IN_THE_FUNCTION,
    ),
    Principal(
        name="another function or person with the execution role",
        role="{execution_role}",
        account="{producer}",
        asked=frozenset({"roles", "queues", "function and log"}),
    ),
    # Stolen credentials keep this key, because AWS stores it in them: the same row as the function.
    Principal(
        name="stolen environment credentials, key present",
        role="{execution_role}",
        account="{producer}",
        carries=IN_THE_FUNCTION,
        asked=frozenset({"roles", "queues", "function and log"}),
    ),
    Principal(name="ThumbXRole", role="{thumbx_role}", account="{storage}"),
    Principal(
        name="ThumbXRole over plain http",
        role="{thumbx_role}",
        account="{storage}",
        plain_http=True,
        asked=OBJECTS | {"bucket"},
    ),
    Principal(
        name="another role of A with *:*",
        role=_role("producer", "stranger"),
        account="{producer}",
        own=(EVERYTHING,),
    ),
    Principal(
        name="A's administrator",
        role=_role("producer", "AWSReservedSSO_Admin_a"),
        account="{producer}",
        own=(EVERYTHING,),
    ),
    Principal(
        name="the deployer in A",
        role=_role("producer", "deployer"),
        account="{producer}",
        own=(EVERYTHING,),
    ),
    Principal(
        name="a role of B with s3:*",
        role=_role("storage", "insider"),
        account="{storage}",
        own=(ALL_OF_S3,),
    ),
    Principal(
        name="B's administrator",
        role="{administrator_role}",
        account="{storage}",
        own=(EVERYTHING,),
    ),
    Principal(
        name="the deployer in B",
        role=_role("storage", "deployer"),
        account="{storage}",
        own=(EVERYTHING,),
    ),
    Principal(name="an uploader", role="{uploader_role}", account="{storage}"),
    Principal(name="a reader", role="{reader_role}", account="{storage}"),
    Principal(
        name="a reader over TLS 1.1",
        role="{reader_role}",
        account="{storage}",
        tls="1.1",
        asked=frozenset({"thumbnails"}),
    ),
    Principal(
        name="a role of a third account with *:*",
        role=_role("third", "outsider"),
        account="{third}",
        own=(EVERYTHING,),
    ),
    Principal(
        name="a reader of a third account with *:*",
        role="{foreign_reader}",
        account="{third}",
        own=(EVERYTHING,),
        asked=WITH_OPTIONS,
    ),
    *(
        Principal(
            name=name,
            role=role,
            account="{storage}",
            own=(ALL_OF_S3,),
            asked=frozenset({service_columns.GROUP, key_columns.GROUP, *existing_columns.GROUPS}),
        )
        for name, role in (
            ("a scanner", service_columns.SCANNER),
            ("a copier", service_columns.COPIER),
        )
    ),
    # Other services reject an unsigned request before they check any policy.
    Principal(name="anonymous", asked=OBJECTS | {"bucket", "queues"}),
    Principal(
        name="Lambda for functions of A",
        service="lambda.amazonaws.com",
        account="{producer}",
        carries={"aws:SourceAccount": "{producer}"},
        asked=frozenset({"roles: assume the execution role"}),
    ),
    Principal(
        name="Lambda for functions of a third account",
        service="lambda.amazonaws.com",
        account="{third}",
        carries={"aws:SourceAccount": "{third}"},
        asked=frozenset({"roles: assume the execution role"}),
    ),
    Principal(
        name="CloudTrail for the trail of B",
        service="cloudtrail.amazonaws.com",
        account="{storage}",
        carries={"aws:SourceArn": "{trail_arn}", "aws:SourceAccount": "{storage}"},
        asked=frozenset({"trail files"}),
    ),
    Principal(
        name="CloudTrail for the trail of A",
        service="cloudtrail.amazonaws.com",
        account="{producer}",
        carries={"aws:SourceArn": "{producer_trail_arn}", "aws:SourceAccount": "{producer}"},
        asked=frozenset({"trail files"}),
    ),
    Principal(
        name="CloudTrail for a trail of a third account",
        service="cloudtrail.amazonaws.com",
        account="{third}",
        carries={
            "aws:SourceArn": "arn:aws:cloudtrail:{region}:{third}:trail/theirs",
            "aws:SourceAccount": "{third}",
        },
        asked=frozenset({"trail files"}),
    ),
    Principal(
        name="CloudFront for a distribution that reads",
        service="cloudfront.amazonaws.com",
        account="{storage}",
        carries={"aws:SourceArn": "{distribution}", "aws:SourceAccount": "{storage}"},
        asked=frozenset({key_columns.GROUP}),
    ),
    Principal(
        name="CloudFront for another distribution",
        service="cloudfront.amazonaws.com",
        account="{third}",
        carries={
            "aws:SourceArn": "arn:aws:cloudfront::{third}:distribution/THEIRS",
            "aws:SourceAccount": "{third}",
        },
        asked=frozenset({key_columns.GROUP}),
    ),
    Principal(
        name="S3 for this bucket",
        service="s3.amazonaws.com",
        account="{storage}",
        carries={"aws:SourceArn": "{bucket_arn}", "aws:SourceAccount": "{storage}"},
        asked=frozenset({"deliveries"}),
        tried_with="{bucket}",
    ),
    Principal(
        name="S3 for another bucket of B",
        service="s3.amazonaws.com",
        account="{storage}",
        carries={"aws:SourceArn": "{neighbour_arn}", "aws:SourceAccount": "{storage}"},
        asked=frozenset({"deliveries"}),
        tried_with="{neighbour}",
    ),
    Principal(
        name="S3 for a bucket of a third account",
        service="s3.amazonaws.com",
        account="{third}",
        carries={"aws:SourceArn": "{foreign_arn}", "aws:SourceAccount": "{third}"},
        asked=frozenset({"deliveries"}),
        tried_with="{foreign}",
    ),
    # Whoever creates a bucket with the name of a deleted one has its ARN, but not its account.
    Principal(
        name="S3 for a bucket of this name in a third account",
        service="s3.amazonaws.com",
        account="{third}",
        carries={"aws:SourceArn": "{bucket_arn}", "aws:SourceAccount": "{third}"},
        asked=frozenset({"deliveries"}),
    ),
    *(
        Principal(
            name=f"the {role} role of {account}",
            role=f"{{{role}_role_of_{side}}}",
            account=f"{{{side}}}",
            asked=frozenset(TITLES) - {"deliveries"},
            tried=False,
        )
        for side, account in SIDES.items()
        for role in ROLES
    ),
)
