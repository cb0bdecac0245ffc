"""The log has no secret, and no line that shows another key than the uploaded one."""

from __future__ import annotations

import json
import logging
import sys
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from handler.log import serialized
from tests.handler.conftest import ENVIRONMENT, picture, upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.handler.conftest import Container
    from tests.handler.fake_aws import Call, FakeAws

SECRETS = ("hush", ENVIRONMENT["AWS_SECRET_ACCESS_KEY"])
BELOW_INFO = (1, 5, logging.DEBUG, 15, logging.INFO - 1)
SUSPECTS = ("", "botocore", "botocore.parsers", "botocore.credentials", "urllib3", "PIL")


@pytest.fixture
def levels() -> Iterator[None]:
    """Loggers that the test opens are closed again."""
    before = {name: logging.getLogger(name).level for name in SUSPECTS}
    handlers = list(logging.getLogger().handlers)
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
    logging.getLogger().handlers[:] = handlers


@pytest.mark.parametrize("level", BELOW_INFO)
def test_no_library_logs_below_info_whoever_sets_its_level(
    container: Container, aws: FakeAws, capsys: pytest.CaptureFixture[str], level: int, levels: None
) -> None:
    """At DEBUG botocore logs AssumeRole's answer: with that line an outsider reads originals."""
    logging.getLogger().addHandler(logging.StreamHandler(sys.stdout))
    for name in SUSPECTS:
        logging.getLogger(name).setLevel(level)
    assert container.invoke(upload(aws, "originals/a.png", picture())) == []
    logging.getLogger("of.a.library").log(level, "below info")
    out = capsys.readouterr().out
    assert '"outcome":"done"' in out
    assert "below info" not in out
    assert not [secret for secret in SECRETS if secret in out]


def test_an_answer_of_sts_that_breaks_off_is_not_quoted(
    container: Container, aws: FakeAws, capfd: pytest.CaptureFixture[str]
) -> None:
    """botocore quotes what it cannot parse, and a traceback quotes botocore."""
    whole = aws._assume

    def broken(call: Call, request: Any) -> tuple[dict[str, str], bytes]:
        headers, body = whole(call, request)
        assert b"hush" in body
        return headers, body[:-40]

    aws._assume = broken
    assert container.invoke(upload(aws, "originals/a.png", picture())) == ["m1"]
    captured = capfd.readouterr()
    assert "assuming ThumbXRole failed: ResponseParserError" in captured.out
    assert not [secret for secret in SECRETS if secret in captured.out + captured.err]


def test_a_line_shows_the_key_that_was_uploaded(
    container: Container, aws: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a terminal a reversed or overwritten line shows a key of somebody else's choice."""
    key = "originals/\x1b[2K\x7f\x9b\u202egpj.\u2066exe\u2028 ä 画.png"
    assert container.invoke(upload(aws, key, b"no picture")) == []
    (line,) = [each for each in capsys.readouterr().out.splitlines() if '"outcome"' in each]
    assert json.loads(line)["key"] == key
    assert line.isprintable()
    assert "ä 画.png" in line


def test_every_character_without_a_shape_of_its_own_is_escaped() -> None:
    """Any character of Unicode's control and format classes that a list omits could be misused."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    for character in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(character) in kinds:
            line = serialized({"key": character})
            assert line.isascii(), hex(ord(character))
            assert json.loads(line)["key"] == character, hex(ord(character))
    assert serialized({"key": "ä 画"}) == '{"key":"ä 画"}'


def test_timestamps_are_in_rfc_3339(
    container: Container, aws: FakeAws, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Lambda's level filter treats a line with another timestamp format as INFO."""
    container.invoke(upload(aws, "originals/a.png", picture()))
    (line,) = lines()
    moment = datetime.fromisoformat(line["timestamp"])
    assert "T" in line["timestamp"]
    assert moment.utcoffset() is not None
