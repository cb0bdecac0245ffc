"""Time and memory of a run over many keys: python -m tests.reconcile.measure [KEYS].

Both accounts are in memory, behind real boto3 clients (tests.reconcile.aws); the listings are made
page by page and never held. One picture in a hundred lacks its thumbnails and is sent.
"""

from __future__ import annotations

import contextlib
import io
import resource
import sys
import tempfile
import time
from typing import Any
from unittest.mock import patch

from reconcile import command
from reconcile import run as running
from tests.reconcile.aws import NEWER, OLD, PAGE, Memory

FORMS = ("", "!", "/b.jpg", "/b/c.jpg")  # keys that lie in each other's way
NAMES = ("large.jpg", "small.jpg")
EVERY = 100


class Made(Memory):
    """A bucket of `groups` times four originals, listed without being held."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups
        self.accepted = 0

    def _list_objects_v2(self, asked: dict[str, Any]) -> dict[str, Any]:
        originals = asked["Prefix"] == "originals/"
        each = len(FORMS) if originals else len(FORMS) * len(NAMES)
        first = int(asked.get("ContinuationToken", 0))
        groups = range(first, min(first + PAGE // each, self.groups))
        keys = (key for number in groups for key in _keys(number, originals=originals))
        when = OLD if originals else NEWER
        size = 1_000_000 if originals else 5_000
        more = groups.stop < self.groups
        return {
            "Contents": [
                {"Key": asked["Prefix"] + key, "Size": size, "LastModified": when, "ETag": '"e"'}
                for key in keys
            ],
            "IsTruncated": more,
        } | ({"NextContinuationToken": str(groups.stop)} if more else {})

    def _send_message_batch(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.accepted += len(asked["Entries"])
        return {"Successful": [], "Failed": []}


def _keys(number: int, *, originals: bool) -> list[str]:
    name = f"{number:08d}"
    if originals:
        return [name + form for form in FORMS]
    if number % EVERY == 0:
        return []
    return sorted(f"{name}{form}/{size}" for form in FORMS for size in NAMES)


def run(made: Made) -> float:
    """One run, its output thrown away; the seconds of one core that it took."""
    began = time.process_time()
    with (
        tempfile.TemporaryDirectory() as work,
        patch.object(command, "connect", lambda *_: made.access()),
        patch.object(running, "LOOK", 0),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        command.main(["run", "--yes", "--work", work])
    return time.process_time() - began


def measure(keys: int) -> str:
    """One run over `keys` originals, as a line."""
    made = Made(keys // len(FORMS))
    seconds = run(made)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    listed = 2 * 3 * keys  # once before and once after: the originals, and two thumbnails of each
    return (
        f"{keys:,} originals, {listed:,} keys listed, {made.accepted:,} sent: {seconds:.0f} s of "
        f"one core ({listed / seconds:,.0f} keys a second), {megabytes:.0f} MB at most"
    )


def sending(messages: int = 20_000) -> str:
    """A bucket without thumbnails: how many messages a second are compared and sent."""
    made = Made(messages // len(FORMS))
    with patch.object(sys.modules[__name__], "EVERY", 1):
        rate = made.groups * len(FORMS) / run(made)
    return f"{made.accepted:,} messages compared and sent: {rate:,.0f} a second on one core"


if __name__ == "__main__":
    print(sending())
    for count in (int(float(word)) for word in sys.argv[1:] or ("1e6",)):
        print(measure(count), flush=True)
