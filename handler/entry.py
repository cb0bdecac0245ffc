"""The Lambda entry point, `handler.entry.handler`: glue only."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics

from handler.batch import Batch
from handler.budget import Budget
from handler.log import serialized, silence_libraries
from handler.objects import Store
from handler.pipeline import Pipeline
from handler.refusals import RefusedQueue
from handler.report import Journal
from handler.session import Clients, name_session
from handler.settings import read_settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

silence_libraries()

# Once a container, while Lambda starts it: what is wrong with the environment fails here.
settings = read_settings(os.environ)
session_name = name_session(os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""))
clients = Clients(settings.role_arn, session_name, policy=settings.session_policy)
store = Store(clients, settings.bucket, settings.bucket_owner)
refused = RefusedQueue(clients, settings.refused_queue_url)
budget = Budget(settings.memory)
pipeline = Pipeline(settings, store, refused, budget)
# RFC 3339, because Lambda's level filter takes a line with another timestamp for INFO.
logger = Logger(utc=True, use_rfc3339=True, json_serializer=serialized)
# Past Powertools, which takes Lambda's own level for its own where there is one. That one stays at
# INFO or below, because Lambda would drop the metrics with the lines.
logging.getLogger(logger.service).setLevel(settings.log_level)
batch = Batch(pipeline, budget, Journal(logger, Metrics()), clients)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Make the thumbnails of a batch; the messages that must come again are in the response.

    One by one even when all fail. To raise would bring back the same messages, but also count as an
    error of the function, and a batch often has one message only.
    """
    failures = batch.run(event["Records"], context)
    received = [message["messageId"] for message in event["Records"]]
    return {
        "batchItemFailures": [{"itemIdentifier": each} for each in received if each in failures]
    }
