"""The function reads exactly the messages that reconcile sends."""

from __future__ import annotations

from handler.events import read_message
from reconcile import sending
from tests.handler.conftest import message


def test_the_function_reads_what_reconcile_sends() -> None:
    """The two halves of one format are written in two folders."""
    (upload,) = read_message(message(body=sending.message("b", "originals/ä b.jpg", "r1")))
    assert (upload.bucket, upload.key, upload.run) == ("b", "originals/ä b.jpg", "r1")
