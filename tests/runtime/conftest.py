"""The function in the box; skipped with the reason if there is no Python of Lambda's version."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.runtime import deployed as parts
from tests.runtime.box import Box
from tests.runtime.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.runtime.deployed import Deployed


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """What is deployed, unpacked."""
    if reason := parts.missing():
        if os.environ.get("THUMBX_RUNTIME") == "required":
            pytest.fail(f"the gate must run the function as Lambda does: {reason}")
        pytest.skip(reason)
    return parts.deployed()


@pytest.fixture
def services() -> Iterator[Services]:
    """An AWS with one bucket, to which the function in the box connects."""
    started = Services()
    yield started
    started.close()


@pytest.fixture
def box(deployed: Deployed, services: Services) -> Iterator[Callable[..., Box]]:
    """Start boxes; they end with the test."""
    started: list[Box] = []

    def start(**options: object) -> Box:
        made = Box(deployed, services, **options)  # type: ignore[arg-type]
        started.append(made)
        return made.started()

    yield start
    for each in started:
        each.__exit__(None, None, None)
