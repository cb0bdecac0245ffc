"""The program, deployed into an emulator once for all tests that do not change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from recording.program import PROJECT
from sandbox import uploads
from sandbox.deployment import Deployment, deployed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.uploads import TimedUpload

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist, which writes the group into the name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for the emulator, because `-n` would start one in each worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="module")
def deployment(layer: None) -> Iterator[Deployment]:
    """The real program in its own emulator; the emulator's output is in build/e2e."""
    with deployed(log=PROJECT / "build" / "e2e" / "emulator.log") as deployment:
        yield deployment


@pytest.fixture(scope="module")
def rocket(deployment: Deployment) -> TimedUpload:
    """A picture that was processed; the attempts use it."""
    picture = PROJECT / "samples" / "rocket.jpg"
    upload = uploads.prepare(deployment, picture.name, picture.read_bytes())
    uploads.send(deployment, upload)
    uploads.wait(deployment, [upload])
    assert upload.seconds, upload.trouble
    deployment.about(upload.key, upload.smallest)
    return upload
