"""Two deployed accounts for boto3: real clients whose calls are answered before anything is sent.

The state is the recorded program's under other physical names, in AWS's format; a test changes only
the part that it is about. Every call is noted, and a call without an answer is an error.
"""

from __future__ import annotations

import copy
import functools
import io
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from audit.accounts.clients import AccountClients, refuse_other_calls
from tests.audit import events

if TYPE_CHECKING:
    from pathlib import Path

    from recording.recording import Recording

# SQS in the recording, and as SQS itself may name it (China, FIPS, its older form).
HOSTS = ("sqs.eu-central-1.amazonaws.com", "eu-central-1.queue.amazonaws.com")
OLD, NEW = "0a1b2c3", "1b2c3d4"
ROLE_ID = "AROADEPLOYED00000000"
NUMBERS = {"producer": events.A, "storage": events.B}
LOG_BUCKET = f"thumbx-logs-{NEW}"
KEY = "A0123456789012345678"
THEIRS = "their-pictures"  # an existing bucket
MAPPING_ID = "0f0e0d0c-1a2b-3c4d-5e6f-708192a3b4c5"


@dataclass
class Aws:
    """`answers` by account, service and operation: a value, or a function of the parameters, to
    which the client's region is added as `region`."""

    answers: dict[tuple[str, str, str], Any]
    calls: set[tuple[str, str, str]] = field(default_factory=set)

    def access(self) -> AccountClients:
        """Access to these accounts, valid until the next call, because clients take long to
        make.
        """

        def make(account: str, service: str, region: str | None) -> Any:
            client, asks = _client(account, service, region or events.REGION)
            asks[0] = self
            return client

        return AccountClients(make)

    def answer(self, key: tuple[str, str, str], asked: dict[str, Any]) -> Any:
        self.calls.add(key)
        given = self.answers[key]
        found = given(asked) if callable(given) else copy.deepcopy(given)
        if isinstance(found, Exception):
            raise found
        return _quoted(found) if key[1] == "iam" else found


@functools.cache
def _client(account: str, service: str, region: str) -> tuple[Any, list[Aws]]:
    """A client with the audit's own refusal; this class answers its calls."""
    client = boto3.Session(
        aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=region
    ).client(service)
    refuse_other_calls(client, account)
    asks: list[Any] = [None]
    asked: list[dict[str, Any]] = [{}]

    def answer(model: Any, **_: Any) -> Any:
        found = asks[0].answer((account, service, model.name), asked[0])
        return SimpleNamespace(status_code=200, headers={}), found

    client.meta.events.register(
        "before-parameter-build",
        lambda params, **_: asked.__setitem__(0, params | {"region": region}),
    )
    client.meta.events.register("before-call", answer)
    return client, asks


def _quoted(value: Any) -> Any:
    """IAM sends documents as quoted JSON, which botocore reads."""
    if isinstance(value, dict):
        return {
            key: quote(json.dumps(inner)) if key.endswith("PolicyDocument") else _quoted(inner)
            for key, inner in value.items()
        }
    return value


def denied(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)


