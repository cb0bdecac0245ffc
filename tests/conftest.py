"""Fixtures that more than one test module uses."""

from __future__ import annotations

import pytest

from components.producer import package
from recording.recording import Recording, record


@pytest.fixture(scope="session", autouse=True)
def layer() -> None:
    """The program refuses to be defined without its layer; build it as `make layer` does."""
    package.build_layer("arm64")


@pytest.fixture(scope="session")
def dev(layer: None) -> Recording:
    """The real program with `Pulumi.dev.yaml`."""
    return record("dev")


@pytest.fixture(scope="session", params=["dev", "sandbox"])
def program(request: pytest.FixtureRequest, layer: None) -> Recording:
    """The real program with each stack file that is shipped."""
    return record(request.param)
