"""The columns of the matrix for roles, queues, the function, its log and the trail."""

from __future__ import annotations

from typing import Any

from proof.attempts import Attempt, Current, Need
from proof.bucket_columns import BUCKET, OTHER_BUCKETS
from proof.existing_columns import EXISTING
from proof.follow_columns import FOLLOW
from proof.key_columns import KEY
from proof.object_columns import OBJECTS
from proof.option_columns import PRESIGNED
from proof.service_columns import SERVICES
from proof.trail_columns import TRAIL_FILES
from proof.workflow_columns import WORKFLOWS
from recording.denials import DENIALS

QUEUES = {"uploads": "the upload queue", "refused": "the refused queue", "dead": "the dead letters"}
UNKNOWN = frozenset({"ResourceNotFoundException"})
# The test message that S3 sends when a notification is set; the function drops it.
TEST_EVENT = '{{"Service": "Amazon S3", "Event": "s3:TestEvent"}}'


def _one(  # noqa: PLR0913 - a column has this many properties
    group: str,
    name: str,
    says: str,
    call: tuple[str, str],
    action: str,
    resource: str,
    owner: str,
    *,
    refusals: frozenset[str] = DENIALS,
    unknown_abroad: frozenset[str] = frozenset(),
    after_the_decision: frozenset[str] = frozenset(),
    **parameters: Any,
) -> Attempt:
    return Attempt(
        group=group,
        name=name,
        says=says,
        needs=(Need(action=action, resource=resource, owner=owner),),
        service=call[0],
        operation=call[1],
        parameters=parameters,
        refusals=refusals,
        unknown_abroad=unknown_abroad,
        after_the_decision=after_the_decision,
    )


def _queue(queue: str, title: str) -> tuple[Attempt, ...]:
    arn, url = f"{{{queue}_arn}}", f"{{{queue}_url}}"
    return (
        _one(
            "queues",
            f"send to {title}",
            f"send to {title}",
            ("sqs", "send_message"),
            "sqs:SendMessage",
            arn,
            "{producer}",
            QueueUrl=url,
            MessageBody=TEST_EVENT,
        ),
        _one(
            "queues",
            f"receive from {title}",
            f"receive from {title}",
            ("sqs", "receive_message"),
            "sqs:ReceiveMessage",
            arn,
            "{producer}",
            QueueUrl=url,
            VisibilityTimeout=0,
        ),
        _one(
            "queues",
            f"purge {title}",
            f"purge {title}",
            ("sqs", "purge_queue"),
            "sqs:PurgeQueue",
            arn,
            "{producer}",
            QueueUrl=url,
            after_the_decision=frozenset({"AWS.SimpleQueueService.PurgeQueueInProgress"}),
        ),
    )


def _delivery(queue: str, title: str) -> Attempt:
    """S3 sends a test message, with the same call as a delivery, when a notification is set."""
    return _one(
        "deliveries",
        f"to {title}",
        f"deliver events to {title}",
        ("s3", "put_bucket_notification_configuration"),
        "sqs:SendMessage",
        f"{{{queue}_arn}}",
        "{producer}",
        # "Unable to validate the following destination configurations".
        refusals=frozenset({"InvalidArgument"}),
        Bucket="{source_bucket}",
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": f"{{{queue}_arn}}", "Events": ["s3:ObjectCreated:*"]}
            ]
        },
    )


ROLES = (
    *(
        _one(
            "roles",
            f"assume {title}",
            f"assume {title}",
            ("sts", "assume_role"),
            "sts:AssumeRole",
            f"{{{role}}}",
            owner,
            RoleArn=f"{{{role}}}",
            RoleSessionName="{probe}",
        )
        for role, title, owner in (
            ("thumbx_role", "ThumbXRole", "{storage}"),
            ("execution_role", "the execution role", "{producer}"),
        )
    ),
    _one(
        "roles",
        "change the trust of the execution role",
        "change who may assume the execution role",
        ("iam", "update_assume_role_policy"),
        "iam:UpdateAssumeRolePolicy",
        "{execution_role}",
        "{producer}",
        unknown_abroad=frozenset({"NoSuchEntity"}),
        RoleName="{execution_role_name}",
        PolicyDocument=Current("trust of the execution role"),
    ),
    _one(
        "roles",
        "change the trust of ThumbXRole",
        "change who may assume ThumbXRole",
        ("iam", "update_assume_role_policy"),
        "iam:UpdateAssumeRolePolicy",
        "{thumbx_role}",
        "{storage}",
        unknown_abroad=frozenset({"NoSuchEntity"}),
        RoleName="{thumbx_role_name}",
        PolicyDocument=Current("trust of ThumbXRole"),
    ),
)

FUNCTION = (
    _one(
        "function and log",
        "invoke the function",
        "invoke the function",
        ("lambda", "invoke"),
        "lambda:InvokeFunction",
        "{function_arn}",
        "{producer}",
        unknown_abroad=UNKNOWN,
        FunctionName="{function_arn}",
        InvocationType="DryRun",
    ),
    _one(
        "function and log",
        "replace its code",
        "replace the function's code",
        ("lambda", "update_function_code"),
        "lambda:UpdateFunctionCode",
        "{function_arn}",
        "{producer}",
        unknown_abroad=UNKNOWN,
        FunctionName="{function_arn}",
        DryRun=True,
        # The call has no code, because the permission is checked first; nothing has to be put back.
        after_the_decision=frozenset({"InvalidParameterValueException"}),
    ),
    _one(
        "function and log",
        "change its settings",
        "change the function's settings",
        ("lambda", "update_function_configuration"),
        "lambda:UpdateFunctionConfiguration",
        "{function_arn}",
        "{producer}",
        unknown_abroad=UNKNOWN,
        FunctionName="{function_arn}",
        Description=Current("description"),
    ),
    _one(
        "function and log",
        "read the log",
        "read the function's log",
        ("logs", "filter_log_events"),
        "logs:FilterLogEvents",
        "{log_group_arn}",
        "{producer}",
        unknown_abroad=UNKNOWN,
        logGroupName="{log_group}",
        limit=1,
    ),
    _one(
        "function and log",
        "write to the log",
        "write to the function's log",
        ("logs", "create_log_stream"),
        "logs:CreateLogStream",
        "{log_group_arn}:log-stream:{probe}",
        "{producer}",
        unknown_abroad=UNKNOWN,
        logGroupName="{log_group}",
        logStreamName="{probe}",
    ),
)

TRAIL = (
    _one(
        "trail",
        "stop the trail",
        "stop the trail",
        ("cloudtrail", "stop_logging"),
        "cloudtrail:StopLogging",
        "{trail_arn}",
        "{storage}",
        unknown_abroad=frozenset({"TrailNotFoundException"}),
        Name="{trail_arn}",
    ),
)

ATTEMPTS = (
    *ROLES,
    *OBJECTS,
    *BUCKET,
    *OTHER_BUCKETS,
    *(attempt for queue, title in QUEUES.items() for attempt in _queue(queue, title)),
    *FUNCTION,
    *TRAIL,
    *(_delivery(queue, title) for queue, title in QUEUES.items()),
    *KEY,
    *PRESIGNED,
    *FOLLOW,
    *SERVICES,
    *EXISTING,
    *TRAIL_FILES,
    *WORKFLOWS,
)
