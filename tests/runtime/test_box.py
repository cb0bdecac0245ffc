"""The layer and the archive as Lambda runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.handler.conftest import upload
from tests.handler.pictures import HERE, quadrants, saved
from tests.runtime.box import isolates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.runtime.box import Box
    from tests.runtime.services import Services

pytestmark = pytest.mark.xdist_group("runtime")

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "AVIF", "HEIC")


def original(format_: str) -> bytes:
    if format_ == "HEIC":
        return (HERE / "quadrants.heic").read_bytes()
    return saved(quadrants(), format_)


@pytest.mark.parametrize("output", ["jpeg", "webp", "png", "avif"])
def test_every_format_becomes_thumbnails_in_every_format(
    box: Callable[..., Box], services: Services, output: str
) -> None:
    """The layer must hold everything that any code path loads, and the child process must find
    it.
    """
    function = box(FORMATS=output)
    batch = [
        upload(services, f"originals/a.{format_}", original(format_), format_)
        for format_ in FORMATS
    ]
    assert function.invoke(*batch) == ("response", {"batchItemFailures": []})
    assert {line["key"]: line["outcome"] for line in function.lines()} == {
        f"originals/a.{format_}": "done" for format_ in FORMATS
    }
    assert len(services.objects) == 4 * len(FORMATS)


def test_the_function_sees_what_lambda_shows_it(
    box: Callable[..., Box], services: Services, tmp_path: Path
) -> None:
    """A box with more rights than Lambda would hide what fails in Lambda."""
    (tmp_path / "probe.py").write_text(PROBE)
    tmp_path.chmod(0o755)
    function = box(handler="probe.handler", task=tmp_path)
    kind, seen = function.invoke()
    assert kind == "response"
    if not isolates():
        pytest.skip("this machine allows no namespaces: no root")
    assert seen["user"] == 993
    assert seen["writable"] == ["/tmp"]  # noqa: S108 - Lambda's own
    assert seen["shared_memory"] is False
    assert seen["path"][:2] == ["/var/task", "/opt/python/lib/python3.13/site-packages"]
    assert seen["boto3"].startswith("/var/lang/lib/")


PROBE = """
import os, sys, boto3
PLACES = ("/", "/opt", "/opt/python", "/var/task", "/var/lang", "/usr", "/etc", "/tmp", "/dev")
def handler(event, context):
    return {
        "user": os.getuid(),
        "writable": [each for each in PLACES if os.access(each, os.W_OK)],
        "shared_memory": os.path.exists("/dev/shm"),
        "path": [each for each in sys.path if "/var/runtime" not in each],
        "boto3": boto3.__file__,
    }
"""
