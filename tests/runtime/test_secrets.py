"""No credential is in the function's output, at any log level and after any error."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.handler.conftest import message, picture, record, upload
from tests.handler.fake_aws import AwsError, Call
from tests.handler.pictures import quadrants, saved
from tests.handler.pictures.forged import crashing_heic
from tests.runtime.box import Box
from tests.runtime.services import CANARY, OWN_TOKEN, ROLE_SECRET, ROLE_TOKEN, Services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.runtime.deployed import Deployed

pytestmark = [pytest.mark.xdist_group("runtime"), pytest.mark.timeout(300)]

# What Lambda's console and API offer, and what thumbx:function.logLevel takes.
LAMBDAS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
OURS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# As S3 quotes a token that it does not accept.
QUOTED = f"<Token-0>{ROLE_TOKEN}</Token-0><StringToSign>{OWN_TOKEN}</StringToSign></Error>".encode()

KEY = "originals/a.png"


def failing(operation: str, error: AwsError) -> Callable[[Call], None]:
    def before(call: Call) -> None:
        if call.operation == operation:
            raise error

    return before


def events(services: Services) -> Iterator[dict[str, Any]]:
    """Every possible result of an upload, one after the other; prepares AWS for each."""
    good = upload(services, KEY, picture())

    services.cut = lambda _, body: body.replace(b"</Error>", QUOTED)
    # Before there are credentials: STS refuses, keeps throttling, and its answer breaks off.
    for code in ("AccessDenied", "ExpiredToken"):
        services.before = failing("AssumeRole", AwsError(403, code))
        yield good
    services.before = lambda _: None
    for cut in (lambda body: body[:-40], lambda body: body[:-1] + b"\x00", lambda _: b""):
        services.cut = lambda kind, body, cut=cut: cut(body) if kind == "sts" else body
        yield good
    services.cut = lambda _, body: body
    yield good
    yield upload(services, "originals/a.tif", saved(quadrants(), "TIFF"))
    yield upload(services, "originals/bad.heic", crashing_heic())
    yield upload(services, "originals/a.txt", b"no picture")
    yield message(record("originals/nobody.png"))
    yield message(body="[" * 100_000)
    yield message(body=ROLE_SECRET[len(CANARY) :])
    yield message(record(KEY, bucket="another"))
    services.cut = lambda _, body: body.replace(b"</Error>", QUOTED)
    for operation in ("GetObject", "PutObject", "HeadObject"):
        for code in ("AccessDenied", "ExpiredToken", "InvalidToken", "SignatureDoesNotMatch"):
            services.before = failing(operation, AwsError(403, code))
            yield good
    services.before = failing("SendMessage", AwsError(403, "AccessDenied"))
    yield upload(services, "originals/b.txt", b"no picture")
    services.before = lambda _: None
    services.cut = lambda kind, body: body[: len(body) // 2] if kind == "s3" else body
    yield good
    services.cut = lambda kind, body: b"<garbage" if kind != "s3" else body
    yield upload(services, "originals/c.txt", b"no picture")
    services.cut = lambda _, body: body


COMBINATIONS = (
    *((level, "INFO", "JSON") for level in LAMBDAS),
    *(("DEBUG", level, "JSON") for level in OURS if level != "INFO"),
    ("", "DEBUG", "Text"),
    ("DEBUG", "DEBUG", "Text"),
)


@pytest.mark.slow
def test_no_secret_and_no_token_comes_out_at_any_level(deployed: Deployed) -> None:
    """With one of botocore's log lines an outsider could read originals and put forged
    thumbnails.
    """
    with ThreadPoolExecutor(4) as pool:  # they mostly wait between attempts
        outputs = dict(
            zip(COMBINATIONS, pool.map(partial(output_of, deployed), COMBINATIONS), strict=True)
        )
    for combination, out in outputs.items():
        assert len(out.splitlines()) > 5, combination
        for secret in (CANARY, ROLE_TOKEN[-40:], OWN_TOKEN[-40:]):
            assert secret not in out, combination
        assert '"level": "DEBUG"' not in out, combination
        assert "[DEBUG]" not in out, combination
    assert "upload" in outputs["DEBUG", "INFO", "JSON"]


def output_of(deployed: Deployed, combination: tuple[str, str, str]) -> str:
    """What a function of these levels prints, whatever it meets."""
    lambdas, ours, format_ = combination
    services = Services()
    levels = {"AWS_LAMBDA_LOG_FORMAT": format_, "POWERTOOLS_LOG_LEVEL": ours}
    with Box(deployed, services, level=lambdas, **levels) as function:
        kinds = {function.invoke(event)[0] for event in events(services)}
        assert kinds == {"response"}, combination
        out = function.log()
    services.close()
    return out


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_a_function_that_does_not_start_tells_no_secret(
    box: Callable[..., Box], services: Services, level: str
) -> None:
    """Its traceback is in the log at every level."""
    function = box(level=level, BUCKET_OWNER="")
    assert function.api.init_error["errorType"] == "SettingsError"
    assert "BUCKET_OWNER" in function.log()
    assert CANARY not in function.log()
