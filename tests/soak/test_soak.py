"""The soak finds lost pictures; `make soak` runs it for 10,000 deliveries."""

from __future__ import annotations

from typing import Any

import pytest

import handler.batch
from tests.soak.simulation import Soak

pytestmark = pytest.mark.timeout(300)


@pytest.mark.slow
def test_nothing_is_lost_under_faults() -> None:
    """Duplicates, reordering, kills, throttles, expired tokens and deletes, all at once."""
    count = Soak(7).run(200, 100)
    assert count.deliveries >= 200
    assert count.kills
    # Rarer faults, such as expired tokens and deletes, come in a longer run.
    assert {"SlowDown", "duplicates", "replacements"} <= set(count.faults)
    assert count.right > 50
    assert count.refused
    assert count.lost == []


@pytest.mark.slow
def test_a_handler_that_reports_no_failure_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A soak that cannot fail would prove nothing."""
    real = handler.batch.Batch.run

    def run(batch: handler.batch.Batch, *given: Any) -> dict[str, Any]:
        real(batch, *given)
        return {}

    monkeypatch.setattr(handler.batch.Batch, "run", run)
    monkeypatch.setattr("tests.soak.simulation.DENIED", 0.3)
    assert Soak(7).run(60, 60).lost