def gone(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no such thing"}}, operation)


def deployed(dev: Recording, folder: Path | None = None) -> Aws:
    """The program as deployed, and a trail whose files are those below `folder`."""

    recorded, ours = (f"https://{host}/" for host in HOSTS)

    def inputs(name: str, token: str) -> dict[str, Any]:
        text = json.dumps(dev.named(name, token).inputs).replace(recorded, ours)
        return json.loads(text.replace(OLD, NEW).replace("AROATHUMBXROLE000000", ROLE_ID))

    def policy(name: str, token: str, key: str = "policy") -> Any:
        return json.loads(inputs(name, token)[key])

    def queue(name: str) -> dict[str, str]:
        given = inputs(name, "aws:sqs/queue:Queue")
        words = {
            "messageRetentionSeconds": "MessageRetentionPeriod",
            "visibilityTimeoutSeconds": "VisibilityTimeout",
        }
        attributes = {word: str(int(given[key])) for key, word in words.items() if key in given}
        attributes["SqsManagedSseEnabled"] = str(given["sqsManagedSseEnabled"]).lower()
        for allow in dev.of("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"):
            if allow.inputs["queueUrl"].endswith(f"/{name}-{OLD}"):
                attributes["RedriveAllowPolicy"] = inputs(allow.name, allow.token)[
                    "redriveAllowPolicy"
                ]
        attributes |= {
            "Policy": inputs(f"{name}-policy", "aws:sqs/queuePolicy:QueuePolicy")["policy"]
        }
        for redrive in dev.of("aws:sqs/redrivePolicy:RedrivePolicy"):
            if redrive.name == f"{name}-redrive":
                attributes["RedrivePolicy"] = inputs(redrive.name, redrive.token)["redrivePolicy"]
        return attributes

    function = inputs("ThumbX-function", "aws:lambda/function:Function")
    role, role_policy = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
    granted = {
        (given["role"], each.name): {"PolicyDocument": json.loads(given["policy"])}
        for each in dev.of(role_policy)
        for given in [inputs(each.name, role_policy)]
    }
    queues = {
        account: {
            f"{name}-{NEW}": queue(name)
            for name in _in_account(dev, "aws:sqs/queue:Queue", account)
        }
        for account in NUMBERS
    }
    roles = {
        f"{name}-{NEW}": {
            "RoleId": ROLE_ID,
            "AssumeRolePolicyDocument": policy(name, role, "assumeRolePolicy"),
        }
        for account in NUMBERS
        for name in _in_account(dev, role, account)
    }
    bucket = dev.exports["bucket"].replace(OLD, NEW)
    bucket_policies = {
        document["bucket"]: json.loads(document["policy"])
        for each in dev.of("aws:s3/bucketPolicy:BucketPolicy")
        for document in [inputs(each.name, each.token)]
    }
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*.gz")} if folder else {}
    answers: dict[tuple[str, str, str], Any] = {
        ("storage", "s3", "ListBuckets"): {"Buckets": [{"Name": bucket}, {"Name": LOG_BUCKET}]},
        ("storage", "s3", "ListObjectsV2"): lambda asked: _listed(files, bucket, asked),
        ("storage", "s3", "GetObject"): lambda asked: _got(files[asked["Key"]]),
        ("storage", "s3", "GetBucketPolicy"): lambda asked: {
            "Policy": json.dumps(bucket_policies[asked["Bucket"]])
        },
        ("storage", "s3", "GetPublicAccessBlock"): {
            "PublicAccessBlockConfiguration": dict.fromkeys(
                (
                    "BlockPublicAcls",
                    "IgnorePublicAcls",
                    "BlockPublicPolicy",
                    "RestrictPublicBuckets",
                ),
                True,
            )
        },
        ("storage", "s3", "GetBucketOwnershipControls"): {
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        },
        ("storage", "s3", "GetBucketEncryption"): {
            "ServerSideEncryptionConfiguration": {
                "Rules": [
                    {
                        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                        "BucketKeyEnabled": False,
                    }
                ]
            }
        },
        ("storage", "s3", "GetBucketVersioning"): {"Status": "Enabled"},
        ("storage", "s3", "GetBucketNotificationConfiguration"): {
            "QueueConfigurations": [
                {
                    "Id": each["id"],
                    "QueueArn": each["queueArn"],
                    "Events": each["events"],
                    "Filter": {
                        "Key": {"FilterRules": [{"Name": "Prefix", "Value": each["filterPrefix"]}]}
                    },
                }
                for found in dev.of("aws:s3/bucketNotification:BucketNotification")
                for each in inputs(found.name, found.token)["queues"]
            ],
            **({"EventBridgeConfiguration": {}} if dev.exports["bucket"] == THEIRS else {}),
        },
        ("producer", "lambda", "ListEventSourceMappings"): {
            "EventSourceMappings": [
                {
                    "UUID": MAPPING_ID,
                    "FunctionArn": _function_arn(),
                    "State": "Enabled",
                    "BatchSize": 10,
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                }
            ]
        },
        ("producer", "lambda", "GetFunctionConfiguration"): {
            "FunctionName": f"ThumbX-function-{NEW}",
            "Runtime": function["runtime"],
            "Handler": function["handler"],
            "MemorySize": int(function["memorySize"]),
            "Timeout": int(function["timeout"]),
            "Layers": [{"Arn": each} for each in function["layers"]],
            "CodeSha256": "c2hhMjU2",
            "Role": function["role"],
            "Environment": {"Variables": function["environment"]["variables"]},
            "LoggingConfig": {"LogGroup": f"ThumbX-logs-{NEW}"},
        },
        ("producer", "logs", "DescribeLogStreams"): {"logStreams": []},
        ("producer", "logs", "FilterLogEvents"): {"events": []},
    }
    for account, number in NUMBERS.items():
        selected = selectors(dev, number)
        answers |= {
            (account, "iam", "GetRole"): lambda asked: {"Role": roles[asked["RoleName"]]},
            (account, "iam", "ListRolePolicies"): lambda asked: {
                "PolicyNames": [name for role, name in granted if role == asked["RoleName"]]
            },
            (account, "iam", "GetRolePolicy"): lambda asked: copy.deepcopy(
                granted[asked["RoleName"], asked["PolicyName"]]
            ),
            (account, "sqs", "GetQueueUrl"): lambda asked, number=number: {
                "QueueUrl": f"{ours}{number}/{asked['QueueName']}"
            },
            (account, "sqs", "GetQueueAttributes"): lambda asked, account=account: {
                "Attributes": queues[account][asked["QueueUrl"].rpartition("/")[2]]
            },
            (account, "iam", "ListAttachedRolePolicies"): {"AttachedPolicies": []},
            (account, "iam", "ListUsers"): {"Users": [{"UserName": "alice"}]},
            (account, "iam", "ListAccessKeys"): {"AccessKeyMetadata": [_key(days=10)]},
            (account, "cloudtrail", "LookupEvents"): {"Events": []},
            (account, "cloudtrail", "DescribeTrails"): {
                "trailList": [trail(number)] if selected else []
            },
            (account, "cloudtrail", "GetEventSelectors"): {
                "AdvancedEventSelectors": selected
            },
            (account, "cloudtrail", "GetTrailStatus"): {"IsLogging": True},
            (account, "accessanalyzer", "ListAnalyzers"): {
                "analyzers": [
                    {"arn": f"arn:aws:access-analyzer:{events.REGION}:{account}:analyzer/a",
                     "type": "ACCOUNT", "status": "ACTIVE"}
                ]
            },
            (account, "accessanalyzer", "ListFindings"): {"findings": []},
        }  # fmt: skip
        answers |= watched(dev, account, number)
    answers["storage", "s3", "GetBucketLifecycleConfiguration"] = lambda asked: {
        "Rules": lifecycle(dev, asked["Bucket"])
    }
    answers["storage", "s3", "GetBucketReplication"] = gone(
        "ReplicationConfigurationNotFoundError", "GetBucketReplication"
    )
    return Aws(answers)


def lifecycle(dev: Recording, bucket: str) -> list[dict[str, Any]]:
    """As GetBucketLifecycleConfiguration has it."""
    (inputs,) = (
        each.inputs
        for each in dev.of("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
        if each.inputs["bucket"].replace(OLD, NEW) == bucket
    )
    return [_in_capitals(rule) for rule in inputs["rules"]]


def _in_capitals(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            "ID" if key == "id" else key[0].upper() + key[1:]: _in_capitals(inner)
            for key, inner in value.items()
        }
    return int(value) if isinstance(value, float) else value


def watched(dev: Recording, account: str, number: str) -> dict[tuple[str, str, str], Any]:
    """Alarms, rules with their targets, and topics, as the services have them."""

    def of(token: str) -> list[tuple[str, dict[str, Any]]]:
        return [
            (each.name, json.loads(json.dumps(each.inputs).replace(OLD, NEW)))
            for each in dev.resources
            if each.token == token and each.account == number
        ]

    targets = [given for _, given in of("aws:cloudwatch/eventTarget:EventTarget")]
    policies = {given["arn"]: given["policy"] for _, given in of("aws:sns/topicPolicy:TopicPolicy")}
    return {
        (account, "cloudwatch", "DescribeAlarms"): {
            "MetricAlarms": [
                {
                    "AlarmName": f"{name}-{NEW}",
                    "ActionsEnabled": True,
                    "Threshold": given["threshold"],
                    "ComparisonOperator": given["comparisonOperator"],
                    "EvaluationPeriods": int(given["evaluationPeriods"]),
                    "AlarmActions": given.get("alarmActions", []),
                }
                for name, given in of("aws:cloudwatch/metricAlarm:MetricAlarm")
            ]
        },
        (account, "events", "ListRules"): lambda asked: {
            "Rules": [
                {
                    "Name": f"{name}-{NEW}",
                    "State": given.get("state") or "ENABLED",
                    "EventPattern": given["eventPattern"].replace(
                        f"ThumbX-uploads-to-function-{NEW}", MAPPING_ID
                    ),
                }
                for name, given in of("aws:cloudwatch/eventRule:EventRule")
                if f"{name}-{NEW}".startswith(asked["NamePrefix"])
                and given.get("region", events.REGION) == asked["region"]
            ]
        },
        (account, "events", "ListTargetsByRule"): lambda asked: {
            "Targets": [
                {
                    "Id": "1",
                    "Arn": each["arn"],
                    "RoleArn": each.get("roleArn", ""),
                    "DeadLetterConfig": _in_capitals(each.get("deadLetterConfig", {})),
                }
                for each in targets
                if each["rule"] == asked["Rule"]
            ]
        },
        (account, "sns", "ListTopics"): {"Topics": [{"TopicArn": each} for each in policies]},
        (account, "sns", "GetTopicAttributes"): lambda asked: {
            "Attributes": {"Policy": policies[asked["TopicArn"]]}
        },
    }


def trail(account: str, **more: Any) -> dict[str, Any]:
    """The program's trail of an account, as DescribeTrails has it."""
    return {
        "Name": "thumbx-dev",
        "TrailARN": f"arn:aws:cloudtrail:{events.REGION}:{account}:trail/thumbx-dev",
        "HomeRegion": events.REGION,
        "S3BucketName": LOG_BUCKET,
        "LogFileValidationEnabled": True,
    } | more


def selectors(dev: Recording, account: str) -> list[dict[str, Any]]:
    """What the program's trail of an account selects, in CloudTrail's words."""
    words = {"field": "Field", "equals": "Equals", "startsWiths": "StartsWith"}
    made = [each for each in dev.of("aws:cloudtrail/trail:Trail") if each.account == account]
    text = json.dumps([each.inputs["advancedEventSelectors"] for each in made])
    return [
        {
            "Name": selector["name"],
            "FieldSelectors": [
                {words[key]: value for key, value in each.items()}
                for each in selector["fieldSelectors"]
            ],
        }
        for trail in json.loads(text.replace(OLD, NEW))
        for selector in trail
    ]


def _key(*, days: int) -> dict[str, Any]:
    made = datetime.now(UTC) - timedelta(days=days)
    return {"AccessKeyId": "AKIA0000000000001234", "Status": "Active", "CreateDate": made}


def _function_arn() -> str:
    return f"arn:aws:lambda:{events.REGION}:{events.A}:function:ThumbX-function-{NEW}"


def _in_account(dev: Recording, token: str, account: str) -> list[str]:
    return [each.name for each in dev.of(token) if each.account == NUMBERS[account]]


def _got(path: Path) -> dict[str, Any]:
    body = path.read_bytes()
    return {"Body": StreamingBody(io.BytesIO(body), len(body)), "ContentLength": len(body)}


def _listed(files: dict[str, Path], bucket: str, asked: dict[str, Any]) -> dict[str, Any]:
    """ListObjectsV2, with or without folders; the pictures' bucket holds one thumbnail."""
    if asked["Bucket"] == bucket:
        written = datetime.now(UTC) - timedelta(hours=1)
        return {"Contents": [{"Key": asked["Prefix"], "LastModified": written}]}
    prefix: str = asked["Prefix"]
    below = [key for key in sorted(files) if key.startswith(prefix)]
    if "Delimiter" not in asked:
        return {"Contents": [{"Key": key, "Size": files[key].stat().st_size} for key in below]}
    folders = {prefix + key.removeprefix(prefix).partition("/")[0] + "/" for key in below}
    return {"CommonPrefixes": [{"Prefix": each} for each in sorted(folders)]}
