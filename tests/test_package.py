"""The function's archive and its layer: what is in them, and what happens when they are not."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pulumi
import pytest

from components import package

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def real() -> bytes:
    """The project's own layer, built before."""
    return package.build_layer("arm64").read_bytes()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, so that the real layer stays where it is.

    Below a folder whose name is left out of layers: where the project lies means nothing.
    """
    project = tmp_path / "bin"
    project.mkdir()
    for name in ("RECIPE", "REQUIREMENTS"):
        copy = project / getattr(package, name).name
        copy.write_bytes(getattr(package, name).read_bytes())
        monkeypatch.setattr(package, name, copy)
    monkeypatch.setattr(package, "PROJECT", project)
    monkeypatch.setattr(package, "LAYERS", project / "build" / "layer")
    return project


def test_the_archive_is_the_handlers_python_files_and_nothing_else() -> None:
    """One stray .pyc changes the archive's hash and deploys the function again."""
    (package.HANDLER / "__pycache__").mkdir(exist_ok=True)
    names = set(package.function_archive().assets)
    assert {"handler/__init__.py", "handler/entry.py", "handler/thumbs.py"} <= names
    assert all(name.startswith("handler/") and name.endswith(".py") for name in names)
    assert not [name for name in names if "__pycache__" in name]


def test_the_same_requirements_give_the_same_bytes(real: bytes, elsewhere: Path) -> None:
    """The preview and the deployment build it on two machines; a new hash is a new layer."""
    again = package.build_layer("arm64")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(real).digest()


def test_the_layer_holds_what_lambda_loads_and_nothing_compiled_here() -> None:
    """A layer for this machine's processor imports nothing there."""
    with zipfile.ZipFile(package.build_layer("arm64")) as layer:
        names = layer.namelist()
        assert {entry.date_time for entry in layer.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "python/PIL/Image.py" in names
    assert "python/aws_lambda_powertools/__init__.py" in names
    assert not [name for name in names if name.endswith(".pyc")]
    shared = [name for name in names if ".so" in name and name.startswith("python/PIL/")]
    assert shared
    assert all("aarch64" in name for name in shared)


def test_a_missing_layer_is_an_error_with_the_remedy(elsewhere: Path) -> None:
    """An empty archive would deploy and then fail on each picture."""
    with pytest.raises(pulumi.RunError, match=r"is missing: .* run `make layer ARCH=x86_64`"):
        package.layer_archive("x86_64")


@pytest.mark.parametrize("changed", ["REQUIREMENTS", "RECIPE"])
def test_a_stale_layer_is_an_error_with_the_remedy(elsewhere: Path, changed: str) -> None:
    """The function would run with last month's Pillow and nobody would know."""
    built = package.layer_path("arm64")
    built.parent.mkdir(parents=True)
    built.touch()
    package.layer_archive("arm64")
    getattr(package, changed).write_text("# changed\n", encoding="utf-8")
    with pytest.raises(pulumi.RunError, match=rf"is stale: only {built.name}, .* run `make layer"):
        package.layer_archive("arm64")
