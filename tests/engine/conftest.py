"""If there is no engine, its tests are skipped with one line."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from components.producer import package
from tests.engine.changes import CHANGES
from tests.engine.engine import Engine, engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.engine.engine import Start


@pytest.fixture(scope="session")
def both_layers(layer: None) -> None:
    """One of the options is the architecture."""
    for each in CHANGES["function.architecture"].values():
        package.build_layer(each)


@pytest.fixture
def start(layer: None, tmp_path: Path) -> Iterator[Start]:
    """Start an engine on a stack of the tests, with options of its own."""
    if not shutil.which("pulumi"):
        pytest.skip("the engine's tests: no `pulumi` on the PATH; `make engine` builds one")
    with ExitStack() as running:

        def started(stack: str, **arguments: Any) -> Engine:
            folder = tmp_path / f"{stack}-{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            return running.enter_context(engine(folder, stack, **arguments))

        yield started
