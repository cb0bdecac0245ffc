"""Every document of the program by equality, and rules that hold for all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.documents import document, documents, statement
from tests.filled import filled
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

A, B = "111111111111", "222222222222"
QUEUE = f"arn:aws:sqs:eu-central-1:{A}:ThumbX-uploads-0a1b2c3"
BUCKET = "arn:aws:s3:::thumbx-images-0a1b2c3"
FUNCTION = f"arn:aws:lambda:eu-central-1:{A}:function:ThumbX-function-0a1b2c3"
FROM_THE_FUNCTION = {"Condition": {"ArnEquals": {"lambda:SourceFunctionArn": FUNCTION}}}
THUMBX_ROLE = f"arn:aws:iam::{B}:role/ThumbXRole-0a1b2c3"
ORIGINALS, THUMBNAILS = f"{BUCKET}/originals/*", f"{BUCKET}/thumbnails/*"
UPLOADER, READER = f"arn:aws:iam::{B}:role/uploader", f"arn:aws:iam::{B}:role/reader"
ADMINISTRATOR = f"arn:aws:iam::{B}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Admin_*"
NOT_THUMBX = {"aws:userId": "AROATHUMBXROLE000000:*"}

ENCRYPTION = "s3:x-amz-server-side-encryption"
OTHER_ALGORITHM = {
    "StringNotEquals": {ENCRYPTION: "AES256"},
    "Null": {ENCRYPTION: "false"},
}
NAMED_KEY = {"Null": {f"{ENCRYPTION}-aws-kms-key-id": "false"}}


def deny(sid: str, condition: dict[str, Any], **what: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Principal": "*", **what, "Condition": condition}


def insecure(action: str, *resources: str) -> dict[str, Any]:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    return deny("DenyInsecureTransport", condition, Action=action, Resource=list(resources))


def test_only_lambda_for_functions_of_a_assumes_the_execution_role(dev: Recording) -> None:
    """Without the account, another account's function could use the role through AWS's service."""
    assert document(dev, "ThumbX-producer")["Statement"] == [
        {
            "Sid": "AssumeByLambda",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": A}},
        }
    ]


def test_lambda_drains_the_upload_queue_and_no_other(dev: Recording) -> None:
    """Lambda polls with credentials that name no function, so a condition on the function would
    stop all processing.
    """
    assert document(dev, "ThumbX-producer-poller")["Statement"] == [
        {
            "Sid": "DrainQueue",
            "Effect": "Allow",
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "Resource": QUEUE,
        }
    ]


def test_credentials_of_the_function_set_pictures_aside_and_log(dev: Recording) -> None:
    """More permissions would give a faulty function access to account A; without the condition,
    another function with this role could write false log lines."""
    first, second, *_ = document(dev, "ThumbX-producer-grants")["Statement"]
    assert first == {
        "Sid": "RefuseInput",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:eu-central-1:{A}:ThumbX-refused-0a1b2c3",
        **FROM_THE_FUNCTION,
    }
    assert second == {
        "Sid": "WriteLogs",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"arn:aws:logs:eu-central-1:{A}:log-group:ThumbX-logs-0a1b2c3:*",
        **FROM_THE_FUNCTION,
    }


def test_credentials_of_the_function_assume_exactly_thumbxrole(dev: Recording) -> None:
    """Without the condition, anybody who gets the role's credentials can assume ThumbXRole, on any
    machine. With it, only the function's own credentials can; AWS stores the key in them, so the
    condition does not stop a thief of these credentials."""
    assert statement(dev, "ThumbX-producer-grants", "AssumeThumbXRole") == {
        "Sid": "AssumeThumbXRole",
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": THUMBX_ROLE,
        **FROM_THE_FUNCTION,
    }


def test_with_other_credentials_of_the_role_no_grant_assumes_thumbxrole(dev: Recording) -> None:
    """In one account the trust policy alone admits the role, whatever conditions its own grant
    has.
    """
    assert statement(dev, "ThumbX-producer-grants", "DenyOtherCredentials") == {
        "Sid": "DenyOtherCredentials",
        "Effect": "Deny",
        "Action": "sts:AssumeRole",
        "Resource": THUMBX_ROLE,
        "Condition": {"ArnNotEquals": {"lambda:SourceFunctionArn": FUNCTION}},
    }


def test_the_function_is_granted_nothing_else(dev: Recording) -> None:
    """The statements above are the only ones."""
    said = [rule["Sid"] for rule in document(dev, "ThumbX-producer-grants")["Statement"]]
    assert said == ["RefuseInput", "WriteLogs", "AssumeThumbXRole", "DenyOtherCredentials"]


def test_only_the_emulators_stack_leaves_the_functions_arn_out(dev: Recording) -> None:
    """The emulator does not send the key; on AWS its absence is a relaxation nobody asked for."""
    loose = document(record("sandbox"), "ThumbX-producer-grants")["Statement"]
    bound = document(dev, "ThumbX-producer-grants")["Statement"]
    assert loose == [
        {element: value for element, value in rule.items() if element != "Condition"}
        for rule in bound
        if rule["Effect"] == "Allow"
    ]


def test_only_the_buckets_events_reach_the_queue(dev: Recording) -> None:
    """A bucket's name alone can be taken over by another account once it is deleted."""
    assert document(dev, "ThumbX-uploads-policy")["Statement"] == [
        {
            "Sid": "BucketEvents",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": QUEUE,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": BUCKET},
                "StringEquals": {"aws:SourceAccount": B},
            },
        },
        insecure("sqs:*", QUEUE),
    ]


