"""Fixtures that more than one test module uses.

Each imports its modules only when it is used, so that one part of the tests needs nothing of
another part.
"""

# ruff: noqa: PLC0415

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from recording.recording import Recording


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that share a module's fixture in one process, so that it is made once."""
    for item in items:
        if not isinstance(item, pytest.Function) or item.get_closest_marker("xdist_group"):
            continue
        found = item._fixtureinfo.name2fixturedefs.values()
        if any(each.scope == "module" for definitions in found for each in definitions):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def layer() -> None:
    """For tests that run the program itself, because the program needs its layer."""
    from tests import recorded

    recorded.build_layer()


@pytest.fixture(scope="session")
def dev() -> Recording:
    """The real program on the tests' stack dev."""
    from tests import recorded

    return recorded.record("dev")


@pytest.fixture(scope="session", params=["dev", "sandbox"])
def program(request: pytest.FixtureRequest) -> Recording:
    """The real program on two stacks of the tests."""
    from tests import recorded

    return recorded.record(request.param)
