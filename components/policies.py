"""Builds every IAM document of the program with pure functions from arguments to dictionaries.

A statement's Sid states its purpose, so that a refusal, the access matrix and a reviewer use the
same name. Nothing here uses a resource; `document` calls one of these functions with the values of
outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from collections.abc import Callable

Statement = dict[str, Any]
Document = dict[str, Any]

OLDEST_TLS = "1.2"


def document(build: Callable[..., Document], **arguments: Any) -> pulumi.Output[str]:
    """Return the JSON of `build(**arguments)` when every argument, an Input, is known."""
    return pulumi.Output.json_dumps(
        pulumi.Output.all(**arguments).apply(lambda known: build(**known))
    )


def policy(*statements: Statement) -> Document:
    """Return a policy document of the statements, in the order given."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def bucket_document(bucket_arn: str, *statements: Statement) -> Document:
    """Return a bucket's policy: the refusal of plain http and old TLS, then the statements."""
    both = (bucket_arn, objects(bucket_arn))
    return policy(
        deny_insecure_transport("s3:*", *both),
        {
            "Sid": "DenyOldTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": list(both),
            "Condition": {"NumericLessThan": {"s3:TlsVersion": OLDEST_TLS}},
        },
        *statements,
    )


def objects(bucket_arn: str, prefix: str = "") -> str:
    """Return the ARN pattern of a bucket's objects below a prefix that ends in a slash."""
    return "/".join([bucket_arn, prefix + "*"])


# The execution role, in account A.


def function_trust(producer_account: str) -> Document:
    """Let Lambda assume the execution role, for functions of account A only.

    The condition is `aws:SourceAccount` and not `aws:SourceArn`, because the latter breaks
    functions in a VPC.
    """
    return policy(
        {
            "Sid": "AssumeByLambda",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": producer_account}},
        }
    )


def poller_grant(queue_arn: str) -> Document:
    """Let Lambda drain the queue on the function's behalf.

    Lambda polls with credentials of the role that name no function, so a condition on the function
    would stop all processing. Source: "Using source function ARN to control function access
    behavior".
    """
    return policy(
        {
            "Sid": "DrainQueue",
            "Effect": "Allow",
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "Resource": queue_arn,
        }
    )


def function_grants(
    *,
    refused_queue_arn: str,
    log_group_arn: str,
    thumbx_role_arn: str,
    function_arn: str,
    name_function: bool,
) -> Document:
    """Let the function set refused pictures aside, write its own log and assume ThumbXRole.

    With `name_function` these grants need credentials that Lambda issued to this function. Lambda's
    own writing of the log has such credentials too (same source as above). Another function or a
    person with the role's credentials cannot use the grants. AWS stores `lambda:SourceFunctionArn`
    in the credentials, so the key says for which function they were issued, and not where a call
    comes from. Credentials that are taken out of the function still work until they expire.

    A Deny also refuses ThumbXRole to the role's other credentials, because within one account
    (`thumbx:security.oneAccount`) the trust policy alone, or any grant that somebody attaches
    later, would allow it. The emulator issues credentials without this key, so the sandbox stack
    has no `name_function`.
    """
    function = {"lambda:SourceFunctionArn": function_arn}
    bound: Statement = {"Condition": {"ArnEquals": function}} if name_function else {}
    assume = {"Action": "sts:AssumeRole", "Resource": thumbx_role_arn}
    others: Statement = {
        "Sid": "DenyOtherCredentials",
        "Effect": "Deny",
        **assume,
        "Condition": {"ArnNotEquals": function},
    }
    return policy(
        {
            "Sid": "RefuseInput",
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": refused_queue_arn,
            **bound,
        },
        {
            "Sid": "WriteLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            # The provider's ARN of a log group has no suffix; its streams need one.
            "Resource": ":".join([log_group_arn, "*"]),
            **bound,
        },
        {"Sid": "AssumeThumbXRole", "Effect": "Allow", **assume, **bound},
        *([others] if name_function else []),
    )


def uploads_queue_policy(queue_arn: str, bucket_arn: str, storage_account: str) -> Document:
    """Let S3 send events of B's bucket, and of no other bucket, to the queue in A."""
    return policy(
        {
            "Sid": "BucketEvents",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": bucket_arn},
                "StringEquals": {"aws:SourceAccount": storage_account},
            },
        },
        deny_insecure_transport("sqs:*", queue_arn),
    )


def inner_queue_policy(queue_arn: str) -> Document:
    """Grant nothing on a queue that only A's own roles use, and refuse plain http."""
    return policy(deny_insecure_transport("sqs:*", queue_arn))


def deny_insecure_transport(action: str, *resources: str) -> Statement:
    """Refuse every call over plain http, from any caller."""
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