def test_the_bucket_refuses_plain_http(dev: Recording) -> None:
    """Otherwise anybody on the network path could read a picture or a presigned URL."""
    refusal = statement(dev, "thumbx-images-policy", "DenyInsecureTransport")
    assert refusal == insecure("s3:*", BUCKET, f"{BUCKET}/*")


@pytest.mark.parametrize("queue", ["uploads", "dead-letters", "refused"])
def test_every_queue_refuses_plain_http(dev: Recording, queue: str) -> None:
    """Messages hold the names of pictures."""
    arn = f"arn:aws:sqs:eu-central-1:{A}:ThumbX-{queue}-0a1b2c3"
    assert insecure("sqs:*", arn) in document(dev, f"ThumbX-{queue}-policy")["Statement"]


@pytest.mark.parametrize("queue", ["ThumbX-dead-letters", "ThumbX-refused"])
def test_the_inner_queues_grant_nothing(dev: Recording, queue: str) -> None:
    """Only A's own roles need them, and those have grants of their own."""
    arn = f"arn:aws:sqs:eu-central-1:{A}:{queue}-0a1b2c3"
    assert document(dev, f"{queue}-policy")["Statement"] == [insecure("sqs:*", arn)]


def test_only_the_upload_queue_may_leave_dead_letters(dev: Recording) -> None:
    """Any queue of the account could otherwise fill it and bury the real ones."""
    policy = json.loads(dev.named("ThumbX-dead-letters-redrive").inputs["redriveAllowPolicy"])
    assert policy == {"redrivePermission": "byQueue", "sourceQueueArns": [QUEUE]}


def test_no_queue_is_another_queues_dead_letter_queue_but_one(program: Recording) -> None:
    """By SQS's default any queue of the account may name it as such, and its messages then arrive
    past the queue's policy."""
    queues = {each.outputs["url"]: each.name for each in program.of("aws:sqs/queue:Queue")}
    allowed = {
        queues[each.inputs["queueUrl"]]: json.loads(each.inputs["redriveAllowPolicy"])
        for each in program.of("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy")
    }
    assert set(allowed) == set(queues.values())
    dead_letters = {
        json.loads(each.inputs["redrivePolicy"])["deadLetterTargetArn"]
        for each in program.of("aws:sqs/redrivePolicy:RedrivePolicy")
    }
    for queue in program.of("aws:sqs/queue:Queue"):
        expected = "byQueue" if queue.outputs["arn"] in dead_letters else "denyAll"
        assert allowed[queue.name]["redrivePermission"] == expected, queue.name


def test_thumbxrole_trusts_exactly_the_producer_role(dev: Recording) -> None:
    """Account A's root here would hand the decision to every administrator of A."""
    assert document(dev, "ThumbXRole")["Statement"] == [
        {
            "Sid": "AssumeByProducer",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{A}:role/ThumbX-producer-0a1b2c3"},
            "Action": "sts:AssumeRole",
        }
    ]


def test_thumbxrole_gets_originals_and_puts_thumbnails(dev: Recording) -> None:
    """The third statement shows names below originals/ and nothing else. None of them applies to a
    bucket of the same name that another account made after ours was deleted."""
    ours = {"StringEquals": {"aws:ResourceAccount": B}}
    assert document(dev, "ThumbXRole-grants")["Statement"] == [
        {
            "Sid": "ReadOriginals",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": ORIGINALS,
            "Condition": ours,
        },
        {
            "Sid": "WriteThumbnails",
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": THUMBNAILS,
            "Condition": ours,
        },
        {
            "Sid": "SeeMissingOriginals",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": BUCKET,
            "Condition": {**ours, "StringLike": {"s3:prefix": "originals/*"}},
        },
    ]


