"""Every IAM document of the program, as pure functions from arguments to dictionaries.

A statement's Sid says its intent, so that a refusal, the access matrix and a reviewer name the
same thing. Nothing here knows a resource; `document` carries a function over to outputs.
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
    """Return the JSON of `build(**arguments)` once every argument, an Input, is known."""
    return pulumi.Output.json_dumps(
        pulumi.Output.all(**arguments).apply(lambda known: build(**known))
    )


def policy(*statements: Statement) -> Document:
    """Return a policy document of the statements, in the order given."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def bucket_document(bucket_arn: str, *statements: Statement) -> Document:
    """Return a bucket's policy: the statements, behind the refusal of plain http and old TLS."""
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

    `aws:SourceAccount` and not `aws:SourceArn`: the latter breaks functions in a VPC.
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
    would stop every picture. Source: "Using source function ARN to control function access
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

    With `name_function` this takes credentials that Lambda issued to this function; Lambda's own
    writing of the log has them, too (same source as above). Another function or a person that is
    given the role cannot do it. AWS keeps `lambda:SourceFunctionArn` in the credentials, so it says
    whom they were issued to and not where a call comes from: taken out of the function they still
    work, until they expire.

    Other credentials of the role are refused ThumbXRole besides: within one account
    (`thumbx:security.oneAccount`) the trust policy lets the role in by itself, and so does any
    grant that somebody attaches later. The emulator issues credentials without the key, so the
    sandbox stack has no `name_function`.
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
            # The provider's ARN of a log group has no suffix; its streams lie behind one.
            "Resource": ":".join([log_group_arn, "*"]),
            **bound,
        },
        {"Sid": "AssumeThumbXRole", "Effect": "Allow", **assume, **bound},
        *([others] if name_function else []),
    )


def uploads_queue_policy(queue_arn: str, bucket_arn: str, storage_account: str) -> Document:
    """Let S3 send B's bucket events, and nobody else's, to the queue in A."""
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
    """Refuse every call over plain http, whoever makes it."""
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
