"""The matrix on the demo's page: who has no mouse reads the reasons too."""

from __future__ import annotations

import html
import re

from proof.matrix import JSON, Matrix
from proof.page import fragment
from tests.filled import filled


def test_every_reason_opens_by_keyboard_and_by_touch() -> None:
    """A title shows under a mouse alone; `summary` takes Enter and a finger."""
    matrix = Matrix.read(JSON)
    page = html.unescape(str(fragment(matrix)))
    told = "".join(re.findall(r"(?s)<details>(.*?)</details>", page))
    rows = sum(len(principals) for _, principals, _ in matrix.groups())
    assert len(re.findall(r'<summary aria-label="why, [^"]+">why</summary>', told)) == rows
    for outcome in filled(matrix.cells.values()):
        if outcome.because:
            said = ", ".join(outcome.because) if outcome.allowed else outcome.words
            assert said in told
