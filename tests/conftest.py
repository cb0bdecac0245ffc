"""Fixtures that more than one test module uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from components.producer import package
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording


@pytest.fixture(scope="session", autouse=True)
def layer() -> None:
    """The program refuses to be defined without its layer; build it as `make layer` does."""
    package.build_layer("arm64")


@pytest.fixture(scope="session")
def dev(layer: None) -> Recording:
    """The real program on the tests' stack dev."""
    return record("dev")


@pytest.fixture(scope="session", params=["dev", "sandbox"])
def program(request: pytest.FixtureRequest, layer: None) -> Recording:
    """The real program on two stacks of the tests."""
    return record(request.param)