def test_the_bucket_names_its_principals_and_refuses_the_rest(dev: Recording) -> None:
    """The whole policy is compared, in order, so that a reviewer reads what is deployed."""
    whole = [BUCKET, f"{BUCKET}/*"]
    none_of = lambda *arns: {"ArnNotLike": {"aws:PrincipalArn": list(arns)}}  # noqa: E731
    not_thumbx = {"StringNotLike": NOT_THUMBX}
    assert document(dev, "thumbx-images-policy")["Statement"] == [
        insecure("s3:*", *whole),
        deny(
            "DenyOldTls",
            {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
            Action="s3:*",
            Resource=whole,
        ),
        {
            "Sid": "AllowUploads",
            "Effect": "Allow",
            "Principal": {"AWS": [UPLOADER]},
            "Action": "s3:PutObject",
            "Resource": ORIGINALS,
        },
        {
            "Sid": "AllowReads",
            "Effect": "Allow",
            "Principal": {"AWS": [READER]},
            "Action": "s3:GetObject",
            "Resource": THUMBNAILS,
        },
        deny(
            "DenyOtherReadsOfOriginals",
            none_of(ADMINISTRATOR) | not_thumbx,
            Action="s3:GetObject",
            Resource=ORIGINALS,
        ),
        deny(
            "DenyOtherWritesOfOriginals",
            none_of(UPLOADER, ADMINISTRATOR),
            Action="s3:PutObject",
            Resource=ORIGINALS,
        ),
        deny(
            "DenyOtherReadsOfThumbnails",
            none_of(READER, ADMINISTRATOR),
            Action="s3:GetObject",
            Resource=THUMBNAILS,
        ),
        deny(
            "DenyOtherWritesOfThumbnails",
            none_of(ADMINISTRATOR) | not_thumbx,
            Action="s3:PutObject",
            Resource=THUMBNAILS,
        ),
        deny(
            "DenyOtherObjectActions",
            none_of(ADMINISTRATOR),
            NotAction=["s3:GetObject", "s3:PutObject"],
            Resource=f"{BUCKET}/*",
        ),
        deny(
            "DenyOtherPrefixes",
            none_of(ADMINISTRATOR),
            Action=["s3:GetObject", "s3:PutObject"],
            NotResource=[ORIGINALS, THUMBNAILS],
        ),
        deny(
            "DenyOtherAlgorithms",
            OTHER_ALGORITHM,
            Action="s3:PutObject",
            Resource=f"{BUCKET}/*",
        ),
        deny("DenyOtherKeys", NAMED_KEY, Action="s3:PutObject", Resource=f"{BUCKET}/*"),
    ]


def test_nobody_but_an_administrator_deletes_or_does_anything_else(dev: Recording) -> None:
    """Anybody else who is exempt here could delete pictures for ever, if their own role allows
    it.
    """
    assert statement(dev, "thumbx-images-policy", "DenyOtherObjectActions") == deny(
        "DenyOtherObjectActions",
        {"ArnNotLike": {"aws:PrincipalArn": [ADMINISTRATOR]}},
        NotAction=["s3:GetObject", "s3:PutObject"],
        Resource=f"{BUCKET}/*",
    )


def test_cloudfront_reads_thumbnails_for_its_distribution_only() -> None:
    """If every AWS service were exempt, any service that acts for anybody could read."""
    distribution = f"arn:aws:cloudfront::{B}:distribution/E2EXAMPLE"
    program = record("dev", {"access.readers": [distribution]})
    assert statement(program, "thumbx-images-policy", "AllowCloudFrontReads") == {
        "Sid": "AllowCloudFrontReads",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": THUMBNAILS,
        "Condition": {"ArnEquals": {"aws:SourceArn": [distribution]}},
    }
    refusal = statement(program, "thumbx-images-policy", "DenyOtherReadsOfThumbnails")
    assert refusal["Condition"] == {
        "ArnNotLike": {"aws:PrincipalArn": [ADMINISTRATOR]},
        "ArnNotEquals": {"aws:SourceArn": [distribution]},
    }


def test_readers_of_originals_are_named_and_spared() -> None:
    """A grant without an exemption would be refused, and an exemption without a grant would be a
    hole.
    """
    program = record("dev", {"access.originalReaders": [READER]})
    assert statement(program, "thumbx-images-policy", "AllowOriginalReads") == {
        "Sid": "AllowOriginalReads",
        "Effect": "Allow",
        "Principal": {"AWS": [READER]},
        "Action": "s3:GetObject",
        "Resource": ORIGINALS,
    }
    refusal = statement(program, "thumbx-images-policy", "DenyOtherReadsOfOriginals")
    assert refusal["Condition"] == {
        "ArnNotLike": {"aws:PrincipalArn": [READER, ADMINISTRATOR]},
        "StringNotLike": NOT_THUMBX,
    }


def test_with_nobody_named_the_refusals_spare_nobody_but_thumbxrole() -> None:
    """An empty list under a negated operator must not turn into "everyone is spared"."""
    nobody = {"access.uploaders": [], "access.readers": [], "access.administrators": []}
    policy = document(record("dev", nobody), "thumbx-images-policy")
    conditions = {each["Sid"]: each.get("Condition") for each in policy["Statement"]}
    assert conditions == {
        "DenyInsecureTransport": {"Bool": {"aws:SecureTransport": "false"}},
        "DenyOldTls": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        "DenyOtherReadsOfOriginals": {"StringNotLike": NOT_THUMBX},
        "DenyOtherWritesOfOriginals": None,
        "DenyOtherReadsOfThumbnails": None,
        "DenyOtherWritesOfThumbnails": {"StringNotLike": NOT_THUMBX},
        "DenyOtherObjectActions": None,
        "DenyOtherPrefixes": None,
        "DenyOtherAlgorithms": OTHER_ALGORITHM,
        "DenyOtherKeys": NAMED_KEY,
    }


def test_only_the_emulators_stack_spares_session_arns(dev: Recording) -> None:
    """The emulator puts the session's ARN into aws:PrincipalArn; AWS never does."""
    sandbox = statement(record("sandbox"), "thumbx-images-policy", "DenyOtherReadsOfThumbnails")
    assert sandbox["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == [
        READER,
        f"arn:aws:iam::{B}:role/administrator",
        f"arn:aws:sts::{B}:assumed-role/reader/*",
        f"arn:aws:sts::{B}:assumed-role/administrator/*",
    ]
    assert "assumed-role" not in json.dumps(document(dev, "thumbx-images-policy"))


def test_the_session_of_a_role_with_a_path_holds_its_name_alone() -> None:
    """A pattern that contains the path would match no session."""
    reader = f"arn:aws:iam::{B}:role/team/pictures/reader"
    nobody_else = {"access.administrators": [], "access.readers": [reader]}
    refusal = statement(
        record("sandbox", nobody_else), "thumbx-images-policy", "DenyOtherReadsOfThumbnails"
    )
    assert refusal["Condition"]["ArnNotLike"]["aws:PrincipalArn"] == [
        reader,
        f"arn:aws:sts::{B}:assumed-role/reader/*",
    ]


def test_no_allow_holds_a_wildcard(program: Recording) -> None:
    """A wildcard as action or principal also allows what AWS adds later; in a resource, it also
    matches other resources.
    """
    allows = [
        (f"{each.resource}: {rule['Sid']}", rule)
        for each in documents(program)
        for rule in each.statements
        if rule["Effect"] == "Allow"
    ]
    for where, rule in filled(allows):
        assert not {"NotAction", "NotPrincipal", "NotResource"} & set(rule), where
        assert "*" not in json.dumps([rule["Action"], rule.get("Principal")]), where
        for resource in _listed(rule.get("Resource", [])):
            head, star, tail = resource.partition("*")
            assert (star, tail) in {("", ""), ("*", "")}, where
            assert not star or head.endswith(("/", ":")), where
            assert head not in {"", "arn:aws:s3:::"}, where


def test_no_refusal_reaches_a_bucket_action_but_for_the_transport(program: Recording) -> None:
    """Denying PutBucketPolicy or GetBucket* locks the deployer out of what it deployed."""
    denies = [
        rule
        for rule in document(program, "thumbx-images-policy")["Statement"]
        if rule["Effect"] == "Deny" and rule["Sid"] not in {"DenyInsecureTransport", "DenyOldTls"}
    ]
    for rule in filled(denies):
        resources = _listed(rule.get("Resource", [])) or _listed(rule["NotResource"])
        assert all(each.startswith(f"{BUCKET}/") for each in resources), rule["Sid"]
        if "NotResource" in rule:
            assert set(rule["Action"]) == {"s3:GetObject", "s3:PutObject"}


def test_every_document_is_of_the_newest_version(program: Recording) -> None:
    """Without it IAM uses version 2008-10-17, which supports no policy variables."""
    for each in filled(documents(program)):
        assert each.body["Version"] == "2012-10-17", each.resource


def test_every_statement_says_its_intent(program: Recording) -> None:
    """A refusal, the matrix and a reviewer name a statement by its Sid."""
    for each in filled(documents(program)):
        sids = [rule.get("Sid", "") for rule in each.statements]
        assert all(sids), each.resource
        assert len(set(sids)) == len(sids), each.resource


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
