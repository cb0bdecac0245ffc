"""The Lambda entry point, `handler.entry.handler`: it only connects the modules."""

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

# This runs once for each container, while Lambda starts it, so a fault in the environment fails
# here.
settings = read_settings(os.environ)
session_name = name_session(os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""))
clients = Clients(settings.role_arn, session_name, policy=settings.session_policy)
store = Store(clients, settings.bucket, settings.bucket_owner, settings.cache_control)
refused = RefusedQueue(clients, settings.refused_queue_url)
budget = Budget(settings.memory)
pipeline = Pipeline(settings, store, refused, budget)
# RFC 3339, because Lambda's level filter counts a line with another timestamp as INFO.
logger = Logger(utc=True, use_rfc3339=True, json_serializer=serialized)
# Set directly, because Powertools uses Lambda's own level if there is one. The logger's level stays
# at INFO or below, because Lambda would drop the metrics together with the lines.
logging.getLogger(logger.service).setLevel(settings.log_level)
batch = Batch(pipeline, budget, Journal(logger, Metrics()), clients)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Make the thumbnails of a batch; the response names the messages to deliver again.

    It names them one by one even if all of them failed. An exception would bring back the same
    messages, but would also count as an error of the function, and a batch often has only one
    message.
    """
    failures = batch.run(event["Records"], context)
    received = [message["messageId"] for message in event["Records"]]
    return {
        "batchItemFailures": [{"itemIdentifier": each} for each in received if each in failures]
    }
