"""The table of docs/security.md about scanners, which `make scan` compares with what they say."""

from __future__ import annotations

import pytest

from pipeline.answers import HEADING, PAGE, ScannerFinding, answers, unanswered
from pipeline.errors import PipelineError
from pipeline.terraform import plan
from tests.recorded import record

TEXT = PAGE.read_text("utf-8")
NO, YES = ("CKV_AWS_1", "bucket"), ("CKV_AWS_2", "bucket")


def _table(*rows: str) -> str:
    return "\n".join([HEADING, "", "| rule | on | answer |", "| --- | --- | --- |", *rows])


def test_the_table_of_the_page_can_be_read() -> None:
    """Each row names rules, resources and a kind of answer with its reason, and none twice."""
    found = answers(TEXT)
    assert len(found) > 100
    assert {"satisfied", "no", "by option", "scanner"} <= set(found.values())
    assert found["CKV2_AWS_73", "queues"] == "satisfied"
    assert found["CKV_AWS_393", "workflow roles"] == "scanner"
    assert found["CKV_AWS_379", "bucket"] == "not evaluated"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("| CKV_AWS_1 | bucket | maybe: who knows |", "begins with 'maybe'"),
        ("| CKV_AWS_1 | bucket | no: |", "begins with 'no'"),
        ("| CKV_AWS_1 | bucket | satisfied |", "begins with 'satisfied'"),
        ("| CKV_1 | bucket | no: a reason |", "'CKV_1' on 'bucket' is no rule"),
        ("| CKV_AWS_1 | buckets | no: a reason |", "'CKV_AWS_1' on 'buckets' is no rule"),
        ("| CKV_AWS_1 | no: a reason |", "has 2 cells and not three"),
        ("| CKV_AWS_1, CKV_AWS_1 | bucket | no: a reason |", "CKV_AWS_1 on bucket twice"),
    ],
)
def test_a_row_that_says_nothing_is_refused(row: str, says: str) -> None:
    with pytest.raises(PipelineError, match=says):
        answers(_table(row))


def test_a_rule_that_fails_is_answered_or_said() -> None:
    """If the page calls a rule satisfied and the rule fails, that is not taken for an answer."""
    known = answers(
        _table("| CKV_AWS_1 | bucket | no: a reason |", "| CKV_AWS_2 | bucket | satisfied: yes |")
    )
    assert known == {NO: "no", YES: "satisfied"}
    where = {"resource": "aws_s3_bucket.thumbx_images"}
    assert unanswered([ScannerFinding(rule="CKV_AWS_1", **where)], known) == []
    assert unanswered([ScannerFinding(rule="CKV_AWS_2", **where)], known) == [
        "CKV_AWS_2 fails on bucket (aws_s3_bucket.thumbx_images), called satisfied"
    ]
    other = ScannerFinding(rule="CKV_AWS_1", resource="aws_s3_bucket.thumbx_logs")
    assert unanswered([other], known) == [
        "CKV_AWS_1 fails on log bucket (aws_s3_bucket.thumbx_logs), and no row answers it"
    ]


def test_the_plan_that_a_scanner_reads_says_what_the_program_does(layer: None) -> None:
    """A setting under a wrong name, or a wrong reference, makes a rule fail always; a list where
    Terraform has a block makes a rule pass always."""
    made = plan(record("dev"))
    planned = {each["address"]: each for each in made["planned_values"]["root_module"]["resources"]}
    refers = {each["address"]: each for each in made["configuration"]["root_module"]["resources"]}
    block = "aws_s3_bucket_public_access_block.thumbx_images_public_access"
    assert planned[block]["values"] == dict.fromkeys(
        (
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        ),
        True,
    )
    assert refers[block]["expressions"]["bucket"]["references"][1] == "aws_s3_bucket.thumbx_images"
    encryption = "aws_s3_bucket_server_side_encryption_configuration.thumbx_images_encryption"
    (rule,) = planned[encryption]["values"]["rule"]
    assert rule["apply_server_side_encryption_by_default"] == [{"sse_algorithm": "AES256"}]
    function = planned["aws_lambda_function.ThumbX_function"]["values"]
    assert isinstance(function["memory_size"], int)
    assert "BUCKET_OWNER" in function["environment"][0]["variables"]
    selectors = planned["aws_cloudtrail.ThumbX_storage_trail"]["values"]["advanced_event_selector"]
    assert selectors[0]["field_selector"][0]["field"] == "eventCategory"
