"""Whose credentials the clients use, for how long, and under which name."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore.stub import Stubber

from handler.pictures.errors import FailedError
from handler.session import Clients, assume_role, name_session, translated
from tests.handler.fake_aws import ANYWHERE, BUCKET, OWNER, ROLE_ARN, START, Call, FakeAws

if TYPE_CHECKING:
    from collections.abc import Callable

HEX = "0123456789abcdef" * 2
LEGAL = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


@pytest.fixture(scope="module")
def sts() -> Any:
    return botocore.session.Session().create_client("sts", **ANYWHERE)


def granted(key_id: str, expiry: datetime) -> dict[str, Any]:
    return {
        "Credentials": {
            "AccessKeyId": key_id,
            "SecretAccessKey": "secret",
            "SessionToken": "token",
            "Expiration": expiry,
        }
    }


EXPECTED = {"RoleArn": ROLE_ARN, "RoleSessionName": "thumbx-me", "DurationSeconds": 3600}


def test_the_role_is_assumed_with_these_parameters_and_no_others(sts: Any) -> None:
    """Over 3,600 s STS refuses a chained role; an empty session policy is an error to it."""
    with Stubber(sts) as stub:
        stub.add_response("assume_role", granted("A" * 16, START + timedelta(hours=1)), EXPECTED)
        credentials = assume_role(sts, ROLE_ARN, "thumbx-me", lambda: START)
        assert credentials.get_frozen_credentials().access_key == "A" * 16
        stub.assert_no_pending_responses()


def test_nothing_is_asked_of_sts_before_a_call_is_made(sts: Any) -> None:
    """A container that starts while STS is away would otherwise die at once."""
    with Stubber(sts):
        assume_role(sts, ROLE_ARN, "thumbx-me", lambda: START)


def test_a_session_policy_goes_along_where_there_is_one(
    start: Callable[..., Any], aws: FakeAws
) -> None:
    """Without the policy, every session would have every permission that the role has."""
    policy = '{"Version": "2012-10-17", "Statement": []}'
    clients = start(SESSION_POLICY=policy).entry.clients
    with Stubber(clients.sts) as stub:
        expected = EXPECTED | {"RoleSessionName": clients.session_name, "Policy": policy}
        stub.add_response("assume_role", granted("A" * 16, aws.now + timedelta(hours=1)), expected)
        clients.sign_in()
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("left", "key_id"), [(60, "A" * 16), (59, "B" * 16)])
def test_credentials_are_renewed_in_their_last_minute(sts: Any, left: int, key_id: str) -> None:
    """Later, a request on its way could arrive with credentials that have ended."""
    hour = timedelta(hours=1)
    clock = {"now": START}
    with Stubber(sts) as stub:
        stub.add_response("assume_role", granted("A" * 16, START + hour), EXPECTED)
        stub.add_response("assume_role", granted("B" * 16, START + 2 * hour), EXPECTED)
        credentials = assume_role(sts, ROLE_ARN, "thumbx-me", lambda: clock["now"])
        assert credentials.get_frozen_credentials().access_key == "A" * 16
        clock["now"] += hour - timedelta(seconds=left)
        assert credentials.get_frozen_credentials().access_key == key_id


def test_what_sts_refuses_is_a_failure_with_its_reason(sts: Any) -> None:
    """The queue should bring the upload again, and the log should name what was refused."""
    with Stubber(sts) as stub:
        stub.add_client_error("assume_role", "AccessDenied", "not authorized to perform")
        credentials = assume_role(sts, ROLE_ARN, "thumbx-me", lambda: START)
        with (
            pytest.raises(FailedError, match=r"(?s)assuming.*AccessDenied.*not authorized"),
            translated("assuming"),
        ):
            credentials.get_frozen_credentials()


@pytest.mark.parametrize("seconds", [60, 300])
def test_a_container_asks_sts_once_an_hour(environment: dict[str, str], seconds: int) -> None:
    """With botocore's own windows it would be a call every 45 minutes, and with separate clients
    a call for each.
    """
    asked = hours_of_asking(environment, seconds, hours=6)
    assert asked == [START + timedelta(hours=n) for n in range(6)]


def test_a_busy_container_asks_sts_once_in_59_minutes(environment: dict[str, str]) -> None:
    """With uploads all the time, the last minute of each hour always contains one."""
    asked = hours_of_asking(environment, 30, hours=6)
    assert {later - earlier for earlier, later in itertools.pairwise(asked)} == {
        timedelta(minutes=59, seconds=30)
    }


def hours_of_asking(environment: dict[str, str], seconds: int, hours: int) -> list[datetime]:
    """The times at which a container asks STS if it looks at an original every `seconds`."""
    aws = FakeAws()
    clients = Clients(ROLE_ARN, "thumbx-me", lambda: aws.now)
    aws.attach(clients)
    aws.put("originals/a.png", b"a")
    asked: list[datetime] = []

    def note(call: Call) -> None:
        if call.operation == "AssumeRole":
            asked.append(aws.now)

    aws.before = note
    while aws.now < START + timedelta(hours=hours):
        clients.s3.head_object(Bucket=BUCKET, Key="originals/a.png", ExpectedBucketOwner=OWNER)
        aws.now += timedelta(seconds=seconds)
    return asked


def test_each_container_has_one_client_of_each_service(
    start: Callable[..., Any], aws: FakeAws
) -> None:
    """A client takes tens of milliseconds and connections of its own."""
    entry = start().entry
    assert entry.store._clients is entry.clients
    assert entry.refused._clients.sqs is entry.clients.sqs


def test_sts_is_asked_in_the_functions_own_region(environment: dict[str, str]) -> None:
    """The global endpoint, the default of older runtimes, is in Virginia."""
    clients = Clients(ROLE_ARN, "thumbx-me")
    assert clients.sts.meta.endpoint_url == "https://sts.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("log_stream", "name"),
    [
        (f"2030/01/02/[$LATEST]{HEX}", f"thumbx-20300102-{HEX}"),
        (f"2030/01/02/[17]{HEX}", f"thumbx-20300102-{HEX}"),
        (f"2030/01/02/thumbs-1a2b3c4[$LATEST][{HEX}]", f"thumbx-20300102-{HEX}"),
        (f"2030/01/02/{'f' * 32}[3][{HEX}]", f"thumbx-20300102-{HEX}"),
        ("01234567-89ab-cdef-0123-456789abcdef", f"thumbx-20290617-{HEX}"),
    ],
)
def test_the_session_is_named_after_the_log_stream(log_stream: str, name: str) -> None:
    """So a line in the storage account's trail leads to one log stream of the producer's."""
    assert name_session(log_stream, lambda: datetime(2029, 6, 17, tzinfo=UTC)) == name


@pytest.mark.parametrize("log_stream", ["", "2030/01/02/[$LATEST]", "anything else"])
def test_without_digits_in_the_stream_a_container_still_has_a_name(log_stream: str) -> None:
    """SnapStart sets no stream at init; two containers must not share a name even then."""
    first, second = name_session(log_stream), name_session(log_stream)
    assert first != second
    assert re.fullmatch(r"thumbx-\d{8}-[0-9a-f]{32}", first)


@pytest.mark.parametrize(
    "log_stream",
    [
        f"2030/01/02/[$LATEST]{HEX}",
        f"2030/01/02/{'x' * 64}[$LATEST][{HEX}]",
        f"2030/01/02/{'-_' * 32}[{'9' * 20}][{HEX}]",
        "",
    ],
)
def test_sts_takes_every_session_name(log_stream: str) -> None:
    """STS refuses slashes, brackets and more than 64 characters; every upload would then fail."""
    assert LEGAL.fullmatch(name_session(log_stream))
