"""The bootstrap of each account of the example, as it registers itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from proof.variants import BOOTSTRAP
from tests.recorded import record

if TYPE_CHECKING:
    from recording.recording import Recording

HERE = Path(__file__).parent
SIDES = ("producer", "storage")
WIDEST = {stack.removeprefix("dev-"): told for stack, told in BOOTSTRAP.values()}
# Every option of the program that makes another type of resource, and prefixes of its own.
EVERYTHING = {
    "storage.encryption": "kms",
    "access.origins": ["https://pictures.example.com"],
    "thumbnails.originalsPrefix": "in/",
    "thumbnails.thumbnailsPrefix": "out/",
    "watch.alertEmail": "pictures@example.com",
}


@pytest.hookimpl(tryfirst=True)  # before xdist, which writes the group into the name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for all, or each would record for itself."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("bootstrap"))


@pytest.fixture(scope="session", params=SIDES)
def side(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def bootstrap(side: str) -> Recording:
    """The bootstrap with the settings of the tests' stack files."""
    return record(f"dev-{side}", project="bootstrap")


@pytest.fixture(scope="session")
def widest(side: str) -> Recording:
    """With every option that gives a role more."""
    return record(f"dev-{side}", WIDEST[side], project="bootstrap")


@pytest.fixture(scope="session")
def program() -> Recording:
    return record("dev", EVERYTHING)


@pytest.fixture(scope="session")
def adopting() -> Recording:
    """On an existing bucket."""
    return record("dev", {"storage.bucket": "their-pictures"})
