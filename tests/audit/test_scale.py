"""A hundred thousand events: bounded memory, whatever the number of files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.audit.measure import MEASURED, URI, write_export

pytestmark = pytest.mark.xdist_group("scale")  # one worker writes the files once
EVENTS = 100_000
MEGABYTES = 200


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    assert write_export(folder, EVENTS) >= EVENTS
    return folder


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured as Linux says it")
@pytest.mark.parametrize(
    ("words", "found"), [(["who", "--since", "7d"], "rows"), (["trace", URI], "steps")]
)
def test_a_hundred_thousand_events_take_less_than_200_mb(
    large: Path, words: list[str], found: str
) -> None:
    """An auditor's laptop reads a year as it reads a day: one record at a time."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words, "--from", str(large), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)[found]
    assert int(done.stderr.split()[-1]) / 1024 <= MEGABYTES
