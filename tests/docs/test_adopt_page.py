"""The documents that docs/adopt.md shows, tried as a reader would use them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from proof.evaluation import Request, evaluate
from recording.program import PROJECT

PAGE = (PROJECT / "docs" / "adopt.md").read_text("utf-8")
BLOCKS: list[dict[str, Any]] = [
    json.loads(each) for each in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
]
TOPIC = "arn:aws:sns:eu-central-1:222222222222:their-uploads"


@pytest.mark.parametrize(
    ("topic", "account", "may"),
    [
        (TOPIC, "222222222222", True),
        (TOPIC.replace("their-uploads", "another"), "222222222222", False),
        (TOPIC.replace("222222222222", "333333333333"), "333333333333", False),
    ],
)
def test_the_statement_lets_one_topic_send(topic: str, account: str, *, may: bool) -> None:
    """A statement for every topic would let anybody fill the queue."""
    (statement,) = [each for each in BLOCKS if each.get("Sid") == "UploadsByTopic"]
    request = Request(
        principal="sns.amazonaws.com",
        action="sqs:SendMessage",
        resource=statement["Resource"],
        owner="111111111111",
        context={"aws:SourceArn": topic, "aws:SourceAccount": account},
        resource_policy={"Version": "2012-10-17", "Statement": [statement]},
    )
    (answer,) = evaluate([request])
    assert answer.allowed is may
