"""S3, SQS and Lambda in memory, behind real boto3 clients: the calls of a reconcile run."""

from __future__ import annotations

import functools
import hashlib
import json
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

from audit.accounts.clients import AccountClients, refuse_other_calls
from reconcile import permissions

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "eu-central-1"
BUCKET = "thumbx-images-1a2b3c4"
A, B = "111111111111", "222222222222"
OLD = datetime(2026, 1, 1, tzinfo=UTC)
NEWER = OLD + timedelta(hours=1)
PAGE = 1000
QUEUES = ("ThumbX-uploads-0", "ThumbX-refused-0", "ThumbX-dead-letters-0")
ADOPTED = "holiday-pictures"  # an existing bucket
UNDELIVERED = "ThumbX-uploads-undelivered-0"


class Stored(SimpleNamespace):
    """One object: size, modified, etag, storage_class and metadata."""


def stored(when: datetime = OLD, size: int = 1_000_000, **more: Any) -> Stored:
    return Stored(**{"modified": when, "size": size, "etag": "e", "class_": "STANDARD",
                     "metadata": {}} | more)  # fmt: skip


class Memory:
    """Both accounts. `objects` by key; `queues` by name, each a list of (body, group)."""

    def __init__(
        self, objects: dict[str, Stored] | None = None, sizes: str = "small,large"
    ) -> None:
        self.objects = objects or {}
        self.queues: dict[str, deque[tuple[str, str | None]]] = {
            q: deque() for q in (*QUEUES, UNDELIVERED)
        }
        self.environment = {
            "TARGET_ROLE_ARN": f"arn:aws:iam::{B}:role/ThumbXRole-0",
            "BUCKET": BUCKET,
            "BUCKET_OWNER": B,
            "REFUSED_QUEUE_URL": "https://q/ThumbX-refused-0",
            "ORIGINALS_PREFIX": "originals/",
            "THUMBNAILS_PREFIX": "thumbnails/",
            "SIZES": json.dumps(dict.fromkeys(sizes.split(","), 64)),
            "FORMATS": "jpeg",
            "QUALITY": "80",
            "FIT": "inside",
            "BACKGROUND": "#ffffff",
            "ANIMATED": "false",
            "REMOVALS": "keep",
            "POWERTOOLS_LOG_LEVEL": "INFO",
            "POWERTOOLS_SERVICE_NAME": "thumbx",
            "POWERTOOLS_METRICS_NAMESPACE": "thumbx",
        }
        self.made: Counter[tuple[str, str, str]] = Counter()
        self.before: Callable[[str, dict[str, Any]], None] = lambda _operation, _asked: None
        """Called before each answer; may raise, as a process that is killed would end."""
        self.sent: list[str] = []
        self._sorted: list[str] | None = None

    def access(self) -> AccountClients:
        def make(account: str, service: str, region: str | None) -> Any:
            client, answers = _client(account, service, region or REGION)
            answers[0] = self._answer
            return client

        return AccountClients(make)

    def _answer(self, account: str, service: str, operation: str, asked: dict[str, Any]) -> Any:
        self.made[account, service, operation] += 1
        self.before(operation, asked)
        return getattr(self, f"_{xform_name(operation)}")(asked)

    def put(self, key: str, thing: Stored | None) -> None:
        self._sorted = None
        if thing is None:
            self.objects.pop(key, None)
        else:
            self.objects[key] = thing

    def _keys(self) -> list[str]:
        if self._sorted is None:
            self._sorted = sorted(self.objects)
        return self._sorted

    def _list_objects_v2(self, asked: dict[str, Any]) -> dict[str, Any]:
        prefix, keys = asked["Prefix"], self._keys()
        token = asked.get("ContinuationToken")
        start = bisect_right(keys, token) if token else bisect_left(keys, prefix)
        found: list[str] = []
        for index in range(start, len(keys)):
            key = keys[index]
            if key.startswith(prefix):
                found.append(key)
                if len(found) > PAGE:
                    break
            elif key > prefix:
                break
        page = found[:PAGE]
        return {
            "Contents": [
                {
                    "Key": key,
                    "Size": self.objects[key].size,
                    "LastModified": self.objects[key].modified,
                    "ETag": f'"{self.objects[key].etag}"',
                    "StorageClass": self.objects[key].class_,
                }
                for key in page
            ],
            "IsTruncated": len(found) > PAGE,
        } | ({"NextContinuationToken": page[-1]} if len(found) > PAGE else {})

    def _list_buckets(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"Buckets": [{"Name": BUCKET}]}

    def _head_object(self, asked: dict[str, Any]) -> dict[str, Any]:
        thing = self.objects.get(asked["Key"])
        if thing is None:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return {"Metadata": thing.metadata}

    def _delete_objects(self, asked: dict[str, Any]) -> dict[str, Any]:
        for each in asked["Delete"]["Objects"]:
            self.put(each["Key"], None)
        return {}

    def _get_bucket_notification_configuration(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"QueueConfigurations": [{"QueueArn": f"arn:aws:sqs:{REGION}:{A}:{QUEUES[0]}"}]}

    def _list_rules(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {
            "Rules": [
                {
                    "Name": f"ThumbX-uploads-rule-{bucket}",
                    "EventPattern": json.dumps({"detail": {"bucket": {"name": [bucket]}}}),
                }
                for bucket in (ADOPTED, "another")
            ]
        }

    def _list_targets_by_rule(self, asked: dict[str, Any]) -> dict[str, Any]:
        assert asked["Rule"].endswith(ADOPTED)
        return {
            "Targets": [
                {
                    "Id": "uploads",
                    "Arn": f"arn:aws:sqs:{REGION}:{A}:{QUEUES[0]}",
                    "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{B}:{UNDELIVERED}"},
                }
            ]
        }

    def _list_event_source_mappings(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {
            "EventSourceMappings": [
                {"FunctionArn": "f", "ScalingConfig": {"MaximumConcurrency": 10}}
            ]
        }

    def _get_function_configuration(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {
            "MemorySize": 1769,
            "Architectures": ["x86_64"],
            "Environment": {"Variables": self.environment},
        }

    def _get_queue_url(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"QueueUrl": f"https://q/{asked['QueueName']}"}

    def _get_queue_attributes(self, asked: dict[str, Any]) -> dict[str, Any]:
        redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{A}:{QUEUES[2]}"}
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(len(self._queue(asked))),
                "ApproximateNumberOfMessagesNotVisible": "0",
                "RedrivePolicy": json.dumps(redrive),
            }
        }

    def _send_message(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._queue(asked).append((asked["MessageBody"], asked.get("MessageGroupId")))
        self.sent.append(json.loads(asked["MessageBody"])["key"])
        return {"MessageId": "m", "MD5OfMessageBody": _digest(asked["MessageBody"])}

    def _send_message_batch(self, asked: dict[str, Any]) -> dict[str, Any]:
        for each in asked["Entries"]:
            self._send_message(asked | each)
        return {
            "Successful": [
                {
                    "Id": each["Id"],
                    "MessageId": "m",
                    "MD5OfMessageBody": _digest(each["MessageBody"]),
                }
                for each in asked["Entries"]
            ]
        }

    def _receive_message(self, asked: dict[str, Any]) -> dict[str, Any]:
        queue = self._queue(asked)
        taken = [queue.popleft()[0] for _ in range(min(10, len(queue)))]
        return {
            "Messages": [
                {"Body": body, "ReceiptHandle": body, "MD5OfBody": _digest(body)} for body in taken
            ]
        }

    def _delete_message(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _change_message_visibility(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._queue(asked).append((asked["ReceiptHandle"], None))
        return {}

    def _queue(self, asked: dict[str, Any]) -> deque[tuple[str, str | None]]:
        return self.queues[asked["QueueUrl"].rpartition("/")[2]]


@functools.cache
def _client(account: str, service: str, region: str) -> tuple[Any, list[Any]]:
    """A client that refuses what the command's own client refuses; Memory answers the rest."""
    session = boto3.Session(aws_access_key_id=A, aws_secret_access_key=A, region_name=region)
    client = session.client(service)
    refuse_other_calls(client, account, permissions.operations)
    answers: list[Any] = [None]
    asked: list[dict[str, Any]] = [{}]
    client.meta.events.register(
        "before-parameter-build", lambda params, **_: asked.__setitem__(0, params)
    )

    def answer(model: Any, **_: Any) -> Any:
        found = answers[0](account, service, model.name, asked[0])
        return SimpleNamespace(status_code=200, headers={}), found

    client.meta.events.register("before-call", answer)
    return client, answers


def _digest(body: str) -> str:
    return hashlib.md5(body.encode()).hexdigest()  # noqa: S324 - SQS's own, which boto3 compares
